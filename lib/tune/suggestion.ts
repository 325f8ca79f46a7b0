import type { Host } from "../address.ts";
import type { Recording } from "./recording.ts";
import type { Trial } from "./trial.ts";

/** Which thresholds to take, and by comparison with what. */
export interface Suggestion {
  readonly trial: Trial;
  /** What is in force. */
  readonly present: Trial;
  /** The next stricter thresholds that would hit more legitimate addresses; undefined where none would. */
  readonly tooStrict: Trial | undefined;
  /** The pause between two failures of those who are banned in addition, in the middle, in milliseconds; undefined: nobody is. */
  readonly pause: number | undefined;
}

/** Out of fewer attackers nothing can be told. */
const FEWEST = 5;
/** People mistype: nothing stricter is suggested than three tries, unless that is in force. */
const TRIES = 3;
/** Thresholds under which half of the attackers come through are none, whomever they spare. */
const USEFUL = 1 / 2;
/** With so many of them banned it is as good as with all: a change must be worth it. */
const AS_GOOD = 0.95;

/**
 * Suggests thresholds: of the useful ones those that hit the fewest legitimate addresses, of these the ones that ban
 * nearly as many attackers as any, and of these the nearest to what is in force. Undefined where there is too little
 * to go by.
 */
export function suggestFrom(
  trials: readonly Trial[],
  present: Trial,
  recording: Recording,
): Suggestion | undefined {
  const allowed = trials.filter(({ maxretry }) => maxretry >= Math.min(TRIES, present.maxretry));
  const most = Math.max(...allowed.map(({ attackers }) => attackers));
  if (most < FEWEST) return undefined;
  const useful = allowed.filter(({ attackers }) => attackers >= USEFUL * most);
  const safest = Math.min(...useful.map(({ atRisk }) => atRisk.length));
  const safe = useful.filter(({ atRisk }) => atRisk.length === safest);
  const best = Math.max(...safe.map(({ attackers }) => attackers));
  const [trial] = safe.filter(({ attackers }) => attackers >= AS_GOOD * best)
    .sort((a, b) => distance(a, present) - distance(b, present));
  const tooStrict = trials.findLast(({ maxretry, findtime, atRisk }) =>
    findtime === trial!.findtime && maxretry < trial!.maxretry && atRisk.length > safest
  );
  return {
    trial: trial!,
    present,
    tooStrict,
    pause: pauseOf(newlyBanned(trial!, present), recording),
  };
}

/** How far thresholds are from others: to double one of them is one step. */
function distance(one: Trial, other: Trial): number {
  return Math.abs(Math.log2(one.maxretry / other.maxretry)) +
    Math.abs(Math.log2(one.findtime / other.findtime));
}

function newlyBanned(trial: Trial, present: Trial): ReadonlySet<Host> {
  return trial.banned.difference(present.banned);
}

/** The median of the mean pauses between the failures of hosts. */
function pauseOf(hosts: ReadonlySet<Host>, recording: Recording): number | undefined {
  const times = new Map<Host, { first: number; last: number; number: number }>();
  for (const { finding } of recording.heard) {
    if (finding.kind !== "failure" || !hosts.has(finding.host)) continue;
    const known = times.get(finding.host);
    if (known === undefined) {
      times.set(finding.host, { first: finding.time, last: finding.time, number: 1 });
      continue;
    }
    known.first = Math.min(known.first, finding.time);
    known.last = Math.max(known.last, finding.time);
    known.number++;
  }
  const pauses = [...times.values()].filter(({ number }) => number > 1)
    .map(({ first, last, number }) => (last - first) / (number - 1))
    .sort((a, b) => a - b);
  return pauses[Math.floor(pauses.length / 2)];
}
