/** How results look on a terminal: tables, colours, times. Nothing here prints. */
import * as colors from "@std/fmt/colors";
import { printable } from "../printable.ts";
import { cut, pad, widthOf } from "./columns.ts";

/** The untyped npm edition's functions that are used. */
const paint = colors as unknown as Record<
  "bold" | "dim" | "red" | "green" | "yellow" | "setColorEnabled",
  (text: string) => string
>;

/** Whether output may be coloured: only on a terminal, and not where NO_COLOR asks otherwise. */
export function isColoured(): boolean {
  return Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
}

/** Colours that vanish where the output is no terminal. */
export const style = {
  bold: (text: string) => isColoured() ? paint.bold(text) : text,
  dim: (text: string) => isColoured() ? paint.dim(text) : text,
  bad: (text: string) => isColoured() ? paint.red(text) : text,
  good: (text: string) => isColoured() ? paint.green(text) : text,
  warn: (text: string) => isColoured() ? paint.yellow(text) : text,
};

/** A column: its head, and on which side its cells stand. */
export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
  /** Where a line has no room, cells of this column may be cut that it says nothing worth keeping of. */
  readonly shrinks?: (cell: string) => boolean;
}

/** Every cell of a column may be cut. */
export const always = (): boolean => true;

/** A row of a table. */
export type Row = readonly (string | number)[];

/** Rows under their heads, columns aligned. Cells are made safe to print. */
export function table(columns: readonly Column[], rows: readonly Row[], width = Infinity): string {
  return new Table(columns, width).lines(rows).join("\n");
}

/**
 * A table that is made some rows at a time: there may be a hundred thousand, and a reader who wants the first ones. A
 * column is as wide as its widest cell so far. No line is wider than `width` as long as columns can shrink.
 */
export class Table {
  readonly #columns: readonly Column[];
  readonly #width: number;
  #widths: readonly number[];
  /** How wide each column must stay. */
  #least: readonly number[];
  #hasHead = false;

  constructor(columns: readonly Column[], width: number) {
    this.#columns = columns;
    this.#width = width;
    this.#widths = columns.map(({ head }) => head.length);
    this.#least = columns.map(({ head, shrinks }) =>
      shrinks ? Math.max(LEAST, head.length) : head.length
    );
  }

  /** Some more rows, the first of them under the heads. */
  lines(rows: readonly Row[]): readonly string[] {
    const cells = rows.map((row) => row.map((cell) => printable(String(cell))));
    this.#widths = this.#columns.map((_, index) =>
      cells.reduce((width, row) => Math.max(width, widthOf(row[index]!)), this.#widths[index]!)
    );
    this.#least = this.#columns.map(({ shrinks }, index) =>
      cells.reduce((least, row) => {
        const cell = row[index]!;
        return shrinks?.(cell) ? least : Math.max(least, widthOf(cell));
      }, this.#least[index]!)
    );
    const widths = shrunk(this.#widths, this.#least, this.#width);
    const line = (row: readonly string[]) =>
      row.map((cell, index) => {
        const width = widths[index]!;
        return pad(cut(cell, width), width, this.#columns[index]!.align);
      }).join("  ").trimEnd();
    const head = this.#hasHead ? [] : [style.bold(line(this.#columns.map(({ head }) => head)))];
    this.#hasHead = true;
    return [...head, ...cells.map(line)];
  }
}

/** A column that shrinks keeps so many columns of the terminal. */
const LEAST = 8;

/** Widths that fit: the widest columns shrink, as far as they must and may. */
function shrunk(
  widths: readonly number[],
  least: readonly number[],
  most: number,
): readonly number[] {
  const fitting = [...widths];
  let excess = widths.reduce((sum, width) => sum + width + 2, -2) - most;
  while (excess > 0) {
    const room = fitting.map((width, index) => width > least[index]! ? width : 0);
    const [widest = 0, second = 0] = room.toSorted((a, b) => b - a);
    if (widest === 0) break;
    const index = room.indexOf(widest);
    const width = Math.max(least[index]!, widest - excess, Math.min(second, widest - 1));
    fitting[index] = width;
    excess -= widest - width;
  }
  return fitting;
}

/** A time in this machine's zone, to the second, as `2026-11-20 10:00:00`. Milliseconds since the epoch. */
export function formatTime(time: number): string {
  const date = new Date(time);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A text of the agent's in which times are shown in this machine's zone, to the second. */
export function withLocalTimes(text: string): string {
  return text.replaceAll(
    /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g,
    (time) => formatTime(Date.parse(time)),
  );
}

/** A time in this machine's zone, to the minute. Milliseconds since the epoch. */
export function formatMinute(time: number): string {
  return formatTime(time).slice(0, -":00".length);
}

/** A duration in milliseconds in its two largest units, as `2h 5m`. */
export function formatSpan(span: number): string {
  let seconds = Math.max(0, Math.round(span / 1000));
  const parts: string[] = [];
  for (const [unit, length] of [["d", 86_400], ["h", 3_600], ["m", 60], ["s", 1]] as const) {
    if (seconds >= length || (unit === "s" && parts.length === 0)) {
      parts.push(`${Math.floor(seconds / length)}${unit}`);
      seconds %= length;
    }
  }
  return parts.slice(0, 2).join(" ");
}

/** A duration in milliseconds in words, by its largest units: `2 hours`, or of two units `2 hours 5 minutes`. */
export function spanInWords(span: number, units: 1 | 2 = 1): string {
  const smallest = UNITS.findLast(([, length]) => Math.abs(span) >= length * 1000) ?? UNITS[0];
  const at = Math.max(0, UNITS.indexOf(smallest) - units + 1);
  const [, step] = UNITS[at]!;
  let rest = Math.max(0, Math.round(span / 1000 / step) * step);
  const parts: string[] = [];
  for (const [unit, length] of UNITS.slice(at).reverse()) {
    const number = Math.floor(rest / length);
    if (number > 0 || (length === step && parts.length === 0)) parts.push(count(number, unit));
    rest %= length;
  }
  return parts.slice(0, units).join(" ");
}

/** In seconds, the smallest first. */
const UNITS = [["second", 1], ["minute", 60], ["hour", 3_600], ["day", 86_400]] as const;

/** A number of a kind, such as `2nd`. */
export function ordinal(number: number): string {
  const isTeen = Math.floor(number % 100 / 10) === 1;
  return `${number}${isTeen ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th"}`;
}

/** How wide output may be: as wide as the terminal, and without end where it goes elsewhere. */
export function outputWidth(): number {
  return Deno.stdout.isTerminal() ? Math.max(MIN_WIDTH, Deno.consoleSize().columns) : Infinity;
}

const MIN_WIDTH = 40;

/** A count with its thousands apart, as `12,345`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A count with its noun, as `1 ban`, `1,200 bans` or `2 addresses`. */
export function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}
