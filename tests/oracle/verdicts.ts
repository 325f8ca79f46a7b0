/** What banjo makes of fail2ban's samples. */
import { parseAddress } from "../../lib/address.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { compileFilter, type Filter } from "../../lib/filter/filter.ts";
import type { Entry } from "../../lib/sources/entry.ts";
import type { Check } from "./samples.ts";
import { scanText } from "../filter/definitions.ts";

/** The present and the zone of fail2ban's tests. */
export const NOW = Date.parse("2005-08-14T10:00:00Z");
export const ZONE = "Europe/Zurich";

/** What was wrong about a line; undefined if nothing was. */
export type Fault = string | undefined;

/** Judges the checks of one filter with one set of options, in order: state is carried from line to line. */
export function judgeAll(definition: FilterDefinition, checks: readonly Check[]): Fault[] {
  const filter = compileFilter({ ...definition, logtimezone: ZONE });
  return checks.map((check) => faultOf(check, judge(filter, check)));
}

function judge(filter: Filter, check: Check): Finding[] {
  const findings: Finding[] = [];
  const emit = (finding: Finding) => void findings.push(finding);
  const context = { now: NOW, live: false };
  if (check.isFromJournal) filter.read(entryOf(check), context, emit);
  else scanText(filter, `${check.line}\n`, context, emit);
  return findings;
}

/** The entry that fail2ban shows its filters as this line. Some samples leave out the header, which entries have. */
function entryOf({ line, filter }: Check): Entry {
  const header = /^(\S+) ([^\s:[\]]+)(?:\[(\d+)\])?: (.*)$/s.exec(line);
  const program = filter.replace(/-.*$/, "");
  const [, host = "server", identifier = program, pid, text = line] = header ?? [];
  return { time: NOW, text, host, identifier, ...pid && { pid } };
}

/** Compares with what was expected. */
export function faultOf({ expected, isFromJournal }: Check, findings: readonly Finding[]): Fault {
  const failures = findings.filter((finding) => finding.kind !== "success");
  if (!expected.match) {
    return failures.length === 0 ? undefined : `taken for a failure of ${hostIn(failures[0]!)}`;
  }
  const [failure, another] = failures;
  if (failure === undefined) return "missed";
  if (another !== undefined) return "taken for two failures";
  const { host, user, time, attempts } = expected;
  if (host !== undefined && hostIn(failure) !== canonical(host)) {
    return `host ${hostIn(failure)} instead of ${host}`;
  }
  // An empty name is none.
  if (user !== undefined && (failure.user ?? "") !== user) {
    return `user ${failure.user} instead of ${user}`;
  }
  if (time && !isFromJournal && failure.time !== instantOf(time)) {
    return `time ${new Date(failure.time).toISOString()} instead of ${time}`;
  }
  const lines = failure.line.split("\n").length;
  // What a program prints does not have them.
  if (attempts !== undefined && failure.line !== "" && lines !== attempts) {
    return `${lines} lines instead of ${attempts}`;
  }
  return undefined;
}

function hostIn(failure: Exclude<Finding, { kind: "success" }>): string {
  return failure.kind === "failure" ? failure.host.replace(/^id:/, "") : failure.name;
}

function canonical(host: string): string {
  return parseAddress(host) ?? host;
}

/** The instant of a local time in the tests' zone. */
function instantOf(local: string): number {
  const [date, clock] = local.split("T") as [string, string];
  const [year, month, day] = date.split("-").map(Number);
  const [hour, minute, second] = clock.split(":").map(Number);
  const utc = Date.UTC(year!, month! - 1, day, hour, minute, Math.floor(second!));
  const offset = (instant: number) => wallClock(instant) - instant;
  return utc - offset(utc - offset(utc));
}

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  dateStyle: "short",
  timeStyle: "medium",
});

/** What clocks in the zone show, as if it were UTC. */
function wallClock(instant: number): number {
  const parts = Object.fromEntries(
    clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as Record<string, number>;
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
}
