/** The extension itself with its language client, against the real server; `vscode` is played by `vscode.js`. */

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { opened, Position } = require("./vscode.js");

const PROGRAM = process.env.TORCHSHAPE_LINT || "torchshape-lint";

function load({ path }) {
  const { load, ...played } = opened({ settings: { "torchshape-lint": { path } } });
  return { ...played, extension: load(require.resolve("../out/extension.js")) };
}

test("it starts the server, shows what it finds, and ends", { timeout: 120_000 }, async () => {
  const { extension, told, document } = load({ path: PROGRAM });
  const shown = new Promise((resolve) => told.diagnostics.event(resolve));
  await extension.activate({ subscriptions: [] });
  assert.deepEqual(told.errors, []);
  const { uri, found } = await shown;
  assert.equal(uri, String(document.uri));
  assert.equal(found.length, 1);
  const hover = told.providers.registerHoverProvider;
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
  assert.ok(await hover.provideHover(document, new Position(4, 5), token));
  for (const name of ["registerInlayHintsProvider", "registerCodeLensProvider", "registerCodeActionsProvider"]) {
    assert.ok(told.providers[name], name);
  }
  await extension.deactivate();
});

test("a server that is not there is a clear sentence", { timeout: 60_000 }, async () => {
  const { extension, told } = load({ path: "/no/such/torchshape-lint" });
  await extension.activate({ subscriptions: [] });
  assert.match(told.errors.join("\n"), /\/no\/such\/torchshape-lint cannot be started: pip install 'torchshape-lint\[lsp\]', or set torchshape-lint\.path \(/);
});
