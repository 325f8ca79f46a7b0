import type { Ban } from "./ban.ts";

/** Bans in the order in which they end: a binary heap, so that a million of them cost nothing until they are due. */
export class ExpiryQueue {
  #heap: EndingBan[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Adds a ban; one without an end needs no queueing. */
  push(ban: Ban): void {
    if (ban.until === null) return;
    this.#heap.push(ban as EndingBan);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes out the next ban that ends at or before a time. */
  takeDue(now: number): Ban | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.until > now) return undefined;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** The bans that end at or before a time; nothing else is looked at. */
  *due(now: number, at = 0): Iterable<Ban> {
    const ban = this.#heap[at];
    if (ban === undefined || ban.until > now) return;
    yield ban;
    yield* this.due(now, 2 * at + 1);
    yield* this.due(now, 2 * at + 2);
  }

  /** Drops the bans that are no longer wanted. */
  keep(isWanted: (ban: Ban) => boolean): void {
    this.#heap = this.#heap.filter(isWanted);
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #rise(at: number): void {
    const ban = this.#heap[at]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!endsBefore(ban, this.#heap[parent]!)) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = ban;
  }

  #sink(at: number): void {
    const heap = this.#heap;
    const ban = heap[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && endsBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!endsBefore(heap[child]!, ban)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = ban;
  }
}

type EndingBan = Ban & { readonly until: number };

/** By host where the time is the same, so that the order does not depend on how the heap came about. */
function endsBefore(a: EndingBan, b: EndingBan): boolean {
  return a.until < b.until || (a.until === b.until && a.host < b.host);
}
