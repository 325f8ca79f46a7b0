/**
 * The ends of bans, by time: a binary heap, so that a million of them cost nothing until they are due. Bans are named by
 * slots; whether one still ends then, only the owner knows.
 */
export class ExpiryQueue {
  #times = new Float64Array(FEWEST);
  #slots = new Int32Array(FEWEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(slot: number, until: number): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#rise(this.#size++, slot, until);
  }

  /** Takes out the next slot that is due at a time; what is not wanted any more is passed over. */
  takeDue(now: number, isWanted: IsWanted): number | undefined {
    while (this.#size > 0 && this.#times[0]! <= now) {
      const slot = this.#slots[0]!;
      const until = this.#times[0]!;
      const last = --this.#size;
      if (last > 0) this.#sink(0, this.#slots[last]!, this.#times[last]!);
      if (isWanted(slot, until)) return slot;
    }
    return undefined;
  }

  /** How many are due at a time; nothing else is looked at. */
  countDue(now: number, isWanted: IsWanted, at = 0): number {
    if (at >= this.#size || this.#times[at]! > now) return 0;
    return (isWanted(this.#slots[at]!, this.#times[at]!) ? 1 : 0) +
      this.countDue(now, isWanted, 2 * at + 1) + this.countDue(now, isWanted, 2 * at + 2);
  }

  /** Drops what is no longer wanted. */
  keep(isWanted: IsWanted): void {
    const size = this.#size;
    this.#size = 0;
    // What rises stands before what is still to be looked at.
    for (let at = 0; at < size; at++) {
      const slot = this.#slots[at]!;
      const until = this.#times[at]!;
      if (isWanted(slot, until)) this.#rise(this.#size++, slot, until);
    }
  }

  #rise(at: number, slot: number, until: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= until) break;
      this.#times[at] = this.#times[parent]!;
      this.#slots[at] = this.#slots[parent]!;
      at = parent;
    }
    this.#times[at] = until;
    this.#slots[at] = slot;
  }

  #sink(at: number, slot: number, until: number): void {
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#times[child + 1]! < this.#times[child]!) child++;
      if (this.#times[child]! >= until) break;
      this.#times[at] = this.#times[child]!;
      this.#slots[at] = this.#slots[child]!;
      at = child;
    }
    this.#times[at] = until;
    this.#slots[at] = slot;
  }

  #grow(): void {
    const room = 2 * this.#times.length;
    this.#times = new Float64Array(this.#times.buffer.transfer(8 * room));
    this.#slots = new Int32Array(this.#slots.buffer.transfer(4 * room));
  }
}

type IsWanted = (slot: number, until: number) => boolean;

const FEWEST = 64;
