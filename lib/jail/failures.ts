import type { Host } from "../address.ts";
import { type Attempt, Attempts, type Evidence, evidenceOf, NONE } from "./attempts.ts";
import { HostTable } from "./host_table.ts";
import { ownCopy } from "../own_copy.ts";
import { Ranks } from "./ranks.ts";
import type { JailSettings } from "./settings.ts";
import { StillViews } from "./still_views.ts";
import { Tally } from "./tally.ts";

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
 * Beyond `maxTracked` hosts, for each new one a host is forgotten: of those that have failed least, the one that did so
 * longest ago.
 */
export class Failures {
  readonly #limits: Limits;
  readonly #hosts = new HostTable();
  readonly #attempts = new Attempts();
  /** By the host's slot, the row of its newest attempt. */
  #newest = new Int32Array(this.#hosts.capacity);
  readonly #ranks = new Ranks();
  readonly #views = new StillViews(this.#ranks);
  /** The hosts by their newest failure, told apart to a thousandth of `findtime`. */
  readonly #tally: Tally;
  /** The slot that is swept next. */
  #swept = 0;
  #forgotten = 0;

  constructor(limits: Limits, saved: Iterable<SavedFailures> = []) {
    this.#limits = limits;
    this.#tally = new Tally(limits.findtime / 1000);
    for (const [host, known] of saved) {
      this.forget(host);
      const attempts = isLone(known) ? [known] : known;
      const slot = this.#add(host);
      this.#replace(slot, attempts.reduce((older, each) => this.#attempts.add(each, older), NONE));
    }
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
  add(host: Host, failure: Attempt): readonly Evidence[] | undefined {
    const { maxretry } = this.#limits;
    const slot = this.#hosts.find(host);
    if (slot < 0) {
      if (maxretry <= 1) return [evidenceIn(failure)];
      if (this.#hosts.size >= this.#limits.maxTracked) this.#makeRoom();
      const kept = this.#withLine(failure);
      this.#replace(this.#add(host), this.#attempts.add(kept, NONE));
      return undefined;
    }
    const rows = this.#rowsOf(slot);
    let at = rows.length;
    while (at > 0 && this.#attempts.timeOf(rows[at - 1]!) > failure.time) at--;

    const start = this.#startOfWindow(rows, at, failure.time);
    if (start !== undefined) {
      const window: Evidence[] = [];
      for (let index = start; index < start + maxretry; index++) {
        if (index === at) window.push(evidenceIn(failure));
        else window.push(this.#attempts.evidenceAt(rows[index < at ? index : index - 1]!));
      }
      this.#forget(slot);
      return window;
    }
    this.#insert(slot, rows, at, failure);
    return undefined;
  }

  /** Takes back the failures of a session up to a time; without a host, those of all hosts, which is a scan. */
  clearSession(session: string, until: number, host?: Host): void {
    const slots = host === undefined ? this.#ranks.slots() : [this.#hosts.find(host)];
    for (const slot of slots) {
      if (slot < 0) continue;
      const rows = this.#rowsOf(slot);
      const left = rows.filter((row) =>
        this.#attempts.sessionOf(row) !== session || this.#attempts.timeOf(row) > until
      );
      if (left.length === rows.length) continue;
      const newest = left.at(-1);
      if (newest === undefined) {
        this.#forget(slot);
        continue;
      }
      this.#views.keep(slot);
      left.forEach((row, index) => this.#attempts.link(row, left[index - 1] ?? NONE));
      this.#replace(slot, newest);
      for (const row of rows) if (!left.includes(row)) this.#attempts.remove(row);
    }
  }

  /** What is remembered of a host, the oldest first. */
  of(host: Host): readonly Attempt[] {
    const slot = this.#hosts.find(host);
    return slot < 0 ? [] : this.#rowsOf(slot).map((row) => this.#attempts.at(row));
  }

  /** Drops all failures of a host. */
  forget(host: Host): void {
    const slot = this.#hosts.find(host);
    if (slot >= 0) this.#forget(slot);
  }

  /** Frees some of the hosts that can take part in no window any more, judged by the time it is. 64 steps go round. */
  sweep(now: number): void {
    const stale = now - 2 * this.#limits.findtime;
    for (let left = SMALLEST_STEP + this.#hosts.end / 64; left > 0; left--) {
      if (this.#swept >= this.#hosts.end) {
        this.#swept = 0;
        return;
      }
      const slot = this.#swept++;
      if (this.#hosts.has(slot) && this.#newestTime(slot)! < stale) this.#forget(slot);
    }
  }

  /** The clock was set back: what seems to come from later than `now` came now at the latest. */
  setBack(now: number): void {
    for (const slot of this.#ranks.slots()) {
      if (this.#newestTime(slot)! <= now) continue;
      // It is given the slot that it leaves.
      const host = this.#hosts.hostAt(slot);
      const attempts = this.of(host).map((one) => one.time <= now ? one : { ...one, time: now });
      this.#forget(slot);
      this.#replace(
        this.#add(host),
        attempts.reduce((older, each) => this.#attempts.add(each, older), NONE),
      );
    }
  }

  /** How many hosts failed at that time, to a thousandth of `findtime`, or later. */
  countSince(time: number): number {
    return this.#tally.countSince(time);
  }

  /** What there is now, those first that would be forgotten first, to be gone through once at leisure. */
  save(): Iterable<SavedFailures> {
    return this.#views.open(this.#hosts.end, (slot) => {
      const attempts = this.#rowsOf(slot).map((row) => this.#attempts.at(row));
      return [this.#hosts.hostAt(slot), attempts.length === 1 ? attempts[0]! : attempts];
    });
  }

  #add(host: Host): number {
    const slot = this.#hosts.add(host);
    this.#views.keep(slot);
    if (slot >= this.#newest.length) {
      this.#newest = new Int32Array(this.#newest.buffer.transfer(4 * this.#hosts.capacity));
    }
    this.#newest[slot] = NONE;
    return slot;
  }

  /** Makes another chain the host's. */
  #replace(slot: number, newest: number): void {
    const before = this.#newestTime(slot);
    this.#newest[slot] = newest;
    this.#tally.move(before, this.#attempts.timeOf(newest));
    this.#ranks.put(slot, this.#lengthOf(newest));
  }

  #newestTime(slot: number): number | undefined {
    const row = this.#newest[slot]!;
    return row === NONE ? undefined : this.#attempts.timeOf(row);
  }

  /** A host's attempts, the oldest first. */
  #rowsOf(slot: number): number[] {
    const rows: number[] = [];
    for (let row = this.#newest[slot]!; row !== NONE; row = this.#attempts.olderOf(row)) {
      rows.push(row);
    }
    return rows.reverse();
  }

  #lengthOf(newest: number): number {
    let length = 0;
    for (let row = newest; row !== NONE; row = this.#attempts.olderOf(row)) length++;
    return length;
  }

  #forget(slot: number): void {
    this.#views.keep(slot);
    this.#tally.move(this.#newestTime(slot), undefined);
    for (let row = this.#newest[slot]!; row !== NONE;) {
      const older = this.#attempts.olderOf(row);
      this.#attempts.remove(row);
      row = older;
    }
    this.#ranks.remove(slot);
    this.#hosts.remove(slot);
  }

  #makeRoom(): void {
    this.#forget(this.#ranks.least!);
    this.#forgotten++;
  }

