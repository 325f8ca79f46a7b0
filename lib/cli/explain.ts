import {
  call,
  type EvidenceReport,
  type HostReport,
  MOST_EXPLAINED,
  type StandingReport,
} from "../control/mod.ts";
import { printable, printableJson } from "../printable.ts";
import { readHostOrId } from "./ban.ts";
import { fold } from "./columns.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { historyTable } from "./history.ts";
import { print } from "./pager.ts";
import {
  count,
  formatTime,
  grouped,
  ordinal,
  outputWidth,
  spanInWords,
  style,
  withLocalTimes,
} from "./render.ts";

/** `banjo explain IP` */
export const explain: Command = {
  name: "explain",
  operands: "IP",
  offers: "banned",
  summary: "Tell why an address is banned, or how close it is to that",
  details:
    "For each jail: the ban, where it is kept, the failures with their log lines and the patterns\n" +
    "that matched; who is never banned, and by which entry; and the bans of the past.",
  flags: { ...sharedFlags.runtime, ...sharedFlags.json },
  arity: [1, 1],
  async run(words) {
    const host = readHostOrId(words.operands[0]!);
    const report = await call(dirOf(words, "runtime"), "explain", { host });
    if (words.has("json")) console.log(printableJson(report));
    else await print(describeHost(report, Date.now(), outputWidth()));
    return 0;
  },
};

/** A report in words, in lines of a width. `now` in milliseconds since the epoch. */
export function describeHost(report: HostReport, now: number, width: number): string {
  const { jails, history } = report;
  // Why it is banned, before what other jails count.
  const sections = jails.filter(hasNews)
    .toSorted((one, other) => Number(one.ban === null) - Number(other.ban === null))
    .map((standing) => describeStanding(standing, report.host, width));
  const past = historyTable(
    history.filter((event) =>
      !jails.some(({ ban }) => ban !== null && ban.jail === event.jail && ban.since === event.since)
    ),
    width - 2,
  );
  return [
    verdict(report, now),
    ...sections,
    ...(past === undefined ? [] : [`${style.bold(headOf(report))}\n${indent(past)}`]),
  ].join("\n\n");
}

/** What stands above the bans of the past. */
function headOf({ host, jails, history }: HostReport): string {
  const head = jails.some(({ within }) => within > 0) ? "Bans in it" : "Before";
  return history.length < MOST_EXPLAINED
    ? head
    : `${head}, the newest; \`banjo history ${printable(host)}\` has all`;
}

function hasNews({ ban, failures, spared }: StandingReport): boolean {
  return ban !== null || failures.length > 0 || spared !== null;
}

/** The answer, before the details. */
function verdict(report: HostReport, now: number): string {
  const lists = report.listed.map(({ list, entry, isDryRun }) =>
    `${style.bold(report.host)} ${isOrWouldBe(isDryRun, "kept out")} by the blocklist ${list}` +
    (entry === report.host ? "" : `, which names ${entry}`) + (isDryRun ? DRY_RUN : ".")
  );
  return [...lists, verdictOfJails(report, now), ...besides(report)].join("\n");
}

/** What else an administrator should know who wonders about a host. */
function besides({ jails }: HostReport): readonly string[] {
  const within = jails.filter(({ within }) => within > 0)
    .map(({ jail, within }) => `${grouped(within)} by ${jail}`);
  const held = jails.filter(({ fuse, ban }) => fuse && ban === null).map(({ jail }) => jail);
  return [
    ...within.length === 0 ? [] : [`Banned in it: ${within.join(", ")}.`],
    ...held.map((jail) => style.warn(`The fuse of ${jail} holds bans now: see \`banjo status\`.`)),
  ];
}

function verdictOfJails({ host, jails }: HostReport, now: number): string {
  const name = style.bold(printable(host));
  const bans = jails.flatMap(({ ban }) => ban ?? []);
  if (bans.length > 0) {
    return bans.map(({ jail, until, firewall }) => {
      const isDryRun = firewall?.holds === null;
      return `${name} ${isOrWouldBe(isDryRun, "banned")} by ${jail}, ${
        until === null ? "for ever" : `for another ${spanInWords(Date.parse(until) - now, 2)}`
      }${isDryRun ? DRY_RUN : "."}`;
    }).join("\n");
  }
  const reasons = new Map<string, string[]>();
  for (const { jail, ignored, trusted } of jails) {
    const reason = ignored !== null
      ? `never banned: ${ignored.entry} is ${ignored.reason}`
      : trusted !== null
      ? `not banned for failures now: it ${withLocalTimes(trusted)}`
      : undefined;
    if (reason !== undefined) reasons.set(reason, [...reasons.get(reason) ?? [], jail]);
  }
  if (reasons.size > 0) {
    return Array.from(reasons, ([reason, by]) => {
      const scope = by.length === jails.length ? "" : ` (${by.join(", ")})`;
      return `${name} is ${style.good(printable(reason))}${scope}.`;
    }).join("\n");
  }
  const isNot = `${name} is ${style.good("not banned")}`;
  if (jails.some(({ within }) => within > 0)) return `${isNot} as a whole.`;
  const closest = jails.filter(({ failures }) => failures.some(({ counts }) => counts))
    .sort((one, other) => missing(one) - missing(other))[0];
  return closest === undefined
    ? `${isNot}, and no jail counts a failure of it.`
    : `${isNot}: ${count(missing(closest), "more failure")} within ${
      spanInWords(closest.findtime * 1000)
    } would lead to a ban by ${closest.jail}.`;
}

