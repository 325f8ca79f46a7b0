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
    this.#lines = saved.slice(-limit);
  }

  add(line: string, text: string): void {
    this.#lines = [...this.#lines, [line, text] as const].slice(-this.#limit);
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

  save(): readonly BufferedLine[] {
    return this.#lines;
  }
}

/** Lines as the patterns see them. */
export function textOf(lines: readonly BufferedLine[]): string {
  return lines.map(([, text]) => `${text}\n`).join("");
}
