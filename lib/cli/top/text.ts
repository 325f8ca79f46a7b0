/** Text in columns: what is safe to print, as wide as it has characters, and cut where it must be. Pure. */
import { printable } from "../../printable.ts";
import { widthOf } from "../columns.ts";
import { grouped } from "../render.ts";

/** Colours, or none. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  /** What the cursor is on. */
  readonly chosen: (text: string) => string;
}

/** Hostile text as characters of which each takes one column. */
export function plain(text: string): string {
  return printable(text).replace(/[^\x20-\x7e\u00a1-\u02ff\u0370-\u052f]/gu, "?");
}

/** Text in exactly so many columns; what does not fit ends in an ellipsis. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  if (width <= 0) return "";
  if (text.length > width) return `${text.slice(0, width - 1)}…`;
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}

/** A painted line, cut after so many columns; its colours end with it. */
export function clip(line: string, width: number): string {
  let columns = 0;
  let clipped = "";
  // deno-lint-ignore no-control-regex
  for (const [part] of line.matchAll(/\x1b\[[\d;]*m|[^\x1b]/gu)) {
    if (part.startsWith("\x1b")) clipped += part;
    else if ((columns += widthOf(part)) <= width) clipped += part;
  }
  return clipped;
}

/** Numbers as a row of bars, the highest as high as a line; the latest so many. */
export function sparkline(numbers: readonly number[], width: number): string {
  const shown = width <= 0 ? [] : numbers.slice(-width);
  const highest = Math.max(1, ...shown);
  return shown.map((number) =>
    number === 0 ? " " : BARS[Math.ceil(number / highest * BARS.length) - 1]!
  ).join("").padStart(width);
}

const BARS = "▁▂▃▄▅▆▇█";

/** A rate: with one decimal where it is small. */
export function rate(number: number): string {
  return number >= 100 ? grouped(Math.round(number)) : number.toFixed(1);
}
