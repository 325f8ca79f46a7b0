/** What `banjo tune` has found out, in words, as a table and as JSON. Nothing here prints. */
import { formatDuration } from "../config/duration.ts";
import { printable } from "../printable.ts";
import type { Legitimate, Recording, Suggestion, Trial } from "../tune/mod.ts";
import { count, formatMinute, spanInWords, style, table } from "./render.ts";
import { wrap } from "./wrap.ts";

/** All that was found out. */
export interface Tuning {
  readonly jail: string;
  readonly recording: Recording;
  readonly trials: readonly Trial[];
  /** What is in force. */
  readonly present: Trial;
  readonly suggestion: Suggestion | undefined;
}

/** So many legitimate addresses are shown; `--json` has all. */
const MOST_SHOWN = 10;

/** For people, in prose that is no wider. */
export function describeTuning(tuning: Tuning, width: number): string {
  const { jail, recording, suggestion } = tuning;
  if (recording.failures.size === 0) return `No failures of ${jail}: there is nothing to tune by.`;
  return [
    overview(tuning),
    legitimateOf(recording),
    gridOf(tuning),
    ...(suggestion === undefined
      ? ["There are too few attackers to suggest anything."]
      : [verdictOf(tuning, suggestion, width), ...tomlOf(jail, suggestion)]),
  ].join("\n\n");
}

/** For scripts. */
export function toJson({ jail, recording, trials, present, suggestion }: Tuning) {
  const thresholds = ({ maxretry, findtime }: Trial) => ({ maxretry, findtime: findtime / 1000 });
  const [first, last] = recording.span ?? [];
  return {
    jail,
    from: first === undefined ? null : new Date(first).toISOString(),
    to: last === undefined ? null : new Date(last).toISOString(),
    failures: total(recording.failures.values()),
    addresses: recording.failures.size,
    legitimate: recording.legitimate().map(({ host, by, times, user }) => ({
      host,
      by,
      times,
      user: user ?? null,
      failures: recording.failures.get(host)!,
    })),
    present: thresholds(present),
    trials: trials.map((trial) => ({
      ...thresholds(trial),
      bans: trial.bans,
      banned: trial.banned.size,
      spared: trial.spared,
      atRisk: trial.atRisk,
    })),
    suggestion: suggestion === undefined ? null : {
      ...thresholds(suggestion.trial),
      reasons: reasonsFor({ recording, present }, suggestion),
    },
  };
}

function overview({ jail, recording, present }: Tuning): string {
  const [first, last] = recording.span!;
  const failures = total(recording.failures.values());
  return `${style.bold(jail)}: ${count(failures, "failure")} of ${
    count(recording.failures.size, "address")
  }\nFrom ${formatMinute(first)} to ${formatMinute(last)}\n` +
    `In force: ${settings(present)}`;
}

function legitimateOf(recording: Recording): string {
  const all = recording.legitimate();
  if (!recording.tellsLegitimate) {
    return "The log shows no logins and no requests, so nothing tells legitimate users from others.";
  }
  if (all.length === 0) return "None of them seems to be a legitimate user's.";
  const rows = all.slice(0, MOST_SHOWN).map((each) => [
    `  ${each.host}`,
    count(recording.failures.get(each.host)!, "failure"),
    goodOf(each),
  ]);
  const heads = ["  LEGITIMATE, IT SEEMS", "FAILED", "AND ALSO"].map((head) => ({ head }));
  const more = all.length - rows.length;
  return table(heads, rows) + (more > 0 ? `\n  and ${more} more` : "");
}

function goodOf({ by, times, user }: Legitimate): string {
  if (by === "requests") return `${count(times, "request")} answered with 2xx`;
  return `${count(times, "login")}${user === undefined ? "" : `, as ${user}`}`;
}