  /**
   * Where the earliest complete window begins that a failure stands in which comes before the attempt at an index. In order
   * of time there is one to look at.
   */
  #startOfWindow(rows: readonly number[], at: number, time: number): number | undefined {
    const { maxretry, findtime } = this.#limits;
    const timeOf = (index: number) =>
      index === at ? time : this.#attempts.timeOf(rows[index < at ? index : index - 1]!);
    const lastStart = Math.min(at, rows.length + 1 - maxretry);
    for (let start = Math.max(0, at - maxretry + 1); start <= lastStart; start++) {
      if (timeOf(start + maxretry - 1) - timeOf(start) <= findtime) return start;
    }
    return undefined;
  }

  /** Adds a failure, and lets go of those that are too old, and of the lines that are not the newest. */
  #insert(slot: number, rows: number[], at: number, failure: Attempt): void {
    this.#views.keep(slot);
    const attempts = this.#attempts;
    const row = attempts.add(this.#withLine(failure), rows[at - 1] ?? NONE);
    if (at < rows.length) attempts.link(rows[at]!, row);
    rows.splice(at, 0, row);

    const lastWithoutLine = rows.length - 1 - this.#limits.maxmatches;
    if (lastWithoutLine >= 0) attempts.dropLine(rows[Math.min(at, lastWithoutLine)]!);

    const newest = rows.at(-1)!;
    const before = this.#newestTime(slot);
    const oldest = attempts.timeOf(newest) - 2 * this.#limits.findtime;
    let stale = 0;
    while (attempts.timeOf(rows[stale]!) < oldest) stale++;
    if (stale > 0) {
      attempts.link(rows[stale]!, NONE);
      for (const old of rows.slice(0, stale)) attempts.remove(old);
    }
    this.#newest[slot] = newest;
    this.#tally.move(before, attempts.timeOf(newest));
    this.#ranks.put(slot, rows.length - stale);
  }

  /** A failure as it is kept: in a flood without its line. */
  #withLine(failure: Attempt): Attempt {
    if (this.#hosts.size < MOST_WITH_LINES) return failure;
    return { time: failure.time, session: failure.session };
  }
}

type Limits = Pick<JailSettings, "maxretry" | "findtime" | "maxmatches" | "maxTracked">;

/** With so many hosts, further lines are not kept, but for the one that leads to a ban. */
const MOST_WITH_LINES = 20_000;

const SMALLEST_STEP = 64;

function evidenceIn({ time, line }: Attempt): Evidence {
  return { time, line: line === undefined ? undefined : ownCopy(evidenceOf(line)) };
}

function isLone(known: Attempt | readonly Attempt[]): known is Attempt {
  return !Array.isArray(known);
}
