/** The protocol library that the extension is built on, against the real server; without VS Code. */

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { mkdtempSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { test } = require("node:test");
const { pathToFileURL } = require("node:url");

const rpc = require("vscode-languageserver-protocol/node");
const { serverCommand } = require("../out/server.js");
const manifest = require("../package.json");

const PROGRAM = process.env.TORCHSHAPE_LINT || "torchshape-lint";
const CODE = `import torch
from torch import nn

fc = nn.Linear(4 * 8, 10)
y = fc(torch.randn(2, 28))
`;

/** What VS Code answers when the server asks for the settings and nobody has set any. */
function defaults() {
  const found = {};
  for (const [name, { default: value }] of Object.entries(manifest.contributes.configuration.properties)) {
    const parts = name.split(".").slice(1);
    let table = found;
    for (const part of parts.slice(0, -1)) table = table[part] ??= {};
    table[parts.at(-1)] = value;
  }
  return found;
}

test("the command", () => {
  assert.deepEqual(serverCommand("", undefined), { command: "torchshape-lint", args: ["lsp"] });
  assert.equal(serverCommand("${workspaceFolder}/.venv/bin/x", "/home/me").command, "/home/me/.venv/bin/x");
});

test("findings, hints, lenses, fixes, and the settings of the manifest", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchshape-lint-"));
  writeFileSync(join(folder, "pyproject.toml"), "");
  const uri = pathToFileURL(join(folder, "net.py")).href;
  const { command, args } = serverCommand(PROGRAM, folder);
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const connection = rpc.createProtocolConnection(server.stdout, server.stdin);
  const messages = [];
  let settings = defaults();
  let published;
  const next = () => new Promise((resolve) => (published = resolve));
  connection.onNotification(rpc.PublishDiagnosticsNotification.type, (found) => published?.(found.diagnostics));
  connection.onNotification(rpc.ShowMessageNotification.type, (message) => messages.push(message.message));
  connection.onRequest(rpc.ConfigurationRequest.type, ({ items }) => items.map(() => settings));
  connection.onRequest(rpc.RegistrationRequest.type, () => null);
  connection.listen();
  await connection.sendRequest(rpc.InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "net" }],
    capabilities: { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } } },
  });
  await connection.sendNotification(rpc.InitializedNotification.type, {});

  let found = next();
  const document = { uri, languageId: "python", version: 1, text: CODE };
  await connection.sendNotification(rpc.DidOpenTextDocumentNotification.type, { textDocument: document });
  const diagnostics = await found;
  assert.deepEqual(diagnostics.map((d) => [d.range.start.line, d.code]), [[4, "TSL101"]]);
  const textDocument = { uri };
  const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
  const hints = await connection.sendRequest(rpc.InlayHintRequest.type, { textDocument, range });
  assert.ok(hints.some((hint) => String(hint.label).includes("10)")), JSON.stringify(hints));
  const actions = await connection.sendRequest(rpc.CodeActionRequest.type, {
    textDocument,
    range: diagnostics[0].range,
    context: { diagnostics },
  });
  assert.ok(actions.some((action) => action.title.includes("noqa") || action.title.startsWith("Silence")));
  assert.deepEqual(messages, []);

  found = next();
  settings = { ...settings, ignore: ["TSL101"] };
  await connection.sendNotification(rpc.DidChangeConfigurationNotification.type, { settings: null });
  assert.deepEqual(await found, []);

  await connection.sendRequest(rpc.ShutdownRequest.type);
  await connection.sendNotification(rpc.ExitNotification.type);
  assert.equal(await ended, 0);
  connection.dispose();
});
