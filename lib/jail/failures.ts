import type { Host } from "../address.ts";
import { ownCopy } from "../own_copy.ts";
import { Pairs } from "./pairs.ts";
import type { JailSettings } from "./settings.ts";
import { Sweep } from "./sweep.ts";
import { Tally } from "./tally.ts";

/** One counted failure of a host, as the state file has it too. Never changed: a save under way holds on to it. */
export interface Attempt {
  /** Log time in milliseconds since the epoch. */
  readonly time: number;
  /** The line as evidence; none once newer ones have pushed it out. */
  readonly line?: string | undefined;
  readonly session?: string | undefined;
}

/** A host's failures by time, as the state file has them; a lone one stands for itself. */
export type SavedFailures = readonly [host: Host, attempts: Attempt | readonly Attempt[]];

/**
 * The recent failures of each host: an exact sliding window in log time. A window is `maxretry` failures of which
 * the last is at most `findtime` after the first.
 *
 * Failures may come late. A host's failures are kept until they are more than twice `findtime` older than its
 * newest: whatever comes up to `findtime` late therefore still finds all that stood in a window with it, and the
 * order of arrival makes no difference.
 *
 * Beyond `maxTracked` hosts, for each new one a host is forgotten that has failed seldom.
 */
export class Failures {
  readonly #limits: Limits;
  /** Most hosts fail once, and an array would cost more than the failure. */
  readonly #hosts: Map<Host, Attempt | readonly Attempt[]>;
  readonly #sweep: Sweep<Host, Attempt | readonly Attempt[]>;
  /** The hosts by their newest failure, told apart to a thousandth of `findtime`. */
  readonly #newest: Tally;
  /**
   * Goes round the hosts, to find one to forget. Made when it is needed: an iterator holds on to every table that the
   * map has outgrown since.
   */
  #candidates: MapIterator<SavedFailures> | undefined;
  #forgotten = 0;

  constructor(limits: Limits, saved: Iterable<SavedFailures> = []) {
    this.#limits = limits;
    this.#hosts = new Map(saved);
    this.#newest = new Tally(limits.findtime / 1000);
    for (const known of this.#hosts.values()) this.#newest.move(undefined, newestTime(known));
    this.#sweep = new Sweep(this.#hosts);
  }

  /** How many hosts have failed lately. */
  get size(): number {
    return this.#hosts.size;
  }

  /** How many hosts were forgotten for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /**
   * Counts a failure. Where it completes a window, gives the window's failures by time, and the host starts
   * afresh.
   */
  add(
    host: Host,
    failure: { time: number; session?: string; line: string },
  ): readonly Attempt[] | undefined {
    const known = this.#hosts.get(host);
    const isFlood = this.#hosts.size >= MOST_WITH_LINES;
    if (known === undefined && this.#limits.maxretry > 1) {
      if (this.#hosts.size >= this.#limits.maxTracked) this.#makeRoom();
      this.#put(ownCopy(host), keepAttempt(failure, !isFlood), undefined);
      return undefined;
    }
    const attempts = known === undefined ? [] : attemptsOf(known).slice();
    const at = insertByTime(attempts, failure);

    const window = this.#windowAround(attempts, at);
    if (window !== undefined) {
      this.forget(host);
      return window.map((attempt) => attempt === failure ? keepAttempt(failure, true) : attempt);
    }
    attempts[at] = keepAttempt(failure, !isFlood);
    this.#trim(attempts, at);
    this.#put(host, attempts, known);
    return undefined;
  }

  /** Takes back the failures of a session up to a time; without a host, those of all hosts, which is a scan. */
  clearSession(session: string, until: number, host?: Host): void {
    for (const candidate of host === undefined ? this.#hosts.keys() : [host]) {
      const known = this.#hosts.get(candidate);
      if (known === undefined) continue;
      const attempts = attemptsOf(known);
      const left = attempts.filter((attempt) =>
        attempt.session !== session || attempt.time > until
      );
      if (left.length === attempts.length) continue;
      if (left.length === 0) this.forget(candidate);
      else this.#put(candidate, left, known);
    }
  }

  /** What is remembered of a host, the oldest first. */
  of(host: Host): readonly Attempt[] {
    const known = this.#hosts.get(host);
    return known === undefined ? [] : attemptsOf(known);
  }

  /** Drops all failures of a host. */
  forget(host: Host): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    this.#hosts.delete(host);
    this.#newest.move(newestTime(known), undefined);
  }

  /** Frees some of the hosts that can take part in no window any more, judged by the time it is. */
  sweep(now: number): void {
    const stale = now - 2 * this.#limits.findtime;
    this.#sweep.step((known) => {
      const newest = newestTime(known);
      if (newest >= stale) return false;
      this.#newest.move(newest, undefined);
      return true;
    });
  }

  /** How many hosts failed at that time, to a thousandth of `findtime`, or later. */
  countSince(time: number): number {
    return this.#newest.countSince(time);
  }

  /** What there is now. It does not change afterwards, so it may be written at leisure. */
  save(): Iterable<SavedFailures> {
    return new Pairs(this.#hosts);
  }

  #put(
    host: Host,
    attempts: Attempt | readonly Attempt[],
    known: Attempt | readonly Attempt[] | undefined,
  ): void {
    this.#hosts.set(host, attempts);
    this.#newest.move(known && newestTime(known), newestTime(attempts));
  }

  /** Forgets one of the next few hosts: of those that have failed least, the one that has been known longest. */
  #makeRoom(): void {
    let least: SavedFailures | undefined;
    for (let looked = 0; looked < CANDIDATES; looked++) {
      const candidate = this.#nextCandidate();
      if (least === undefined || attemptsOf(candidate[1]).length < attemptsOf(least[1]).length) {
        least = candidate;
      }
    }
    this.forget(least![0]);
    this.#forgotten++;
  }

  #nextCandidate(): SavedFailures {
    const next = this.#candidates?.next();
    if (next?.done === false) return next.value;
    this.#candidates = this.#hosts.entries();
    return this.#candidates.next().value!;
  }

  /** The earliest complete window that the failure at an index stands in. In order of time there is one to look at. */
  #windowAround(attempts: readonly Attempt[], at: number): Attempt[] | undefined {
    const { maxretry, findtime } = this.#limits;
    const lastStart = Math.min(at, attempts.length - maxretry);
    for (let start = Math.max(0, at - maxretry + 1); start <= lastStart; start++) {
      const end = start + maxretry;
      if (attempts[end - 1]!.time - attempts[start]!.time <= findtime) {
        return attempts.slice(start, end);
      }
    }
    return undefined;
  }

  /** Lets go of failures that are too old, and of the lines that are not the newest. */
  #trim(attempts: Attempt[], added: number): void {
    const { findtime, maxmatches } = this.#limits;
    const lastWithoutLine = attempts.length - 1 - maxmatches;
    if (lastWithoutLine >= 0) {
      const at = Math.min(added, lastWithoutLine);
      attempts[at] = withoutLine(attempts[at]!);
    }

    const oldest = attempts.at(-1)!.time - 2 * findtime;
    let stale = 0;
    while (attempts[stale]!.time < oldest) stale++;
    if (stale > 0) attempts.splice(0, stale);
  }
}

