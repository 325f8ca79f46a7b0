import { wait } from "../wait.ts";
import type { Change, Enforcement, Firewall, Rule, Stopped, Target } from "./firewall.ts";
import { Waiting } from "./waiting.ts";

/** What the queue needs of its owner. */
export interface QueueOptions {
  /** All bans that should be in force, every pushed change included: what a failed firewall is brought back to. */
  readonly rules: () => readonly Rule[];
  /** Told of each problem once, until the firewall has worked again. */
  readonly onProblem: (message: string) => void;
  /** Told that the firewall works again, and all bans are in force. */
  readonly onRecovery: () => void;
  /** Waits so many milliseconds, or until the signal; by default by a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How far the clock is ahead of the time that the kernel counts in, in milliseconds. */
  readonly clockOffset?: () => number;
}

/**
 * The only thing that talks to a firewall: one change at a time, what waits in one batch. After a failure the
 * whole set of bans is reconciled, 1, 2, 4 and at most 60 seconds later, until it is in force; sooner, where somebody else
 * has changed the firewall meanwhile.
 */
export class FirewallQueue {
  readonly #firewall: Firewall;
  readonly #options: QueueOptions;
  readonly #closing = new AbortController();
  readonly #problems = new Set<string>();
  #targets: readonly Target[] | undefined;
  readonly #waiting = new Waiting();
  #pending = 0;
  #mustReconcile = false;
  #isFailing = false;
  #turn: Promise<unknown> = Promise.resolve();
  #work: Promise<void> | undefined;
  /** Whether something is being done, and not waited for the next attempt. */
  #isTrying = false;
  /** Who waits for what has been asked for: whether it was taken out, and whom to tell when it is done. */
  #waiters: readonly { readonly isTaken: () => boolean; readonly resolve: () => void }[] = [];
  #check: Promise<void> | undefined;
  #watching: Promise<void> = Promise.resolve();
  /** What the clock's offset was when the bans were last put in force. */
  #offset = 0;
  /** Before this, by the monotonic clock, what somebody changed is not put back once more. */
  #restUntil = 0;
  /** While the next attempt is waited for: told that somebody may have changed the firewall. */
  #onChange: (() => void) | undefined;

  constructor(firewall: Firewall, options: QueueOptions) {
    this.#firewall = firewall;
    this.#options = options;
  }

  /** Puts these targets and all rules in force; again whenever the targets change. Changes wait for the first start. */
  start(targets: readonly Target[]): void {
    this.#targets = targets;
    this.#mustReconcile = true;
    this.#wake();
  }

  /** Changes to apply, in order. The list behind `rules` has them already. */
  push(changes: readonly Change[]): void {
    this.#waiting.push(changes);
    this.#pending += changes.length;
    this.#wake();
  }

  /** How many changes are not in force yet. While the firewall fails, no ban is known to be. */
  get pending(): number {
    return this.#isFailing ? Math.max(this.#pending, this.#options.rules().length) : this.#pending;
  }

  /**
   * Resolves when all that was asked so far, by these jails or by any, is in force or has failed; while a retry is due, at
   * once. What is asked for meanwhile it does not wait for.
   */
  settled(jails?: Iterable<string>): Promise<void> {
    if (!this.#isTrying) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters = [...this.#waiters, { isTaken: this.#waiting.mark(jails), resolve }];
    return promise;
  }

  /** What is in force by the firewall's own account. @throws {FirewallError} */
  list(): Promise<readonly Rule[]> {
    return this.#inTurn(() => this.#firewall.list());
  }

  /** Where a ban is kept. It waits for no turn, for it only reads. @throws {FirewallError} */
  locate(rule: Rule): Promise<Enforcement> {
    return this.#firewall.locate(rule);
  }

  /** What was stopped, jail by jail; without a turn as well. @throws {FirewallError} */
  stopped(): Promise<readonly Stopped[]> {
    return this.#firewall.stopped();
  }

  /**
   * Whether the clock was set or the machine slept since the bans were put in force: the kernel counts what is left of
   * each, and would end it at another time than it was decided.
   */
  get hasLostTime(): boolean {
    return this.#targets !== undefined && Math.abs(this.#lostTime) > CLOCK_TOLERANCE;
  }

  /** Looks whether the bans still stand and end in time, and if not, puts them in force anew. For asking now and then. */
  check(): Promise<void> {
    return this.#check ??= this.#checkNow().finally(() => this.#check = undefined);
  }

  /**
   * Looks out until the close for changes by others, and puts back what they changed. `onEnd` hears why that had to
   * begin anew; what happened meanwhile is left to {@linkcode check}.
   */
  watch(onEnd: (why: string) => void): void {
    this.#watching = this.#watch(onEnd);
  }

  /** Tries what is pending a last time and ends. `remove` takes all that is banjo's out of the firewall. */
  async close(onStop: "keep" | "remove" = "keep"): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.#check;
    await this.#work;
    if (onStop === "remove") await this.#inTurn(() => this.#firewall.remove());
  }

