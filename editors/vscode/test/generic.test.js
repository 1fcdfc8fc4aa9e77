/** A client that knows nothing of this server but its command, as "Generic LSP Client (v2)" is: `vscode` is played. */

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { test } = require("node:test");

const { opened, Position } = require("./vscode.js");

const PAGE = readFileSync(join(__dirname, "../../../docs/editors.md"), "utf8");
const SETTINGS = JSON.parse(/```json\n(\{\n  "glspc\.server\.command"[^`]*)```/.exec(PAGE)[1]);

test("what the page says is enough", { timeout: 120_000 }, async () => {
  const { told, document, folder, load } = opened({ settings: {} });
  const { LanguageClient } = load("vscode-languageclient/node");
  assert.equal(SETTINGS["glspc.server.command"], "torchshape-lint");
  const program = process.env.TORCHSHAPE_LINT || "torchshape-lint";
  const server = async () => spawn(program, SETTINGS["glspc.server.commandArguments"], { cwd: folder });
  const client = new LanguageClient("glspc", "Generic LSP Client", server, {
    documentSelector: SETTINGS["glspc.server.languageId"], // bare names of languages
    initializationOptions: SETTINGS["glspc.server.initializationOptions"],
  });
  const shown = new Promise((resolve) => told.diagnostics.event(resolve));
  await client.start();
  const { uri, found } = await shown;
  assert.equal(uri, String(document.uri));
  assert.deepEqual(found.map((d) => d.code?.value ?? d.code), ["TSL101", "TSL301"]); // the second is conditional
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
  assert.ok(await told.providers.registerHoverProvider.provideHover(document, new Position(4, 5), token));
  for (const name of ["registerInlayHintsProvider", "registerCodeLensProvider", "registerCodeActionsProvider"]) {
    assert.ok(told.providers[name], name);
  }
  assert.deepEqual(told.errors, []);
  await client.stop();
});
