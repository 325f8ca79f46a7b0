// @ts-types="d3-time/types"
import { timeTickInterval } from "d3-time";

/** A span of time in pieces that begin at round times of this machine's zone. In milliseconds since the epoch. */
export interface Bins {
  readonly starts: readonly number[];
  /** The piece that a time lies in, counted from 0; -1 of a time before the first. */
  indexOf(time: number): number;
}

/** So many pieces make a chart that is neither coarse nor hairy; there may be half as many, or twice. */
const ABOUT = 56;

/** The pieces of the time from `from` to `to`. */
export function binsOf(from: number, to: number): Bins {
  const interval = timeTickInterval(new Date(from), new Date(Math.max(to, from + 1)), ABOUT)!;
  const first = interval.floor(new Date(from));
  const starts = interval.range(first, new Date(to + 1)).map(Number);
  return {
    starts,
    indexOf(time) {
      let low = 0;
      let high = starts.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (starts[middle]! <= time) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    },
  };
}