type Limits = Pick<JailSettings, "maxretry" | "findtime" | "maxmatches" | "maxTracked">;

/** With so many hosts, further lines are not kept, but for the one that leads to a ban. */
const MOST_WITH_LINES = 20_000;
/** So many hosts are looked at to forget one. */
const CANDIDATES = 4;

/** Enough of a line to see what it was; a hostile one may have megabytes. */
const LONGEST_EVIDENCE = 500;
/** So many lines of one failure are enough. */
const MOST_EVIDENCE = 10;

function keepAttempt(
  failure: { time: number; session?: string; line: string },
  isLineKept: boolean,
): Attempt {
  return {
    time: failure.time,
    line: isLineKept ? ownCopy(evidenceOf(failure.line)) : undefined,
    session: failure.session === undefined ? undefined : ownCopy(failure.session),
  };
}

function withoutLine({ time, session }: Attempt): Attempt {
  return { time, line: undefined, session };
}

/** Each line of a failure cut short. */
function evidenceOf(line: string): string {
  if (!line.includes("\n")) return line.slice(0, LONGEST_EVIDENCE);
  return line.split("\n").slice(-MOST_EVIDENCE).map((one) => one.slice(0, LONGEST_EVIDENCE)).join(
    "\n",
  );
}

function insertByTime(attempts: Attempt[], attempt: Attempt): number {
  let at = attempts.length;
  while (at > 0 && attempts[at - 1]!.time > attempt.time) at--;
  if (at === attempts.length) attempts.push(attempt);
  else attempts.splice(at, 0, attempt);
  return at;
}

function attemptsOf(known: Attempt | readonly Attempt[]): readonly Attempt[] {
  return isLone(known) ? [known] : known;
}

function isLone(known: Attempt | readonly Attempt[]): known is Attempt {
  return !Array.isArray(known);
}

function newestTime(known: Attempt | readonly Attempt[]): number {
  return isLone(known) ? known.time : known.at(-1)!.time;
}
