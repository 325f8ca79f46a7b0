/** The past that `simulate` and `tune` read: the configuration, the logs and how far back. */
import type { Replay } from "../agent/mod.ts";
import {
  formatProblem,
  type Layer,
  loadConfig,
  type LoadedConfig,
  type LoadOptions,
  OVERRIDES,
  type Problem,
} from "../config/mod.ts";
import type { JailSettings } from "../jail/mod.ts";
import { nearest } from "../nearest.ts";
import { printable } from "../printable.ts";
import { dirOf, type Flag, sharedFlags, sinceOf, UsageError, type Words } from "./command.ts";
import { missingLogs } from "./missing_logs.ts";
import { reasonOf } from "../system_error.ts";

/** Flags that say which past. */
export const pastFlags = {
  since: { value: "DURATION", about: "how far back to read (default 7d, with --file all of it)" },
  file: {
    value: "PATH",
    offers: "files",
    about: "read this file instead of the jails' own logs",
  },
  ...sharedFlags.config,
} satisfies Readonly<Record<string, Flag>>;

/** What is to be said where no log could be read. */
const NOTHING_READ =
  "Nothing could be read: be root, or a member of the groups adm and systemd-journal, who may read logs";

/** What is to be said where there is no log at all. */
const NO_LOG = "Nothing could be read: none of these logs exists";

/** How far back the logs are read unless --since says, in milliseconds: a week. */
const DEFAULT_SINCE = 7 * 86_400_000;

/** The tables that each jail was put together from, by its name. */
type Layers = ReadonlyMap<string, readonly Layer[]>;

/** The configuration with its layers. */
export interface PastConfig extends LoadedConfig {
  readonly layers: Layers;
}

/**
 * The configuration, with what `--set` says; its problems go to standard error.
 * @throws {UsageError} where `--set` makes no sense for the jails that are named.
 */
export async function readConfig(words: Words): Promise<PastConfig> {
  const layers = new Map<string, readonly Layer[]>();
  const overrides = words.values("set");
  const load = (options: LoadOptions) =>
    loadConfig(dirOf(words, "config"), {
      isOptional: words.value("config") === undefined,
      ...options,
    });
  const config = await load({
    overrides,
    inspectJail: ({ name }, tables) => layers.set(name, tables),
  });
  // Not every jail can be what `--set` makes of it, nor need it, unless it is named.
  const { problems } = overrides.length === 0 ? config : await load({});
  const known = new Set(problems.map(formatProblem));
  const named = words.operands;
  const isMeant = ({ jail, file }: Problem) =>
    named.length === 0 ? file === OVERRIDES : jail === undefined || named.includes(jail);
  const wrong = config.problems.filter((problem) =>
    isMeant(problem) && !known.has(formatProblem(problem))
  );
  if (wrong.length > 0) throw new UsageError(wrong.map(formatProblem).join("\n"));
  for (const problem of problems) console.error(formatProblem(problem));
  return { ...config, layers };
}

/**
 * Says on standard error what could not be read or judged, and which logs of `jails` do not exist.
 * @throws {Error} where nothing could be read.
 */
export function reportUnread(
  { unread, problems, isBlind }: Replay,
  jails: readonly JailSettings[],
  layers: Layers,
): void {
  const missing = new Set(jails.flatMap((jail) => missingLogs([jail, layers.get(jail.name)!])));
  for (const problem of [...unread, ...problems]) console.error(`banjo: ${printable(problem)}`);
  for (const pattern of missing) console.error(`banjo: There is no ${printable(pattern)}`);
  if (isBlind) throw new Error(unread.length > 0 ? NOTHING_READ : NO_LOG);
}

/** A jail by its name. @throws {UsageError} where there is none; `to` is what was to be done with it. */
export function jailNamed(config: LoadedConfig, name: string, to: string): JailSettings {
  const jail = config.jails.get(name);
  if (jail !== undefined) return jail;
  const guess = nearest(name, [...config.jails.keys()]);
  throw new UsageError(
    `Cannot ${to} ${JSON.stringify(name)}: no such jail` +
      (guess === undefined ? "" : `; did you mean ${guess}?`),
  );
}

/**
 * The jails with `--file` in place of their own logs; those that only count bans have none and are left out.
 * @throws {UsageError} where the file cannot be read.
 */
export async function withFile(
  jails: readonly JailSettings[],
  path: string,
): Promise<readonly JailSettings[]> {
  const { isDirectory } = await Deno.stat(path).catch((error: Error) => {
    throw new UsageError(`Cannot read --file ${path}: ${reasonOf(error)}`);
  });
  if (isDirectory) throw new UsageError(`Cannot read --file: ${path} is a folder`);
  const file = await Deno.realPath(path);
  return jails.filter(readsLogs).map((jail) => ({ ...jail, files: [file], journalmatch: [] }));
}

/** Whether a jail has logs of its own, and does not only count other jails' bans. */
export function readsLogs({ bannedBy, files, journalmatch }: JailSettings): boolean {
  return bannedBy.length === 0 || files.length + journalmatch.length > 0;
}

/** Where reading begins, in milliseconds since the epoch. */
export function firstTime(words: Words, now: number): number {
  return sinceOf(words, now) ??
    (words.value("file") === undefined ? now - DEFAULT_SINCE : -Infinity);
}
