/** How the server is started; knows nothing of VS Code, so that a test can do the same. */

import { homedir } from "node:os";
import { join } from "node:path";

export interface Command {
  command: string;
  args: string[];
}

/** The program that the settings name; `${workspaceFolder}` and `~` are what they are in a shell. */
export function serverCommand(path: string, workspaceFolder: string | undefined): Command {
  let command = path.trim() || "torchshape-lint";
  if (workspaceFolder !== undefined) {
    command = command.replaceAll("${workspaceFolder}", workspaceFolder);
  }
  if (command.startsWith("~/")) {
    command = join(homedir(), command.slice(2));
  }
  return { command, args: ["lsp"] };
}
