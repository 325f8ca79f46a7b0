import { replay } from "../agent/mod.ts";
import { formatProblem, loadConfig, type LoadedConfig, OVERRIDES } from "../config/mod.ts";
import type { JailEvent, JailSettings } from "../jail/mod.ts";
import { startLog } from "../log.ts";
import { nearest } from "../nearest.ts";
import { printable } from "../printable.ts";
import { type Command, dirOf, sharedFlags, sinceOf, UsageError, type Words } from "./command.ts";
import { Progress } from "./progress.ts";
import { count, formatTime, style } from "./render.ts";

/** How far back the logs are read unless --since says, in milliseconds: a week. */
const DEFAULT_SINCE = 7 * 86_400_000;

/** `banjo simulate [JAIL…]` */
export const simulate: Command = {
  name: "simulate",
  operands: "[JAIL...]",
  offers: "jails",
  summary: "Show whom the jails would have banned, from the logs of the past",
  details:
    "Reads the jails' own logs, or one file, through the code that `banjo run` uses. It changes\n" +
    "nothing and needs no root, only the right to read the logs. Without JAIL all enabled jails\n" +
    "are tried; where none is, all shipped ones whose logs are on this machine.",
  flags: {
    since: { value: "DURATION", about: "how far back to read (default 7d, with --file all of it)" },
    file: {
      value: "PATH",
      offers: "files",
      about: "read this file instead of the jails' own logs",
    },
    set: {
      value: "KEY=VALUE",
      about: "change a setting for this run, such as maxretry=3",
      many: true,
    },
    ...sharedFlags.config,
    json: { about: "print one JSON object a line for each ban and unban" },
  },
  arity: [0, Infinity],
  async run(words) {
    await startLog("warning");
    const config = await readConfig(words);
    const jails = await chooseJails(config, words);
    const now = Date.now();
    const first = firstTime(words, now);
    const progress = new Progress(words.has("json"));
    const { events, problems } = await replay(
      { jails, agent: config.agent, first, now },
      (done) => progress.show(done),
    );
    progress.clear();
    for (const problem of problems) console.error(`banjo: ${printable(problem)}`);
    if (!words.has("json")) report(events, jails);
    else for (const event of events) console.log(toJson(event));
    return 0;
  },
};

async function readConfig(words: Words): Promise<LoadedConfig> {
  const config = await loadConfig(dirOf(words, "config"), {
    isOptional: words.value("config") === undefined,
    overrides: words.values("set"),
  });
  const wrong = config.problems.filter(({ file }) => file === OVERRIDES);
  if (wrong.length > 0) throw new UsageError(wrong.map(formatProblem).join("\n"));
  for (const problem of config.problems) console.error(formatProblem(problem));
  return config;
}

async function chooseJails(config: LoadedConfig, words: Words): Promise<readonly JailSettings[]> {
  const all = [...config.jails.values()];
  const named = words.operands.map((name) => {
    const jail = config.jails.get(name);
    if (jail !== undefined) return jail;
    const guess = nearest(name, [...config.jails.keys()]);
    throw new UsageError(
      `Cannot simulate ${JSON.stringify(name)}: no such jail` +
        (guess === undefined ? "" : `; did you mean ${guess}?`),
    );
  });
  const enabled = all.filter(({ enabled }) => enabled);
  const chosen = named.length > 0 ? named : enabled.length > 0 ? enabled : all;
  const path = words.value("file");
  if (path === undefined) return chosen;
  if (named.length === 0 && enabled.length === 0) {
    throw new UsageError("Cannot simulate --file: name the jail that is to read it");
  }
  const { isDirectory } = await Deno.stat(path).catch((error: Error) => {
    throw new UsageError(`Cannot read --file: ${error.message}`);
  });
  if (isDirectory) throw new UsageError(`Cannot read --file: ${path} is a folder`);
  const file = await Deno.realPath(path);
  return chosen.filter(({ bannedBy, files, journalmatch }) =>
    bannedBy.length === 0 || files.length + journalmatch.length > 0
  ).map((jail) => ({ ...jail, files: [file], journalmatch: [] }));
}

/** Where reading begins, in milliseconds since the epoch. */
function firstTime(words: Words, now: number): number {
  return sinceOf(words, now) ??
    (words.value("file") === undefined ? now - DEFAULT_SINCE : -Infinity);
}

function toJson(event: JailEvent): string {
  const { kind, time, ban } = event;
  return JSON.stringify({
    event: kind,
    time: new Date(time).toISOString(),
    jail: ban.jail,
    host: ban.host,
    until: ban.until === null ? null : new Date(ban.until).toISOString(),
    failures: ban.failures,
    ...(kind === "spared" ? { reason: event.reason } : {}),
  });
}

function report(events: readonly JailEvent[], jails: readonly JailSettings[]): void {
  for (const event of events) {
    const { kind, time, ban } = event;
    const when = style.dim(formatTime(time));
    if (kind === "unban") {
      console.log(`${when}  unban  ${printable(ban.host)}  ${ban.jail}`);
      continue;
    }
    if (kind === "spared" || kind === "held") {
      const why = kind === "held" ? "there were too many at once" : `it ${event.reason}`;
      console.log(`${when}  ${kind.padEnd(6)} ${ban.host}  ${ban.jail}, for ${why}`);
      continue;
    }
    const end = ban.until === null ? "for ever" : `until ${formatTime(ban.until)}`;
    console.log(
      `${when}  ${style.bad("ban")}    ${style.bold(printable(ban.host))}  ${ban.jail}, ${
        count(ban.failures, "failure")
      }, ${end}`,
    );
    for (const line of ban.lines) console.log(style.dim(`    ${printable(line)}`));
  }
  const bans = events.filter(({ kind }) => kind === "ban");
  const hosts = new Set(bans.map(({ ban }) => ban.host));
  if (bans.length > 0) console.log();
  console.log(
    bans.length === 0
      ? `Nobody would have been banned by ${jails.map(({ name }) => name).join(", ")}.`
      : `${count(bans.length, "ban")} of ${
        hosts.size === 1 ? "1 address" : `${hosts.size} addresses`
      } by ${count(jails.length, "jail")}.`,
  );
}
