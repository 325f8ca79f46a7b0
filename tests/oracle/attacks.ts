/** Logs of attacks: fail2ban's sample lines, at other times, from many hosts that come in bursts or slowly. */
import fc from "fast-check";
import type { Check } from "./samples.ts";

/** One line of a log. */
export interface LogLine {
  /** In seconds since the epoch. */
  readonly time: number;
  /** Who caused it; null for a line that is no attack. */
  readonly attacker: string | null;
  readonly text: string;
}

/** An attempt as it stands in a log: the lines of one session. */
interface Attempt {
  readonly lines: readonly string[];
  readonly host: string;
}

/** A log to be made. */
export interface AttackPlan {
  readonly checks: readonly Check[];
  /** The jail's findtime in seconds: attackers come often in it, or seldom. */
  readonly findtime: number;
  readonly seed: number;
}

/** When all attacks begin: far enough in the past for any machine's clock. */
const BEGIN = Date.UTC(2024, 4, 1, 12) / 1000;
const ATTACKERS = 40;

/** A log in the order of its times. The same plan gives the same log. */
export function makeLog({ checks, findtime, seed }: AttackPlan): readonly LogLine[] {
  const attempts = attemptsIn(checks);
  if (attempts.length === 0) throw new Error("Cannot make a log: no sample has a date with a year");
  // A step is an attempt after so many seconds; two of a host never come in one second.
  const soon = fc.integer({ min: 1, max: 9 });
  const later = fc.integer({ min: 10, max: Math.ceil(findtime * 1.1) });
  const attempt = fc.nat(attempts.length - 1);
  const burst = fc.array(fc.tuple(soon, attempt), { minLength: 1, maxLength: 5 });
  const slow = fc.array(fc.tuple(later, attempt), { minLength: 1, maxLength: 5 });
  const visits = fc.array(fc.oneof(burst, slow), { minLength: 1, maxLength: 5 });
  const begin = fc.nat(4 * findtime);
  const plans = fc.sample(fc.tuple(begin, visits), { seed, numRuns: ATTACKERS });
  const lines: LogLine[] = noiseIn(checks).map((text, index) => {
    const time = BEGIN + index * 13;
    return { time, attacker: null, text: atTime(text, time)! };
  });
  let session = 1000;
  for (const [index, [offset, visits]] of plans.entries()) {
    const attacker = addressOf(index);
    let time = BEGIN + offset;
    for (const visit of visits) {
      session++;
      for (const [step, which] of visit) {
        time += step;
        const attempt = attempts[which]!;
        for (const text of attempt.lines) {
          const moved = inSession(atTime(text, time)!, session);
          lines.push({ time, attacker, text: fromHost(moved, attempt.host, attacker) });
        }
      }
    }
  }
  return lines.sort((a, b) => a.time - b.time);
}

/** Of ten attackers, two come by IPv6, each from a network of its own, and one from a network that jails ignore. */
function addressOf(index: number): string {
  if (index % 5 === 1) return `2001:db8:0:${(index + 16).toString(16)}::7`;
  return `${index % 10 === 3 ? "203.0.113" : "198.51.100"}.${index + 1}`;
}

/** What matches, with the lines before it of the same session that do not match by themselves. */
function attemptsIn(checks: readonly Check[]): readonly Attempt[] {
  const attempts: Attempt[] = [];
  let before: Check[] = [];
  for (const check of checks) {
    if (before.length > 0 && sessionIn(before[0]!.line) !== sessionIn(check.line)) before = [];
    if (!check.expected.match) {
      if (sessionIn(check.line) !== undefined) before.push(check);
      continue;
    }
    const lines = [...before, check].map(({ line }) => line);
    before = [];
    const { host } = check.expected;
    if (host === undefined || check.line.split(host).length !== 2) continue;
    if (lines.every((line) => atTime(line, 0) !== undefined)) attempts.push({ lines, host });
  }
  return attempts;
}

/** What does not match. */
function noiseIn(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ expected }) => !expected.match).map(({ line }) => line).filter((line) =>
    atTime(line, 0) !== undefined
  );
}

/** A process or a connection, by its number. */
const SESSION = /(?<=\[(?:conn)?)\d+(?=\])/;

function sessionIn(line: string): string | undefined {
  return SESSION.exec(line)?.[0];
}

function inSession(line: string, session: number): string {
  return line.replace(SESSION, String(session));
}

/** The line as another host would have caused it. */
function fromHost(line: string, host: string, attacker: string): string {
  if (!attacker.includes(":")) return line.replaceAll(host, attacker);
  // A mapped IPv4 address is the host as well, and before a port IPv6 stands in brackets.
  return line.replaceAll(`::ffff:${host}`, host).replaceAll(`${host}:`, `[${attacker}]:`)
    .replaceAll(host, attacker);
}

/** The line with another date in it; undefined if it has none of these forms. */
function atTime(line: string, time: number): string | undefined {
  const date = new Date(time * 1000);
  const [day, clock] = date.toISOString().slice(0, 19).split("T") as [string, string];
  const [weekday, dayOfMonth, month, year] = date.toUTCString().split(/,? /);
  const forms: readonly (readonly [RegExp, string])[] = [
    // A date of syslog has no year, and which one is meant depends on the clock.
    [/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d/, `${day}T${clock}+00:00`],
    [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/, `${day}T${clock}.000+0000`],
    [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, `${day} ${clock}`],
    [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/, `${day.replaceAll("-", "/")} ${clock}`],
    [
      /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\]/,
      `[${weekday} ${month} ${dayOfMonth} ${clock} ${year}]`,
    ],
    [
      /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]/,
      `[${dayOfMonth}/${month}/${year}:${clock} +0000]`,
    ],
  ];
  const form = forms.find(([form]) => form.test(line));
  return form && line.replace(...form);
}
