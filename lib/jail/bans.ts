import type { Host } from "../address.ts";
import type { Ban } from "./ban.ts";
import { Column } from "./column.ts";
import { ExpiryQueue } from "./expiry.ts";
import { HostRecords } from "./host_records.ts";

/** The bans of a jail, oldest first, and in which order they end. A ban takes 100 bytes here, and 400 as an object. */
export class Bans {
  readonly #jail: string;
  readonly #records = new HostRecords(5);
  /** By slot, the lines of the newest bans, and their place in the ring of those slots. */
  readonly #lines = new Column<{ readonly lines: readonly string[]; readonly place: number }>();
  readonly #ring: number[] = [];
  #place = 0;
  readonly #expiry = new ExpiryQueue();

  constructor(jail: string, saved: Iterable<Ban> = []) {
    this.#jail = jail;
    for (const ban of saved) this.set(ban);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Whether no ban will end. */
  get isEndless(): boolean {
    return this.#expiry.size === 0;
  }

  has(host: Host): boolean {
    return this.#records.find(host) >= 0;
  }

  get(host: Host): Ban | undefined {
    const slot = this.#records.find(host);
    return slot < 0 ? undefined : this.#at(slot);
  }

  /** Adds a ban as the newest, in place of another one of its host. */
  set(ban: Ban): void {
    const { host, since, until, failures, bans, cause, lines } = ban;
    this.delete(host);
    const end = until ?? Infinity;
    const slot = this.#records.add(host, since, end, failures, bans, CAUSES.indexOf(cause));
    if (end < Infinity) this.#expiry.push(slot, end);
    if (lines.length > 0) this.#keepLines(slot, lines);
  }

  delete(host: Host): void {
    const slot = this.#records.find(host);
    if (slot < 0) return;
    this.#records.delete(slot);
    this.#lines.drop(slot);
    this.#dropEnds();
  }

  /** The bans that end at or before a time, by that and by host, so many at most. They are still to be deleted. */
  takeDue(now: number, most: number): readonly Ban[] {
    // A set: a ban that was ordered twice to the same end is queued twice.
    const slots = new Set<number>();
    while (slots.size < most) {
      const slot = this.#expiry.takeDue(now, this.#isCurrent);
      if (slot === undefined) break;
      slots.add(slot);
    }
    const due = Array.from(slots, (slot) => this.#at(slot));
    return due.sort((a, b) => a.until! - b.until! || (a.host < b.host ? -1 : 1));
  }

  /** How many bans end after a time. */
  countAfter(now: number): number {
    return this.size - this.#expiry.countDue(now, this.#isCurrent);
  }

  /** All bans as they stand. */
  *[Symbol.iterator](): Iterator<Ban> {
    for (const slot of this.#records.slots()) if (this.#records.has(slot)) yield this.#at(slot);
  }

  /** All bans as they stand, the newest first. */
  *newestFirst(): Generator<Ban> {
    for (const slot of this.#records.slots().reverse()) {
      if (this.#records.has(slot)) yield this.#at(slot);
    }
  }

  /** When the bans began that began at a time or later, in no order. To read numbers takes a twentieth of making bans. */
  beginnings(from: number): number[] {
    const times: number[] = [];
    for (const slot of this.#records.slots()) {
      const since = this.#records.get(slot, SINCE);
      if (since >= from) times.push(since);
    }
    return times;
  }

  /** The bans that began between two times, both included. */
  *between(from: number, to: number): Generator<Ban> {
    for (const slot of this.#records.slots()) {
      const since = this.#records.get(slot, SINCE);
      if (since >= from && since <= to && this.#records.has(slot)) yield this.#at(slot);
    }
  }

  /** The hosts that are banned and lie in a network. */
  within(network: Host): Host[] {
    return this.#records.within(network);
  }

  /** The hosts that are banned. */
  *hosts(): Generator<Host> {
    for (const slot of this.#records.slots()) yield this.#records.hostAt(slot);
  }

  /** The bans of this moment, to be gone through once while there come others. */
  view(): Iterable<Ban> {
    return this.#records.view((_host, _get, slot) => this.#at(slot));
  }

  #keepLines(slot: number, lines: readonly string[]): void {
    const place = this.#place;
    this.#place = (place + 1) % MOST_WITH_LINES;
    const former = this.#ring[place];
    if (former !== undefined && this.#lines.get(former)?.place === place) {
      this.#records.keep(former);
      this.#lines.drop(former);
    }
    this.#ring[place] = slot;
    this.#lines.set(slot, { lines, place });
  }

  #at(slot: number): Ban {
    const get = (field: number) => this.#records.get(slot, field);
    return banOf(
      this.#jail,
      this.#records.hostAt(slot),
      get,
      this.#lines.get(slot)?.lines ?? NO_LINES,
    );
  }

  /** Whether the ban in a slot still ends then: it may have been lifted, and the slot be another host's. */
  readonly #isCurrent = (slot: number, until: number): boolean =>
    this.#records.has(slot) && this.#records.get(slot, UNTIL) === until;

  /** Ends of bans that were lifted early stay queued until they come, unless they become too many. */
  #dropEnds(): void {
    if (this.#expiry.size > 2 * this.size + 1000) this.#expiry.keep(this.#isCurrent);
  }
}

const SINCE = 0;
const UNTIL = 1;
const FAILURES = 2;
const BANS = 3;
const CAUSE = 4;
const CAUSES: readonly Ban["cause"][] = ["failures", "manual", "adopted"];
const NO_LINES: readonly string[] = [];

/** So many bans keep the lines that led to them in memory; the history has all. */
const MOST_WITH_LINES = 10_000;

function banOf(
  jail: string,
  host: Host,
  get: (field: number) => number,
  lines: readonly string[],
): Ban {
  const until = get(UNTIL);
  return {
    jail,
    host,
    since: get(SINCE),
    until: until === Infinity ? null : until,
    failures: get(FAILURES),
    bans: get(BANS),
    lines,
    cause: CAUSES[get(CAUSE)]!,
  };
}
