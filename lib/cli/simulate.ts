import { replay } from "../agent/mod.ts";
import type { JailEvent, JailSettings } from "../jail/mod.ts";
import { startLog } from "../log.ts";
import { printable, printableJson } from "../printable.ts";
import { type Command, UsageError, type Words } from "./command.ts";
import {
  firstTime,
  jailNamed,
  type PastConfig,
  pastFlags,
  readConfig,
  reportUnread,
  withFile,
} from "./past.ts";
import { printAll } from "./pager.ts";
import { Progress } from "./progress.ts";
import { count, formatSpan, formatTime, style, withLocalTimes } from "./render.ts";

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
    since: pastFlags.since,
    file: pastFlags.file,
    set: {
      value: "KEY=VALUE",
      about: "change a setting for this run, such as maxretry=3",
      many: true,
    },
    config: pastFlags.config,
    json: { about: "print one JSON object a line for each ban and unban" },
  },
  arity: [0, Infinity],
  async run(words) {
    startLog("error");
    const config = await readConfig(words);
    const { jails, areMeant } = await chooseJails(config, words);
    const now = Date.now();
    const first = firstTime(words, now);
    const progress = new Progress(words.has("json"));
    const result = await replay(
      { jails, agent: config.agent, first, now },
      (done) => progress.show(done),
    );
    progress.clear();
    reportUnread(result, areMeant ? jails : [], config.layers);
    const { events } = result;
    await printAll(words.has("json") ? events.map(toJson) : describeAll(events, jails));
    return 0;
  },
};

/** The jails to try, and whether somebody wants these: otherwise some may well have no log on this machine. */
async function chooseJails(config: PastConfig, words: Words) {
  const all = [...config.jails.values()];
  const named = words.operands.map((name) => jailNamed(config, name, "simulate"));
  const enabled = all.filter(({ enabled }) => enabled);
  const chosen = named.length > 0 ? named : enabled.length > 0 ? enabled : all;
  const path = words.value("file");
  if (path === undefined) return { jails: chosen, areMeant: chosen !== all };
  if (named.length === 0 && enabled.length === 0) {
    throw new UsageError("Cannot simulate --file: name the jail that is to read it");
  }
  return { jails: await withFile(chosen, path), areMeant: true };
}

function toJson(event: JailEvent): string {
  const { kind, time, ban } = event;
  return printableJson({
    event: kind,
    time: new Date(time).toISOString(),
    jail: ban.jail,
    host: ban.host,
    until: ban.until === null ? null : new Date(ban.until).toISOString(),
    failures: ban.failures,
    ...(kind === "spared" ? { reason: event.reason } : {}),
  });
}

/** What would have happened, event by event, and the sum of it. */
function* describeAll(
  events: readonly JailEvent[],
  jails: readonly JailSettings[],
): Generator<string> {
  for (const event of events) yield describe(event);
  const bans = events.filter(({ kind }) => kind === "ban");
  const hosts = new Set(bans.map(({ ban }) => ban.host));
  yield bans.length === 0
    ? `Nobody would have been banned by ${jails.map(({ name }) => name).join(", ")}.`
    : `\n${count(bans.length, "ban")} of ${count(hosts.size, "address")} by ${
      count(jails.length, "jail")
    }.`;
}

/** An event in lines that are safe to print. */
function describe(event: JailEvent): string {
  const { kind, time, ban } = event;
  const when = style.dim(formatTime(time));
  if (kind === "unban") return `${when}  unban  ${printable(ban.host)}  ${ban.jail}`;
  if (kind === "spared" || kind === "held") {
    const why = kind === "held"
      ? "there were too many at once"
      : `it ${withLocalTimes(event.reason)}`;
    return `${when}  ${kind.padEnd(6)} ${ban.host}  ${ban.jail}, for ${why}`;
  }
  const length = ban.until === null ? "for ever" : `for ${formatSpan(ban.until - ban.since)}`;
  const host = style.bold(printable(ban.host));
  return [
    `${when}  ${style.bad("ban")}    ${host}  ${ban.jail}, ${
      count(ban.failures, "failure")
    }, ${length}`,
    ...ban.lines.map((line) => style.dim(`    ${printable(line)}`)),
  ].join("\n");
}
