/** The command line: picks a command, reads its words, turns errors into messages and exit codes. */
import { ConfigError } from "../config/mod.ts";
import { RpcError, Unreachable } from "../control/mod.ts";
import { nearest } from "../nearest.ts";
import { printable } from "../printable.ts";
import { ban } from "./ban.ts";
import { bans } from "./bans.ts";
import { check } from "./check.ts";
import { type Command, helpOf, readWords, UsageError } from "./command.ts";
import { importCommand } from "./import.ts";
import { reload } from "./reload.ts";
import { run } from "./run.ts";
import { simulate } from "./simulate.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { test } from "./test.ts";
import { unban } from "./unban.ts";
import { version } from "./version.ts";

/** In the order that help lists them. */
const commands: readonly Command[] = [
  run,
  status,
  bans,
  ban,
  unban,
  reload,
  check,
  test,
  simulate,
  importCommand,
  stop,
  version,
];

/** Runs the command that `args` name and returns the exit code: 0 fine, 1 failed, 2 wrong usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    (name === undefined ? console.error : console.log)(overview());
    return name === undefined ? 2 : 0;
  }
  const wanted = name === "--version" ? "version" : name;
  const command = commands.find((command) => command.name === wanted);
  if (command === undefined) return complain(unknownCommand(name), 2);
  try {
    if (rest.includes("--help") || rest.includes("-h")) {
      console.log(helpOf(command));
      return 0;
    }
    return await command.run(readWords(command, rest));
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigError) {
      return complain(error.message, 2);
    }
    if (error instanceof Unreachable || error instanceof RpcError) {
      return complain(error.message, 1);
    }
    return complain(error instanceof Error ? error.message : String(error), 1);
  }
}

function overview(): string {
  const width = Math.max(...commands.map(({ name, operands }) => name.length + operands.length)) +
    3;
  return [
    "banjo bans the addresses that attack this server, as its logs tell.",
    "",
    "Usage: banjo COMMAND [OPERANDS] [FLAGS]",
    "",
    ...commands.map(({ name, operands, summary }) =>
      `  ${`${name} ${operands}`.padEnd(width)}${summary}`
    ),
    "",
    "`banjo COMMAND --help` tells more.",
  ].join("\n");
}

function unknownCommand(name: string): string {
  const guess = nearest(name, commands.map(({ name }) => name));
  return `Cannot run ${JSON.stringify(name)}: no such command` +
    (guess === undefined ? "; `banjo --help` lists them" : `; did you mean \`banjo ${guess}\`?`);
}

function complain(message: string, code: number): number {
  for (const line of message.split("\n")) console.error(`banjo: ${printable(line)}`);
  return code;
}
