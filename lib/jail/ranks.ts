/**
 * Slots by how often their hosts have failed, and among those that failed as often by which did so longest ago: a list for
 * each number of failures. So the least suspicious host of half a million is at hand, in whatever order they came.
 */
export class Ranks {
  /** By slot {@linkcode ROW} numbers: its rank, and its neighbours in the list of that rank; {@linkcode NOBODY} at the ends. */
  #rows = new Int32Array();
  readonly #firsts = new Int32Array(HIGHEST + 1).fill(NOBODY);
  readonly #lasts = new Int32Array(HIGHEST + 1).fill(NOBODY);
  #size = 0;

  /** Puts a slot behind all others that failed as often. */
  put(slot: number, failures: number): void {
    const at = ROW * slot;
    if (at >= this.#rows.length) this.#grow(slot + 1);
    this.remove(slot);
    const rows = this.#rows;
    const rank = Math.min(failures, HIGHEST);
    const before = this.#lasts[rank]!;
    rows[at] = rank;
    rows[at + BEFORE] = before;
    rows[at + AFTER] = NOBODY;
    if (before === NOBODY) this.#firsts[rank] = slot;
    else rows[ROW * before + AFTER] = slot;
    this.#lasts[rank] = slot;
    this.#size++;
  }

  /** Takes a slot out, if it is there. */
  remove(slot: number): void {
    const at = ROW * slot;
    const rows = this.#rows;
    const rank = rows[at]!;
    if (rank === 0) return;
    const before = rows[at + BEFORE]!;
    const after = rows[at + AFTER]!;
    if (before === NOBODY) this.#firsts[rank] = after;
    else rows[ROW * before + AFTER] = after;
    if (after === NOBODY) this.#lasts[rank] = before;
    else rows[ROW * after + BEFORE] = before;
    rows[at] = 0;
    this.#size--;
  }

  /** The slot that failed least, and of these longest ago; undefined if there is none. */
  get least(): number | undefined {
    return this.#firsts.find((slot) => slot !== NOBODY);
  }

  /** Whether a slot is in. */
  has(slot: number): boolean {
    return (this.#rows[ROW * slot] ?? 0) > 0;
  }

  /** The slot behind one that is in, by rank and by age; behind {@linkcode NOBODY} the very first. NOBODY at the end. */
  next(slot: number): number {
    const after = slot === NOBODY ? NOBODY : this.#after(slot);
    if (after !== NOBODY) return after;
    for (let rank = slot === NOBODY ? 1 : this.#rows[ROW * slot]! + 1; rank <= HIGHEST; rank++) {
      if (this.#firsts[rank] !== NOBODY) return this.#firsts[rank]!;
    }
    return NOBODY;
  }

  /** All slots, the least suspicious first. */
  slots(): Int32Array {
    const slots = new Int32Array(this.#size);
    let count = 0;
    for (const first of this.#firsts) {
      for (let slot = first; slot !== NOBODY; slot = this.#after(slot)) slots[count++] = slot;
    }
    return slots;
  }

  #after(slot: number): number {
    return this.#rows[ROW * slot + AFTER]!;
  }

  #grow(needed: number): void {
    const room = Math.max(64, 2 ** Math.ceil(Math.log2(needed)));
    this.#rows = new Int32Array(this.#rows.buffer.transfer(4 * ROW * room));
  }
}

/** How many numbers a slot has, and where in them its neighbours are. */
const ROW = 3;
const BEFORE = 1;
const AFTER = 2;

/** No slot. */
export const NOBODY = -1;

/** Whoever has failed so often is not told apart from those that failed even more. */
const HIGHEST = 32;