/** What happens to a host; nothing does in a dry run. */
function isOrWouldBe(isDryRun: boolean, what: string): string {
  return isDryRun ? `would be ${style.warn(what)}` : `is ${style.bad(what)}`;
}

const DRY_RUN = ": this is a dry run, and nothing is put in force.";

/** How many failures a ban takes still. */
function missing({ failures, maxretry }: StandingReport): number {
  return maxretry - failures.filter(({ counts }) => counts).length;
}

function describeStanding(
  standing: StandingReport,
  host: string,
  width: number,
): string {
  const { jail, ban, failures, maxretry, findtime, spared } = standing;
  const rows: [string, string][] = [];
  const rule = `${maxretry} within ${spanInWords(findtime * 1000, 2)} lead to a ban`;
  if (ban !== null) {
    rows.push(["since", `${formatTime(Date.parse(ban.since))}, for the ${ordinal(ban.bans)} time`]);
    rows.push(["until", ban.until === null ? "for ever" : formatTime(Date.parse(ban.until))]);
    if (ban.host !== host) rows.push(["banned", ban.host]);
    rows.push([
      "because",
      {
        failures: `${count(ban.failures, "failure")}; ${rule}`,
        manual: "an administrator said so",
        adopted: "it was in the firewall when the state was lost",
      }[ban.cause],
    ]);
    if (ban.firewall === null) rows.push(["kept in", "no firewall: it is no address"]);
    else {
      const { place, holds } = ban.firewall;
      rows.push(["kept in", holds === false ? `${place}, but it is not there` : place]);
    }
    if (ban.stopped !== null) {
      rows.push([
        "stopped",
        `${
          count(ban.stopped.packets, "packet")
        } of all hosts that ${jail} bans, since its rules were made`,
      ]);
    }
  } else if (failures.length > 0) {
    const counting = failures.filter(({ counts }) => counts).length;
    rows.push(["counted", `${count(counting, "failure")}; ${rule}`]);
    if (standing.host !== host) rows.push(["as", standing.host]);
  }
  if (spared !== null) {
    const time = formatTime(Date.parse(spared.time));
    rows.push([
      "spared",
      `${count(spared.times, "time")}, last ${time}: it ${withLocalTimes(spared.reason)}`,
    ]);
  }
  return [
    style.bold(jail),
    ...rows.flatMap(([name, text]) => row(name, printable(text), width)),
    ...describeEvidence([...ban?.evidence ?? [], ...failures], width),
  ].join("\n");
}

/** The lines, and then the patterns that matched them, by number where there are several. */
function describeEvidence(evidence: readonly EvidenceReport[], width: number): string[] {
  const patterns = [...new Set(evidence.flatMap(({ pattern }) => pattern ?? []))];
  const mark = (pattern: string | null) =>
    patterns.length < 2 ? "" : pattern === null ? "    " : `[${patterns.indexOf(pattern) + 1}] `;
  return [
    ...evidence.flatMap(({ time, line, pattern, counts }, index) => {
      const when = time === null ? "" : `${formatTime(Date.parse(time))} `;
      const age = time === null || counts ? "" : " (too old to count)";
      const text = line === null ? "(its line is not kept)" : line.split("\n").join(" ⏎ ");
      const name = index === 0 ? "log" : "";
      return row(name, mark(pattern) + printable(when + text) + age, width);
    }),
    ...patterns.flatMap((pattern, index) =>
      row(index === 0 ? "pattern" : "", mark(pattern) + printable(pattern), width).map(style.dim)
    ),
  ];
}

/** A row with its name before it, folded. */
function row(name: string, text: string, width: number): string[] {
  return fold(text, width - INDENT).map((line, index) =>
    (index === 0 ? `  ${name}` : "").padEnd(INDENT) + line
  );
}

const INDENT = 11;

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