/** Who would be banned, by maxretry downwards and findtime to the right. */
function gridOf({ trials, present, suggestion }: Tuning): string {
  const findtimes = [...new Set(trials.map(({ findtime }) => findtime))];
  const rows = Map.groupBy(trials, ({ maxretry }) => maxretry);
  const cell = (trial: Trial) => {
    const mark = trial === suggestion?.trial ? "+" : trial === present ? "*" : "";
    const risk = trial.atRisk.length === 0 ? "" : `/${trial.atRisk.length}`;
    return `${mark}${trial.banned.size}${risk}`;
  };
  const legend = suggestion === undefined
    ? "* in force"
    : suggestion.trial === present
    ? "+ in force, and suggested"
    : "* in force, + suggested";
  const grid = table(
    [
      { head: "MAXRETRY", align: "right" },
      ...findtimes.map((findtime) => ({
        head: formatDuration(findtime),
        align: "right" as const,
      })),
    ],
    Array.from(rows, ([maxretry, row]) => [maxretry, ...row.map(cell)]),
  );
  return "Who would be banned, by findtime; behind a slash: legitimate ones among them.\n" +
    `${legend}\n\n${grid}`;
}

function verdictOf(tuning: Tuning, suggestion: Suggestion, width: number): string {
  const { trial, present } = suggestion;
  const advice = trial === present ? "Leave it as it is" : "Suggested";
  return [
    style.bold(`${advice}: ${settings(trial)}.`),
    ...reasonsFor(tuning, suggestion).flatMap((reason) =>
      wrap(printable(reason), width - 2).map((line, index) => (index === 0 ? "- " : "  ") + line)
    ),
  ].join("\n");
}

/** Why, each reason a sentence. */
function reasonsFor(
  { recording, present }: Pick<Tuning, "recording" | "present">,
  { trial, tooStrict, pause }: Suggestion,
): readonly string[] {
  const isChange = trial !== present;
  const reasons: string[] = [];
  const more = trial.attackers - present.attackers;
  const than = !isChange || more === 0
    ? ""
    : `, ${Math.abs(more)} ${more > 0 ? "more" : "fewer"} than now`;
  reasons.push(`It bans ${count(trial.attackers, "attacker")}${than}.`);
  if (isChange && more > 0 && pause !== undefined && trial.findtime > present.findtime) {
    reasons.push(
      `Those come about once in ${spanInWords(pause)}: within ${
        spanInWords(present.findtime)
      } they are seldom seen ${present.maxretry} times.`,
    );
  }
  if (!isChange) reasons.push("Other thresholds ban hardly more, or hit more legitimate users.");
  const saved = present.atRisk.filter((host) => !trial.atRisk.includes(host));
  if (saved.length > 0) {
    reasons.push(`It no longer bans ${listed(saved)}, who ${seems(saved)} legitimate.`);
  }
  if (trial.atRisk.length > 0) {
    reasons.push(
      `It would still have banned ${listed(trial.atRisk)}, who ${
        seems(trial.atRisk)
      } legitimate: whom you know belongs in ignoreip.`,
    );
  } else if (recording.legitimate().length > 0) {
    reasons.push("No legitimate user that the log shows would have been banned.");
  }
  if (tooStrict !== undefined) {
    const hit = tooStrict.atRisk.filter((host) => !trial.atRisk.includes(host));
    reasons.push(`With maxretry = ${tooStrict.maxretry} it would hit ${listed(hit)} as well.`);
  }
  return reasons;
}

function tomlOf(jail: string, { trial, present }: Suggestion): readonly string[] {
  if (trial === present) return [];
  return [[
    "In a file in /etc/banjo/jails/, where the jail has its own settings:",
    "",
    `[${jail}]`,
    `maxretry = ${trial.maxretry}`,
    `findtime = ${JSON.stringify(formatDuration(trial.findtime))}`,
  ].join("\n")];
}

function settings({ maxretry, findtime }: Trial): string {
  return `maxretry = ${maxretry}, findtime = "${formatDuration(findtime)}"`;
}

function seems(hosts: readonly string[]): string {
  return hosts.length === 1 ? "seems" : "seem";
}

function listed(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 3).join(", ");
  return hosts.length > 3 ? `${shown} and ${hosts.length - 3} more` : shown;
}

function total(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
