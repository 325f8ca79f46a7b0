import type { Host } from "../address.ts";
import { HostTable } from "./host_table.ts";
import { Ranks } from "./ranks.ts";
import { StillViews } from "./still_views.ts";

/** A few numbers for each host, in the order in which the hosts came: what a map of small objects is, in a fifth of the room. */
export class HostRecords {
  readonly #width: number;
  readonly #hosts = new HostTable();
  #numbers: Float64Array<ArrayBuffer>;
  /** One rank for all: only the order counts. */
  readonly #order = new Ranks();
  readonly #views = new StillViews(this.#order);
  #swept = 0;

  /** `width`: how many numbers each host has. */
  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float64Array(width * this.#hosts.capacity);
  }

  get size(): number {
    return this.#hosts.size;
  }

  /** The slot of a host; -1 if it is not there. */
  find(host: Host): number {
    return this.#hosts.find(host);
  }

  has(slot: number): boolean {
    return this.#hosts.has(slot);
  }

  hostAt(slot: number): Host {
    return this.#hosts.hostAt(slot);
  }

  /** The hosts that lie in a network. */
  within(network: Host): Host[] {
    return this.#hosts.within(network);
  }

  /** A number of the host in a slot. */
  get(slot: number, field: number): number {
    return this.#numbers[this.#width * slot + field]!;
  }

  /** Sets the numbers of a host; a new one comes last. Gives its slot. */
  set(host: Host, ...numbers: readonly number[]): number {
    const slot = this.find(host);
    if (slot < 0) return this.add(host, ...numbers);
    this.#views.keep(slot);
    for (let field = 0; field < this.#width; field++) {
      this.#numbers[this.#width * slot + field] = numbers[field]!;
    }
    return slot;
  }

  /** Adds a host that is not there, as the last. Gives its slot. */
  add(host: Host, ...numbers: readonly number[]): number {
    const slot = this.#hosts.add(host);
    const room = this.#width * this.#hosts.capacity;
    if (room > this.#numbers.length) {
      this.#numbers = new Float64Array(this.#numbers.buffer.transfer(8 * room));
    }
    this.#views.keep(slot);
    this.#order.put(slot, 1);
    for (let field = 0; field < this.#width; field++) {
      this.#numbers[this.#width * slot + field] = numbers[field]!;
    }
    return slot;
  }

  delete(slot: number): void {
    this.#views.keep(slot);
    this.#order.remove(slot);
    this.#hosts.remove(slot);
  }

  /** Deletes some of the hosts that are stale: a 64th is looked at, so that no single moment pays for a large table. */
  sweep(isStale: (slot: number) => boolean): void {
    for (let left = SMALLEST_STEP + this.#hosts.end / 64; left > 0; left--) {
      if (this.#swept >= this.#hosts.end) {
        this.#swept = 0;
        return;
      }
      const slot = this.#swept++;
      if (this.has(slot) && isStale(slot)) this.delete(slot);
    }
  }

  /** The slots in use, by the order of the hosts. */
  slots(): Int32Array {
    return this.#order.slots();
  }

  /** What there is now, each host made into an item when its turn comes, to be gone through once. */
  view<T>(itemOf: (host: Host, get: (field: number) => number, slot: number) => T): Iterable<T> {
    return this.#views.open(
      this.#hosts.end,
      (slot) => itemOf(this.hostAt(slot), (field) => this.get(slot, field), slot),
    );
  }

  /** To be called before something else that {@linkcode view} shows of a slot changes. */
  keep(slot: number): void {
    this.#views.keep(slot);
  }
}

const SMALLEST_STEP = 64;
