import { ownCopy } from "../own_copy.ts";
import type { SessionKey } from "./session_key.ts";

/**
 * The latest keys of a bounded number, each with a slot for what is known under it; the oldest are forgotten. The keys are
 * texts that were just cut from a line: of those V8's own map takes longest to find the hash, 0.1 µs a look-up, and adding
 * one takes 0.2 µs, and a copy of the text 0.1. This takes a quarter of that, and its tables stay in the processor's cache.
 */
export class RecentKeys {
  readonly #room: number;
  /** Nothing is allocated before there is a key: most filters never have one. */
  #table: Table | undefined;
  /** The name that was last found with a number, and its hash. */
  #name = "";
  #nameHash = hashOf("");

  /** `room`: how many slots there are. They are numbered from 0 and used in turn. */
  constructor(room: number) {
    this.#room = room;
  }

  /** The slot of a key; -1 where it is not known. */
  find(key: SessionKey): number {
    const table = this.#table;
    if (table === undefined) return -1;
    // A session's lines often follow one another.
    if (isAt(table, table.latest, key)) return table.latest;
    const { buckets, hashes, nexts } = table;
    const hash = this.#hashOf(key);
    let slot = buckets[hash & (buckets.length - 1)]! - 1;
    while (slot >= 0 && (hashes[slot] !== hash || !isAt(table, slot, key))) {
      slot = nexts[slot]! - 1;
    }
    if (slot >= 0) table.latest = slot;
    return slot;
  }

  /** Adds a key as the newest, and gives its slot, that of the oldest so far. It must not be known. */
  add(key: SessionKey): number {
    const table = this.#table ??= newTable(this.#room);
    const slot = table.newest = table.latest = (table.newest + 1) % this.#room;
    this.remove(slot);
    const hash = this.#hashOf(key);
    const bucket = hash & (table.buckets.length - 1);
    table.names[slot] = key.number < 0 ? ownCopy(key.name) : this.#name;
    table.numbers[slot] = key.number;
    table.hashes[slot] = hash;
    table.nexts[slot] = table.buckets[bucket]!;
    table.buckets[bucket] = slot + 1;
    return slot;
  }

  /** Forgets the key of a slot, if there is one. */
  remove(slot: number): void {
    const { names, hashes, nexts, buckets } = this.#table!;
    if (names[slot] === undefined) return;
    const bucket = hashes[slot]! & (buckets.length - 1);
    let before = -1;
    for (let at = buckets[bucket]! - 1; at !== slot; at = nexts[at]! - 1) before = at;
    if (before < 0) buckets[bucket] = nexts[slot]!;
    else nexts[before] = nexts[slot]!;
    names[slot] = undefined;
  }

  /** The oldest first; keys as they are written. */
  *entries(): Generator<readonly [key: string, slot: number]> {
    const table = this.#table;
    if (table === undefined) return;
    for (let age = 1; age <= this.#room; age++) {
      const slot = (table.newest + age) % this.#room;
      const name = table.names[slot];
      if (name === undefined) continue;
      const number = table.numbers[slot]!;
      yield [number < 0 ? name : `${name}[${number}]`, slot];
    }
  }

  #hashOf({ name, number }: SessionKey): number {
    if (number < 0) return hashOf(name);
    if (name !== this.#name) {
      this.#name = ownCopy(name);
      this.#nameHash = hashOf(name);
    }
    return mixed(this.#nameHash, number);
  }
}

/** In lists, slots are named by their number plus 1, so that 0 is none. */
interface Table {
  newest: number;
  /** The slot that was found or added last. */
  latest: number;
  /** undefined: the slot is free. */
  readonly names: (string | undefined)[];
  readonly numbers: Int32Array;
  readonly hashes: Int32Array;
  /** The next slot of the same bucket. */
  readonly nexts: Int32Array;
  /** By the low bits of the hash, the first slot. */
  readonly buckets: Int32Array;
}

function newTable(room: number): Table {
  return {
    newest: -1,
    latest: 0,
    names: new Array<string | undefined>(room).fill(undefined),
    numbers: new Int32Array(room),
    hashes: new Int32Array(room),
    nexts: new Int32Array(room),
    buckets: new Int32Array(2 ** Math.ceil(Math.log2(room * 2))),
  };
}

function isAt(table: Table, slot: number, { name, number }: SessionKey): boolean {
  return table.numbers[slot] === number && table.names[slot] === name;
}

/** Another one in each process: nobody can choose texts of one hash. */
const SEED = Math.floor(Math.random() * 2 ** 32);

function hashOf(text: string): number {
  let hash = SEED | 0;
  for (let at = 0; at < text.length; at++) hash = mixed(hash, text.charCodeAt(at));
  return hash;
}

function mixed(hash: number, next: number): number {
  const product = Math.imul(hash ^ next, 0x5bd1e995);
  return product ^ product >>> 15;
}
