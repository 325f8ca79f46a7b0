import { ownCopy } from "../own_copy.ts";

/** A line as logged, and what of it the patterns see. */
export type BufferedLine = readonly [line: string, text: string];

/** A part of the buffer's text, [start, end). */
export type Part = readonly [start: number, end: number];

/** The last few lines of a log, for patterns that match several lines at once. */
export class LineBuffer {
  readonly #limit: number;
  #lines: readonly BufferedLine[];

  constructor(limit: number, saved: readonly BufferedLine[]) {
    this.#limit = limit;
    this.#lines = saved;
  }

  add(line: string, text: string): void {
    this.#lines = this.#with([ownCopy(line), ownCopy(plain(text))]);
  }

  /** What the patterns would see with one more line. */
  textWith(text: string): string {
    return textOf(this.#with([text, plain(text)]));
  }

  /** What the patterns see: each line ends with `\n`, the last one too. */
  get text(): string {
    return textOf(this.#lines);
  }

  /** The lines that a match takes part of, but for those that lie in what it skipped. */
  linesOf([start, end]: Part, skipped: readonly Part[]): readonly BufferedLine[] {
    let from = 0;
    return this.#lines.filter(([, text]) => {
      const [first, last] = [from, from + text.length];
      from = last + 1;
      const isTouched = last > start && first < Math.max(end, start + 1);
      return isTouched && !skipped.some(([start, end]) => start <= first && last < end);
    });
  }

  /** Takes lines out: what has matched once does not match again. */
  remove(lines: readonly BufferedLine[]): void {
    this.#lines = this.#lines.filter((line) => !lines.includes(line));
  }

  /** Takes all lines out. */
  clear(): void {
    this.#lines = [];
  }

  save(): readonly BufferedLine[] {
    return this.#lines;
  }

  #with(next: BufferedLine): readonly BufferedLine[] {
    const lines = [...this.#lines, next].slice(-this.#limit);
    let length = lines.reduce((sum, [line]) => sum + line.length, 0);
    while (length > MAX_LENGTH && lines.length > 1) length -= lines.shift()![0].length;
    return lines;
  }
}

/** In UTF-16 code units. Lines that need more together are hostile; what they push out is not matched. */
const MAX_LENGTH = 256 * 1024;

/** A line's text without what ECMAScript takes for the end of a line besides `\n`. */
function plain(text: string): string {
  return text.replace(/[\r\u2028\u2029]/g, " ");
}

/** Lines as the patterns see them. */
export function textOf(lines: readonly BufferedLine[]): string {
  return lines.map(([, text]) => `${text}\n`).join("");
}
