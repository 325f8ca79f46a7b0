/** What every command of the command line is made of, and how its words are read. */
import { parseArgs as parse } from "@std/cli/parse-args";
import { parseDuration } from "../config/duration.ts";
import { nearest } from "../nearest.ts";
import { wrap, wrapList } from "./wrap.ts";

/** What a shell offers where a word is due: files, folders, what the running agent knows, or these words. */
export type Completion = "files" | "folders" | "jails" | "banned" | readonly string[];

/** A flag of a command. `value` names what follows it, such as `DIR`; without it the flag is a switch. */
export interface Flag {
  readonly about: string;
  readonly value?: string;
  /** What its value may be; nothing is offered where that is open. */
  readonly offers?: Completion;
  /** The flag may be given several times. */
  readonly many?: true;
}

/** One command of `banjo`. */
export interface Command {
  readonly name: string;
  /** Its operands as help shows them, such as `[JAIL]`. */
  readonly operands: string;
  /** What an operand may be. */
  readonly offers?: Completion;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More for its own help. */
  readonly details?: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** How many operands it takes. */
  readonly arity: readonly [least: number, most: number];
  /** Does the work and returns the exit code. */
  run(words: Words): Promise<number> | number;
}

/** A command's words, read. */
export interface Words {
  readonly operands: readonly string[];
  /** Whether a switch is on. */
  has(flag: string): boolean;
  /** A flag's value. */
  value(flag: string): string | undefined;
  /** All values of a flag that may be repeated. */
  values(flag: string): readonly string[];
}

/** The words make no sense; the message says which and what would. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Flags that several commands share. */
export const sharedFlags = {
  config: {
    config: { value: "DIR", offers: "folders", about: "configuration folder (default /etc/banjo)" },
  },
  state: {
    state: { value: "DIR", offers: "folders", about: "state folder (default /var/lib/banjo)" },
  },
  runtime: {
    runtime: {
      value: "DIR",
      offers: "folders",
      about: "folder of the control socket (default /run/banjo)",
    },
  },
  json: { json: { about: "print JSON for scripts" } },
} satisfies Record<string, Readonly<Record<string, Flag>>>;

/** Where things are unless a flag says otherwise. */
export const defaultDirs = {
  config: "/etc/banjo",
  state: "/var/lib/banjo",
  runtime: "/run/banjo",
} as const;

/**
 * Reads a command's words.
 * @throws {UsageError} on an unknown flag, a missing or repeated value, or too many or few operands.
 */
export function readWords(command: Command, args: readonly string[]): Words {
  const flags = Object.entries({ ...command.flags, help: { about: "" } as Flag });
  const known = flags.map(([name]) => name);
  const valued = flags.filter(([, flag]) => flag.value !== undefined).map(([name]) => name);
  const parsed = (parse as ParseArgs)(joinNegatives(args, valued), {
    string: [...valued, "_"],
    boolean: known.filter((name) => !valued.includes(name)),
    collect: valued,
    alias: { h: "help" },
    unknown(word, key) {
      if (key === undefined || !word.startsWith("-")) return true;
      throw new UsageError(unknownFlag(command, word, known));
    },
  });
  const operands = parsed._.map(String);
  for (const [name, flag] of flags) {
    const values = parsed[name];
    if (!Array.isArray(values)) continue;
    if (values.includes("")) {
      throw new UsageError(`Cannot read --${name}: it needs a value, ${flag.value}`);
    }
    if (values.length > 1 && !flag.many) {
      throw new UsageError(`Cannot read --${name}: it was given ${values.length} times`);
    }
  }
  if (parsed.help !== true) checkArity(command, operands);
  const valuesOf = (flag: string) => (parsed[flag] as string[] | undefined) ?? [];
  return {
    operands,
    has: (flag) => parsed[flag] === true,
    value: (flag) => valuesOf(flag)[0],
    values: valuesOf,
  };
}

/** The folder that a flag names, or its default. */
export function dirOf(words: Words, which: keyof typeof defaultDirs): string {
  return words.value(which) ?? defaultDirs[which];
}

/** The time that `--since DURATION` means, in milliseconds since the epoch; undefined without the flag. */
export function sinceOf(words: Words, now: number): number | undefined {
  const since = words.value("since");
  if (since === undefined) return undefined;
  try {
    return now - parseDuration(since);
  } catch (error) {
    throw new UsageError(`Cannot read --since: ${(error as Error).message}`);
  }
}

/** A command's own help, in lines that are no wider. */
export function helpOf({ name, operands, summary, details, flags }: Command, width = 100): string {
  const rows = [...Object.entries(flags), ["help", { about: "print this" } as Flag] as const]
    .map(([flag, { value, about }]) =>
      [`  --${flag}${value === undefined ? "" : ` ${value}`}`, about] as const
    );
  return [
    ...wrap(summary, width),
    "",
    `Usage: banjo ${usageOf({ name, operands })}`,
    ...(details === undefined ? [] : ["", ...wrap(details, width)]),
    "",
    "Flags:",
    ...wrapList(rows, width),
  ].join("\n");
}

function usageOf({ name, operands }: Pick<Command, "name" | "operands">): string {
  return [name, operands, "[FLAGS]"].filter(Boolean).join(" ");
}

function unknownFlag(command: Command, word: string, known: readonly string[]): string {
  const name = word.replace(/^-+/, "").replace(/=.*$/s, "");
  const guess = nearest(name, known);
  return `Cannot read ${word}: \`banjo ${command.name}\` has no such flag` +
    (guess === undefined
      ? `; \`banjo ${command.name} --help\` lists them`
      : `; did you mean --${guess}?`);
}

/** `--for -1` as `--for=-1`, and `--from -` as `--from=-`: these are values, though they begin like flags. */
function joinNegatives(args: readonly string[], valued: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of args) {
    const last = joined.at(-1);
    const takesValue = last?.startsWith("--") && valued.includes(last.slice(2));
    if (takesValue && /^-(?:\d|$)/.test(word)) joined[joined.length - 1] = `${last}=${word}`;
    else joined.push(word);
  }
  return joined;
}

function checkArity(command: Command, operands: readonly string[]): void {
  const [least, most] = command.arity;
  if (operands.length >= least && operands.length <= most) return;
  const fault = operands.length < least ? "something is missing" : "there is too much";
  throw new UsageError(
    `Cannot run \`banjo ${command.name}\`: ${fault}; usage: banjo ${usageOf(command)}`,
  );
}

/** The part of parse_args.js that is used; the npm edition carries no types. */
type ParseArgs = (
  args: string[],
  options: {
    readonly string: readonly string[];
    readonly boolean: readonly string[];
    readonly collect: readonly string[];
    readonly alias: Readonly<Record<string, string>>;
    readonly unknown: (word: string, key?: string, value?: unknown) => unknown;
  },
) => { readonly _: readonly (string | number)[] } & Record<string, unknown>;
