/** As much of the `vscode` module as the language client touches: one open document, and what is told about it. */

const { EventEmitter } = require("node:events");
const { mkdtempSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { URL, fileURLToPath, pathToFileURL } = require("node:url");

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end, ...rest) {
    if (rest.length) [start, end] = [new Position(start, end), new Position(...rest)];
    Object.assign(this, { start, end });
  }
}

class Uri {
  constructor(text) {
    const url = new URL(text);
    Object.assign(this, { text, scheme: url.protocol.slice(0, -1), path: url.pathname, authority: "", query: "", fragment: "" });
    this.fsPath = this.scheme === "file" ? fileURLToPath(text) : this.path;
  }
  static parse = (text) => new Uri(text);
  static file = (path) => new Uri(pathToFileURL(path).href);
  toString = () => this.text;
}

class Disposable {
  constructor(call) {
    this.dispose = call ?? (() => {});
  }
  static from = () => new Disposable();
}

class Emitter {
  #inner = new EventEmitter();
  event = (listener, self) => {
    const bound = listener.bind(self);
    this.#inner.on("event", bound);
    return new Disposable(() => this.#inner.off("event", bound));
  };
  fire = (value) => this.#inner.emit("event", value);
  dispose = () => this.#inner.removeAllListeners();
}

/** A class, function or enumeration that nobody looks into. */
function anything() {
  const made = class {
    constructor(...values) {
      this.values = values;
    }
  };
  return new Proxy(made, { get: (target, name) => (name in target ? target[name] : name === "prototype" ? {} : String(name)) });
}

function module_({ settings, folder, document }) {
  const told = { diagnostics: new Emitter(), errors: [], providers: {} };
  const events = {};
  const others = (known, fallback) => new Proxy(known, { get: (target, name) => (name in target ? target[name] : fallback(name)) });
  const event = (name) => (events[name] ??= new Emitter()).event;
  const quiet = (name) => (/^on(Did|Will)/.test(String(name)) ? event(name) : undefined);
  const collection = { set: (uri, found) => told.diagnostics.fire({ uri: String(uri), found }), delete() {}, clear() {}, dispose() {} };
  const configuration = (section) => ({
    get: (name, value) => (section ? settings[section] : settings)?.[name] ?? value,
    inspect: () => undefined,
    ...(section ? settings[section] : settings),
  });
  const known = {
    version: "1.82.0",
    Position,
    Range,
    Uri,
    Disposable,
    EventEmitter: Emitter,
    CancellationTokenSource: class {
      token = { isCancellationRequested: false, onCancellationRequested: event("cancel") };
      dispose() {}
      cancel() {}
    },
    env: { language: "en", appName: "test", clipboard: {} },
    workspace: others(
      {
        textDocuments: [document],
        notebookDocuments: [],
        workspaceFolders: [{ uri: Uri.file(folder), name: "test", index: 0 }],
        getConfiguration: configuration,
        getWorkspaceFolder: () => undefined,
        createFileSystemWatcher: () => others({ dispose() {} }, quiet),
        isTrusted: true,
      },
      quiet,
    ),
    window: others(
      {
        visibleTextEditors: [{ document }],
        tabGroups: others({ all: [] }, quiet),
        createOutputChannel: () => ({ append() {}, appendLine() {}, show() {}, dispose() {} }),
        withProgress: (_options, task) => task({ report() {} }, { onCancellationRequested: event("progress") }),
        showErrorMessage: (message) => told.errors.push(message),
        showWarningMessage: (message) => told.errors.push(message),
      },
      quiet,
    ),
    languages: others(
      { createDiagnosticCollection: () => collection, match: () => 1 },
      (name) =>
        /^register/.test(String(name))
          ? (_selector, provider) => ((told.providers[name] = provider), new Disposable())
          : quiet(name),
    ),
    commands: { registerCommand: () => new Disposable(), executeCommand: () => {} },
    extensions: { all: [], onDidChange: event("extensions") },
  };
  const cache = {};
  const vscode = new Proxy(known, { get: (target, name) => (name in target ? target[name] : (cache[name] ??= anything())) });
  return { vscode, told };
}

const CODE = `import torch
from torch import nn

fc = nn.Linear(4 * 8, 10)
y = fc(torch.randn(2, 28))
if len(__file__) > 9:
    torch.randn(2, 3).view(7)
`;

/** A folder with one open file; `load` is `require` for whoever wants `vscode`. */
function opened({ settings }) {
  const folder = mkdtempSync(join(tmpdir(), "torchshape-lint-"));
  writeFileSync(join(folder, "net.py"), CODE);
  const uri = Uri.file(join(folder, "net.py"));
  const document = { uri, languageId: "python", version: 1, getText: () => CODE, fileName: uri.fsPath, isClosed: false };
  const { vscode, told } = module_({ settings, folder, document });
  const load = (name) => {
    const before = Module._load;
    Module._load = (wanted, ...rest) => (wanted === "vscode" ? vscode : before(wanted, ...rest));
    for (const known of Object.keys(require.cache)) {
      if (!known.startsWith(__dirname)) delete require.cache[known]; // they hold the module of another test
    }
    try {
      return require(name);
    } finally {
      Module._load = before;
    }
  };
  return { told, document, folder, load };
}

module.exports = { opened, Position };
