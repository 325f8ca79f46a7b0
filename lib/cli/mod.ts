/** The command line: picks a command, reads its words, turns errors into messages and exit codes. */
import { nearest } from "../nearest.ts";
import { printable } from "../printable.ts";
import { helpOf, readWords } from "./command.ts";
import { commands, loadCommands } from "./commands.ts";

/** Runs the command that `args` name and returns the exit code: 0 fine, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    (name === undefined ? console.error : console.log)(await overview());
    return name === undefined ? 2 : 0;
  }
  const wanted = name === "--version" ? "version" : name;
  if (!Object.hasOwn(commands, wanted)) return complain(unknownCommand(name), 2);
  try {
    const command = await commands[wanted]!();
    if (rest.includes("--help") || rest.includes("-h")) {
      console.log(helpOf(command));
      return 0;
    }
    return await command.run(readWords(command, rest));
  } catch (error) {
    if (!(error instanceof Error)) return complain(String(error), 1);
    return complain(error.message, WRONG_WORDS.has(error.name) ? 2 : 1);
  }
}

/** The errors that are the user's to mend, by name: importing their classes would load the whole configuration. */
const WRONG_WORDS: ReadonlySet<string> = new Set(["UsageError", "ConfigError"]);

async function overview(): Promise<string> {
  const all = await loadCommands();
  const width = Math.max(...all.map(({ name, operands }) => name.length + operands.length)) + 3;
  return [
    "banjo bans the addresses that attack this server, as its logs tell.",
    "",
    "Usage: banjo COMMAND [OPERANDS] [FLAGS]",
    "",
    ...all.map(({ name, operands, summary }) =>
      `  ${`${name} ${operands}`.padEnd(width)}${summary}`
    ),
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
