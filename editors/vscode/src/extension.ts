/** Starts the server and leaves the rest to VS Code's own language client. */

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";

import { serverCommand } from "./server";

const NAME = "torchshape-lint";
let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand(`${NAME}.restart`, restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${NAME}.path`)) {
        void restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

async function start(): Promise<void> {
  const path = vscode.workspace.getConfiguration(NAME).get<string>("path", NAME);
  const command = serverCommand(path, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "python" },
      { scheme: "untitled", language: "python" },
      { notebook: "jupyter-notebook", language: "python" },
    ],
  };
  client = new LanguageClient(NAME, NAME, command, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(
      `${command.command} cannot be started: pip install 'torchshape-lint[lsp]', or set ${NAME}.path (${reason})`,
    );
  }
}
