import { BLOCK, MAX_LINE } from "./blocks.ts";

/**
 * How much is read at a time, so that a block is dealt with in a few milliseconds whatever is in it: a block of a benign log
 * takes half of one, but where every line led to a ban 256 KiB took 80, and everybody else waited.
 */
export class Pace {
  #length = BLOCK;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** Told how long the last block took, in milliseconds. */
  adapt(elapsed: number): void {
    if (elapsed > LONGEST) this.#length = Math.max(SHORTEST, this.#length / 2);
    else if (elapsed < LONGEST / 4) this.#length = Math.min(BLOCK, this.#length * 2);
  }
}

/** In milliseconds. */
const LONGEST = 8;

/** Room for the longest line and its end. */
const SHORTEST = MAX_LINE + 1;
