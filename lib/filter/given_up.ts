import { printable } from "../printable.ts";

/** The lines that took a pattern of a filter too long: they led to nothing. */
export interface GivenUp {
  readonly count: number;
  /** The latest of them, perhaps cut short, and what it took too long. */
  readonly line: string;
  readonly why: string;
}

/** What to say of the lines that a filter, or a jail's filter, has given up. */
export function describeGivenUp(name: string, { count, line, why }: GivenUp): string {
  const lines = count === 1 ? "A line was" : `${count} lines were`;
  return `${name}: ${lines} given up, for ${why}; the latest: ${printable(line)}`;
}
