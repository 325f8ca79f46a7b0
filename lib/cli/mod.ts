/** The command line: picks a command, reads its words, turns errors into messages and exit codes. */
import { nearest } from "../nearest.ts";
import { printable } from "../printable.ts";
import { helpOf, readWords } from "./command.ts";
import { commands, loadCommands } from "./commands.ts";
import { wrapList } from "./wrap.ts";

/** Runs the command that `args` name and returns the exit code: 0 fine, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    console.error(await overview(MOST));
    return 2;
  }
  if (HELP.has(name)) return await help(rest[0]);
  const wanted = name === "--version" ? "version" : name;
  if (!Object.hasOwn(commands, wanted)) return complain(unknownCommand(name), 2);
  try {
    if (rest.includes("--help") || rest.includes("-h")) return await help(wanted);
    const command = await commands[wanted]!();
    return await command.run(readWords(command, rest));
  } catch (error) {
    if (!(error instanceof Error)) return complain(String(error), 1);
    return complain(error.message, WRONG_WORDS.has(error.name) ? 2 : 1);
  }
}

/** The errors that are the user's to mend, by name: importing their classes would load the whole configuration. */
const WRONG_WORDS: ReadonlySet<string> = new Set(["UsageError", "ConfigError"]);

/** The words that ask for help in place of a command. */
const HELP: ReadonlySet<string> = new Set(["help", "--help", "-h"]);

/** Wider lines of prose are hard to read. */
const MOST = 100;

/** Prints the help of a command, or of all. */
async function help(name: string | undefined): Promise<number> {
  if (name !== undefined && !Object.hasOwn(commands, name)) {
    return complain(unknownCommand(name), 2);
  }
  const { outputWidth } = await import("./render.ts");
  const width = Math.min(MOST, outputWidth());
  const text = name === undefined ? await overview(width) : helpOf(await commands[name]!(), width);
  const { print } = await import("./pager.ts");
  await print(text);
  return 0;
}

async function overview(width: number): Promise<string> {
  const all = await loadCommands();
  return [
    "banjo bans the addresses that attack this server, as its logs tell.",
    "",
    "Usage: banjo COMMAND [OPERANDS] [FLAGS]",
    "",
    ...wrapList(all.map(({ name, summary }) => [`  ${name}`, summary]), width),
    "",
    "`banjo COMMAND --help` tells more.",
  ].join("\n");
}

function unknownCommand(name: string): string {
  const guess = nearest(name, Object.keys(commands));
  return `Cannot run ${JSON.stringify(name)}: no such command` +
    (guess === undefined ? "; `banjo --help` lists them" : `; did you mean \`banjo ${guess}\`?`);
}

function complain(message: string, code: number): number {
  for (const line of message.split("\n")) console.error(`banjo: ${printable(line)}`);
  return code;
}
