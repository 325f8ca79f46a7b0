import {
  contains,
  containsPacked,
  type Host,
  isAddress,
  packHost,
  unpackHost,
} from "../address.ts";
import { ownCopy } from "../own_copy.ts";

/**
 * Numbers hosts, so that whatever is known of them can stand in columns of typed arrays under these numbers, their slots. A
 * host takes 29 bytes here; a string in a map takes 80, and the garbage collector goes through all of them: with half a
 * million failing hosts that held everything up for a sixth of a second.
 *
 * Slots are small and used again. What is no address stands beside, as text.
 */
export class HostTable {
  /** Four words a slot, as {@linkcode packHost} writes them. */
  #words = new Uint32Array(4 * FEWEST);
  /** By slot; 0: the slot is free, or its host is a text. */
  #kinds = new Uint8Array(FEWEST);
  /** The next slot of the same bucket, or of the free ones. Like buckets, by number plus 1, so that 0 is none. */
  #nexts = new Int32Array(FEWEST);
  #buckets = new Int32Array(FEWEST);
  readonly #slots = new Map<Host, number>();
  readonly #texts = new Map<number, Host>();
  #free = 0;
  #end = 0;
  #size = 0;

  /** How many hosts there are. */
  get size(): number {
    return this.#size;
  }

  /** So long columns must be. */
  get capacity(): number {
    return this.#kinds.length;
  }

  /** All slots in use are smaller. */
  get end(): number {
    return this.#end;
  }

  /** The slot of a host; -1 if it is not there. */
  find(host: Host): number {
    const kind = pack(host);
    if (kind === 0 || this.#slots.size > 0) {
      const slot = this.#slots.get(host);
      if (slot !== undefined || kind === 0) return slot ?? -1;
    }
    return this.#size === 0 ? -1 : this.#findPacked(kind);
  }

  /** Gives a host that is not there a slot. Columns may have to grow then. */
  add(host: Host): number {
    if (this.#free === 0 && this.#end === this.#kinds.length) this.#grow();
    const slot = this.#free > 0 ? this.#free - 1 : this.#end++;
    if (this.#free > 0) this.#free = this.#nexts[slot]!;
    this.#size++;
    const kind = pack(host);
    if (kind > 0 && isPackedAsWritten()) {
      this.#words.set(packed, 4 * slot);
      this.#kinds[slot] = kind;
      this.#chain(slot);
    } else {
      const text = ownCopy(host);
      this.#slots.set(text, slot);
      this.#texts.set(slot, text);
    }
    return slot;
  }

  /** Takes a host out. */
  remove(slot: number): void {
    const kind = this.#kinds[slot]!;
    if (kind === 0) {
      this.#slots.delete(this.#texts.get(slot)!);
      this.#texts.delete(slot);
    } else {
      this.#unchain(slot);
      this.#kinds[slot] = 0;
    }
    this.#nexts[slot] = this.#free;
    this.#free = slot + 1;
    this.#size--;
  }

  /** Whether a slot holds a host. */
  has(slot: number): boolean {
    return slot < this.#end && (this.#kinds[slot]! > 0 || this.#texts.has(slot));
  }

  /** The host of a slot in use. */
  hostAt(slot: number): Host {
    const kind = this.#kinds[slot]!;
    return kind > 0 ? unpackHost(kind, this.#words, 4 * slot) : this.#texts.get(slot)!;
  }

  /** The hosts that lie in a network, itself included. Among a million that takes some milliseconds. */
  within(network: Host): Host[] {
    const isWithin = containsPacked(network);
    const hosts = [...this.#texts.values()].filter((host) =>
      isAddress(host) && contains(network, host)
    );
    for (let slot = 0; slot < this.#end; slot++) {
      const kind = this.#kinds[slot]!;
      if (kind > 0 && isWithin(kind, this.#words, 4 * slot)) hosts.push(this.hostAt(slot));
    }
    return hosts;
  }

  /** Where {@linkcode packed} is; -1 if it is nowhere. */
  #findPacked(kind: number): number {
    const words = this.#words;
    const kinds = this.#kinds;
    const nexts = this.#nexts;
    let slot = this.#buckets[packedHash & (this.#buckets.length - 1)]! - 1;
    while (slot >= 0) {
      const at = 4 * slot;
      if (
        words[at] === packed[0] && words[at + 1] === packed[1] && words[at + 2] === packed[2] &&
        words[at + 3] === packed[3] && kinds[slot] === kind
      ) return slot;
      slot = nexts[slot]! - 1;
    }
    return -1;
  }

  #chain(slot: number): void {
    const bucket = this.#bucketOf(slot);
    this.#nexts[slot] = this.#buckets[bucket]!;
    this.#buckets[bucket] = slot + 1;
  }

  #unchain(slot: number): void {
    const bucket = this.#bucketOf(slot);
    let before = -1;
    for (let at = this.#buckets[bucket]! - 1; at !== slot; at = this.#nexts[at]! - 1) before = at;
    if (before < 0) this.#buckets[bucket] = this.#nexts[slot]!;
    else this.#nexts[before] = this.#nexts[slot]!;
  }

  #bucketOf(slot: number): number {
    return hashAt(this.#words, 4 * slot) & (this.#buckets.length - 1);
  }

  /** Doubles the room. With a million hosts that takes 30 ms. */
  #grow(): void {
    const capacity = 2 * this.capacity;
    this.#words = new Uint32Array(this.#words.buffer.transfer(16 * capacity));
    this.#kinds = new Uint8Array(this.#kinds.buffer.transfer(capacity));
    this.#nexts = new Int32Array(this.#nexts.buffer.transfer(4 * capacity));
    this.#buckets = new Int32Array(capacity);
    for (let slot = 0; slot < this.#end; slot++) if (this.#kinds[slot]! > 0) this.#chain(slot);
  }
}

const FEWEST = 64;

/**
 * The host that was packed last, its numbers, their hash and its kind. A failure is looked up in three tables one after
 * the other: reading the text each time took as long as all the rest.
 */
const packed = new Uint32Array(4);
let packedHost: Host | undefined;
let packedKind = 0;
let packedHash = 0;
/** Whether the text is what the numbers are printed as; not known before somebody asks. */
let isAsWritten: boolean | undefined;

function pack(host: Host): number {
  if (host === packedHost) return packedKind;
  packedKind = packHost(host, packed);
  packedHash = hashAt(packed, 0);
  packedHost = ownCopy(host);
  isAsWritten = undefined;
  return packedKind;
}

function isPackedAsWritten(): boolean {
  return isAsWritten ??= unpackHost(packedKind, packed, 0) === packedHost;
}

/** Another one in each process: nobody can choose hosts that all come into one bucket. */
const SEED = Math.floor(Math.random() * 2 ** 32);

function hashAt(words: Uint32Array, at: number): number {
  let hash = SEED;
  for (let word = at; word < at + 4; word++) {
    hash = Math.imul(hash ^ words[word]!, 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash;
}