  async #checkNow(): Promise<void> {
    // Work under way has to end before the answer means anything.
    await this.#work;
    if (this.#targets === undefined || this.#closing.signal.aborted) return;
    try {
      if (this.hasLostTime) {
        const seconds = Math.round(this.#lostTime / 1000);
        this.#report(`The clock was set by ${seconds} s: putting the ends of the bans right`);
      } else if (await this.#inTurn(() => this.#firewall.isIntact())) return;
      else await this.#reportForeignChange();
      if (this.#closing.signal.aborted) return;
    } catch (error) {
      this.#report((error as Error).message);
    }
    this.#mustReconcile = true;
    this.#wake();
    const started = performance.now();
    await this.settled();
    const ended = performance.now();
    this.#restUntil = ended + Math.max(SHORTEST_REST, REST * (ended - started));
  }

  async #reportForeignChange(): Promise<void> {
    // Another program that puts things back in its turn must not be raced against.
    await wait(this.#restUntil - performance.now(), this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    this.#report(`Somebody changed the bans in ${this.#firewall.name}: putting them back`);
  }

  /** In milliseconds. */
  get #lostTime(): number {
    return this.#clockOffset() - this.#offset;
  }

  #clockOffset(): number {
    return (this.#options.clockOffset ?? clockOffset)();
  }

  async #watch(onEnd: (why: string) => void): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const started = performance.now();
      try {
        await this.#firewall.watch(() => {
          this.#onChange?.();
          void this.check();
        }, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - started > LONGEST_WAIT * 1000) failures = 0;
        // Once is enough of a tool that is not there.
        if (failures === 0) onEnd((error as Error).message);
      }
      await wait(secondsAfter(failures) * 1000, signal);
    }
  }

  #wake(): void {
    if (this.#work === undefined && this.#isDue) this.#work = this.#run();
  }

  get #isDue(): boolean {
    return this.#targets !== undefined && (this.#mustReconcile || this.#waiting.length > 0);
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.#isDue;) {
      this.#isTrying = true;
      const started = performance.now();
      failures = await this.#attempt() ? 0 : failures + 1;
      if (failures === 0) {
        this.#tellWaiters();
        continue;
      }
      if (this.#closing.signal.aborted) break;
      this.#endRound();
      await this.#waitToRetry(secondsAfter(failures - 1) * 1000, performance.now() - started);
    }
    this.#endRound();
    this.#work = undefined;
  }

  /**
   * Waits so many milliseconds after an attempt that took so many, or until somebody changes the firewall: an ufw that was
   * disabled may be enabled now. Then it only rests, for what the attempt itself has changed is seen as well.
   */
  async #waitToRetry(ms: number, took: number): Promise<void> {
    const { signal } = this.#closing;
    const rested = performance.now() + Math.max(SHORTEST_REST, REST * took);
    const changed = new AbortController();
    this.#onChange = () => {
      this.#onChange = undefined;
      void wait(rested - performance.now(), signal).then(() => changed.abort());
    };
    await (this.#options.wait ?? wait)(ms, AbortSignal.any([signal, changed.signal]));
    this.#onChange = undefined;
  }

  async #attempt(): Promise<boolean> {
    try {
      await this.#inTurn(() => this.#bringUpToDate());
    } catch (error) {
      this.#mustReconcile = true;
      this.#isFailing = true;
      this.#report((error as Error).message);
      return false;
    }
    this.#isFailing = false;
    if (this.#problems.size > 0) {
      this.#problems.clear();
      this.#options.onRecovery();
    }
    return true;
  }

  async #bringUpToDate(): Promise<void> {
    if (this.#mustReconcile) {
      let covered = this.#pending;
      this.#waiting.clear();
      this.#mustReconcile = false;
      this.#offset = this.#clockOffset();
      await this.#firewall.reconcile(this.#targets!, this.#options.rules(), () => {
        const newer = this.#waiting.take(this.#firewall.batch);
        covered += newer.length;
        return newer;
      });
      this.#pending -= covered;
    } else {
      const batch = this.#waiting.take(this.#firewall.batch);
      await this.#firewall.apply(batch);
      this.#pending -= batch.length;
    }
  }

  #endRound(): void {
    this.#isTrying = false;
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters = [];
  }

  /** After a batch: what was taken out is in force. */
  #tellWaiters(): void {
    // Somebody has changed the firewall meanwhile, or it is to be of other jails.
    if (this.#mustReconcile) return;
    const { done = [], left = [] } = Object.groupBy(
      this.#waiters,
      ({ isTaken }) => isTaken() ? "done" : "left",
    );
    for (const { resolve } of done) resolve();
    this.#waiters = left;
  }

  #report(message: string): void {
    if (this.#problems.has(message)) return;
    this.#problems.add(message);
    this.#options.onProblem(message);
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(call);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** In seconds. */
const LONGEST_WAIT = 60;

/** After putting the bans back, rest so many milliseconds, and so many times as long as it took. */
const SHORTEST_REST = 1_000;
const REST = 5;

/** In milliseconds; what a clock drifts adds up to that in hours at the soonest. */
const CLOCK_TOLERANCE = 2_000;

/** By the kernel's monotonic clock, in which it counts down what is left of a ban. */
function clockOffset(): number {
  return Date.now() - performance.now();
}

/** How long to wait after so many failures in a row before the one just now. */
function secondsAfter(failures: number): number {
  return Math.min(2 ** failures, LONGEST_WAIT);
}
