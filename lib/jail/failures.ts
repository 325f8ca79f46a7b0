import type { Host } from "../address.ts";
import { ownCopy } from "../own_copy.ts";
import type { JailSettings } from "./settings.ts";
import { Sweep } from "./sweep.ts";

/** One counted failure of a host. */
export interface Attempt {
  /** Log time in milliseconds since the epoch. */
  readonly time: number;
  readonly session: string | undefined;
  /** The line as evidence; undefined once newer ones have pushed it out. */
  line: string | undefined;
}

/** `[time, line, session]` of a failure, as the state file has it. */
export type SavedAttempt = readonly [time: number, line: string | null, session: string | null];

/** A host's failures by time, as the state file has them. */
export type SavedFailures = readonly [host: Host, attempts: readonly SavedAttempt[]];

/**
 * The recent failures of each host: an exact sliding window in log time. A window is `maxretry` failures of which
 * the last is at most `findtime` after the first.
 *
 * Failures may come late. A host's failures are kept until they are more than twice `findtime` older than its
 * newest: whatever comes up to `findtime` late therefore still finds all that stood in a window with it, and the
 * order of arrival makes no difference.
 */
export class Failures {
  readonly #limits: Limits;
  /** A lone failure stands for itself: most hosts fail once, and an array would cost more than the failure. */
  readonly #hosts = new Map<Host, Attempt | Attempt[]>();
  readonly #sweep = new Sweep(this.#hosts);

  constructor(limits: Limits, saved: readonly SavedFailures[] = []) {
    this.#limits = limits;
    for (const [host, attempts] of saved) {
      const restored = attempts.map(restoreAttempt);
      this.#hosts.set(host, restored.length === 1 ? restored[0]! : restored);
    }
  }

  /**
   * Counts a failure. Where it completes a window, gives the window's failures by time, and the host starts
   * afresh.
   */
  add(
    host: Host,
    failure: { time: number; session?: string; line: string },
  ): Attempt[] | undefined {
    const attempt = keepAttempt(failure);
    const known = this.#hosts.get(host);
    const attempts = known === undefined ? [] : Array.isArray(known) ? known : [known];
    const at = insertByTime(attempts, attempt);

    const window = this.#windowAround(attempts, at);
    if (window !== undefined) {
      this.#hosts.delete(host);
      return window;
    }
    this.#trim(attempts, at);
    if (known === undefined) this.#hosts.set(ownCopy(host), attempt);
    else if (known !== attempts) this.#hosts.set(host, attempts);
    return undefined;
  }

  /** Takes back the failures of a session up to a time; without a host, those of all hosts, which is a scan. */
  clearSession(session: string, until: number, host?: Host): void {
    for (const candidate of host === undefined ? this.#hosts.keys() : [host]) {
      const known = this.#hosts.get(candidate);
      if (known === undefined) continue;
      const attempts = Array.isArray(known) ? known : [known];
      const left = attempts.filter((attempt) =>
        attempt.session !== session || attempt.time > until
      );
      if (left.length === attempts.length) continue;
      if (left.length === 0) this.#hosts.delete(candidate);
      else this.#hosts.set(candidate, left);
    }
  }

  /** Drops all failures of a host. */
  forget(host: Host): void {
    this.#hosts.delete(host);
  }

  /** Frees some of the hosts that can take part in no window any more, judged by the time it is. */
  sweep(now: number): void {
    const stale = now - 2 * this.#limits.findtime;
    this.#sweep.step((known) => newestTime(known) < stale);
  }

  /** How many hosts failed at that time or later. A scan. */
  countSince(time: number): number {
    let count = 0;
    for (const known of this.#hosts.values()) if (newestTime(known) >= time) count++;
    return count;
  }

  save(): SavedFailures[] {
    return Array.from(
      this.#hosts,
      ([host, known]) => [host, (Array.isArray(known) ? known : [known]).map(saveAttempt)],
    );
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
    if (lastWithoutLine >= 0) attempts[Math.min(added, lastWithoutLine)]!.line = undefined;

    const oldest = attempts.at(-1)!.time - 2 * findtime;
    let stale = 0;
    while (attempts[stale]!.time < oldest) stale++;
    if (stale > 0) attempts.splice(0, stale);
  }
}

type Limits = Pick<JailSettings, "maxretry" | "findtime" | "maxmatches">;

/** Enough of a line to see what it was; a hostile one may have megabytes. */
const LONGEST_EVIDENCE = 500;
/** So many lines of one failure are enough. */
const MOST_EVIDENCE = 10;

function keepAttempt(failure: { time: number; session?: string; line: string }): Attempt {
  return {
    time: failure.time,
    session: failure.session === undefined ? undefined : ownCopy(failure.session),
    line: ownCopy(evidenceOf(failure.line)),
  };
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

function newestTime(known: Attempt | readonly Attempt[]): number {
  return Array.isArray(known) ? known.at(-1)!.time : (known as Attempt).time;
}

function saveAttempt({ time, line, session }: Attempt): SavedAttempt {
  return [time, line ?? null, session ?? null];
}

function restoreAttempt([time, line, session]: SavedAttempt): Attempt {
  return { time, session: session ?? undefined, line: line ?? undefined };
}
