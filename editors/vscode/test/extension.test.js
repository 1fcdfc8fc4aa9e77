/** The extension itself with its language client, against the real server; `vscode` is played by `vscode.js`. */

const assert = require("node:assert/strict");
const { mkdtempSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { test } = require("node:test");

const { module_, Position, Uri } = require("./vscode.js");

const PROGRAM = process.env.TORCHSHAPE_LINT || "torchshape-lint";
const CODE = `import torch
from torch import nn

fc = nn.Linear(4 * 8, 10)
y = fc(torch.randn(2, 28))
`;

function load({ path }) {
  const folder = mkdtempSync(join(tmpdir(), "torchshape-lint-"));
  writeFileSync(join(folder, "net.py"), CODE);
  const uri = Uri.file(join(folder, "net.py"));
  const document = { uri, languageId: "python", version: 1, getText: () => CODE, fileName: uri.fsPath, isClosed: false };
  const played = module_({ settings: { "torchshape-lint": { path } }, folder, document });
  const before = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? played.vscode : before(name, ...rest));
  delete require.cache[require.resolve("../out/extension.js")];
  try {
    return { ...played, document, extension: require("../out/extension.js") };
  } finally {
    Module._load = before;
  }
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
