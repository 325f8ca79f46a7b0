/** Sets of UTF-16 code units. */

/** Inclusive. */
export type Range = readonly [from: number, to: number];

/** Every code unit: what `.` matches with flag `s`. */
export const ANY: readonly Range[] = [[0, 0xffff]];
const DIGIT: readonly Range[] = [[0x30, 0x39]];
/** What `\w` matches. */
export const WORD: readonly Range[] = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
// deno-fmt-ignore
const SPACE: readonly Range[] = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f],
  [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff],
];

/** What `\d` and its like match, by their letter. */
export const escapedClasses: Readonly<Record<string, readonly Range[]>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};

/** The only character of these ranges; undefined if they hold more. */
export function single(ranges: readonly Range[]): number | undefined {
  const [range] = ranges;
  return ranges.length === 1 && range![0] === range![1] ? range![0] : undefined;
}

/** Sorts and joins ranges that overlap or adjoin. */
export function normalize(ranges: readonly Range[]): readonly Range[] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** All code units that are not in these ranges, which are normal. */
export function complement(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= 0xffff) rest.push([next, 0xffff]);
  return rest;
}

/** Whether one set of ranges is part of another, which is normal. */
export function isSubset(part: readonly Range[], whole: readonly Range[]): boolean {
  return part.every(([from, to]) => whole.some(([low, high]) => from >= low && to <= high));
}
