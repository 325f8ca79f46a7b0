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
 * host takes 28 bytes here; a string in a map takes 80, and the garbage collector goes through all of them: with half a
 * million failing hosts that held everything up for a sixth of a second.
 *
 * Slots are small and used again. What is no address stands beside, as text.
 */
export class HostTable {
  /**
   * By slot {@linkcode ROW} words: four as {@linkcode packHost} writes them, the kind that it gives (0: the slot is free, or its
   * host is a text), and the next slot of the same bucket, or of the free ones. All in one place, for among a hundred thousand
   * hosts each place costs a look into memory beyond the processor's cache.
   */
  #rows = new Uint32Array(ROW * FEWEST);
  /** Slots, like the next ones by number plus 1, so that 0 is none. */
  #buckets = new Uint32Array(FEWEST);
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
    return this.#buckets.length;
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
    if (this.#free === 0 && this.#end === this.capacity) this.#grow();
    const slot = this.#free > 0 ? this.#free - 1 : this.#end++;
    const at = ROW * slot;
    if (this.#free > 0) this.#free = this.#rows[at + NEXT]!;
    this.#size++;
    const kind = pack(host);
    if (kind > 0 && isPackedAsWritten()) {
      for (let word = 0; word < 4; word++) this.#rows[at + word] = packed[word]!;
      this.#rows[at + KIND] = kind;
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
    const at = ROW * slot;
    if (this.#rows[at + KIND] === 0) {
      this.#slots.delete(this.#texts.get(slot)!);
      this.#texts.delete(slot);
    } else {
      this.#unchain(slot);
      this.#rows[at + KIND] = 0;
    }
    this.#rows[at + NEXT] = this.#free;
    this.#free = slot + 1;
    this.#size--;
  }

  /** Whether a slot holds a host. */
  has(slot: number): boolean {
    return slot < this.#end && (this.#kindAt(slot) > 0 || this.#texts.has(slot));
  }

  /** The host of a slot in use. */
  hostAt(slot: number): Host {
    const kind = this.#kindAt(slot);
    return kind > 0 ? unpackHost(kind, this.#rows, ROW * slot) : this.#texts.get(slot)!;
  }

  /** The hosts that lie in a network, itself included. Among a million that takes some milliseconds. */
  within(network: Host): Host[] {
    const isWithin = containsPacked(network);
    const hosts = [...this.#texts.values()].filter((host) =>
      isAddress(host) && contains(network, host)
    );
    for (let slot = 0; slot < this.#end; slot++) {
      const kind = this.#kindAt(slot);
      if (kind > 0 && isWithin(kind, this.#rows, ROW * slot)) hosts.push(this.hostAt(slot));
    }
    return hosts;
  }

  #kindAt(slot: number): number {
    return this.#rows[ROW * slot + KIND]!;
  }

  /** Where {@linkcode packed} is; -1 if it is nowhere. */
  #findPacked(kind: number): number {
    const rows = this.#rows;
    let slot = this.#buckets[packedHash & (this.#buckets.length - 1)]! - 1;
    while (slot >= 0) {
      const at = ROW * slot;
      if (
        rows[at] === packed[0] && rows[at + 1] === packed[1] && rows[at + 2] === packed[2] &&
        rows[at + 3] === packed[3] && rows[at + KIND] === kind
      ) return slot;
      slot = rows[at + NEXT]! - 1;
    }
    return -1;
  }

  #chain(slot: number): void {
    const bucket = this.#bucketOf(slot);
    this.#rows[ROW * slot + NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = slot + 1;
  }

  #unchain(slot: number): void {
    const bucket = this.#bucketOf(slot);
    const next = (at: number) => this.#rows[ROW * at + NEXT]!;
    let before = -1;
    for (let at = this.#buckets[bucket]! - 1; at !== slot; at = next(at) - 1) before = at;
    if (before < 0) this.#buckets[bucket] = next(slot);
    else this.#rows[ROW * before + NEXT] = next(slot);
  }

  #bucketOf(slot: number): number {
    return hashAt(this.#rows, ROW * slot) & (this.#buckets.length - 1);
  }

  /** Doubles the room. With a million hosts that takes 30 ms. */
  #grow(): void {
    const capacity = 2 * this.capacity;
    this.#rows = new Uint32Array(this.#rows.buffer.transfer(4 * ROW * capacity));
    this.#buckets = new Uint32Array(capacity);
    for (let slot = 0; slot < this.#end; slot++) if (this.#kindAt(slot) > 0) this.#chain(slot);
  }
}

/** How many words a slot takes, and where in them its kind and the next slot are. */
const ROW = 6;
const KIND = 4;
const NEXT = 5;

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
