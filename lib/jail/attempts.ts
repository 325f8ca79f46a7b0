import { ownCopy } from "../own_copy.ts";
import { Column } from "./column.ts";
import { ShortTexts } from "./short_texts.ts";

/** One counted failure of a host, as the state file has it too. */
export interface Attempt {
  /** Log time in milliseconds since the epoch. */
  readonly time: number;
  /** The line as evidence; none once newer ones have pushed it out. */
  readonly line?: string | undefined;
  readonly session?: string | undefined;
}

/** What of an attempt leads to a ban. */
export type Evidence = Omit<Attempt, "session">;

/**
 * The attempts of all hosts, in chains from the newest to the oldest. In columns: an object for each attempt took 150 bytes,
 * and collecting them as garbage a third of the time of a flood. Links are numbers of rows.
 */
export class Attempts {
  /**
   * By row two numbers, which are mostly wanted together: its time, and the next older attempt of the same host, or the next
   * free row; {@linkcode NONE} at the end.
   */
  #rows = new Float64Array(2 * FEWEST);
  readonly #sessions = new ShortTexts();
  readonly #lines = new Column<string>();
  #free = NONE;
  #end = 0;

  /** Adds an attempt in front of an older one. Gives its row. */
  add({ time, line, session }: Attempt, older: number): number {
    if (this.#free === NONE && 2 * this.#end === this.#rows.length) this.#grow();
    const row = this.#free === NONE ? this.#end++ : this.#free;
    if (row === this.#free) this.#free = this.olderOf(row);
    this.#rows[2 * row] = time;
    this.link(row, older);
    this.#sessions.set(row, session);
    if (line !== undefined) this.#lines.set(row, ownCopy(evidenceOf(line)));
    return row;
  }

  /** Frees one attempt, which no other links to any more. */
  remove(row: number): void {
    this.#sessions.set(row, undefined);
    this.dropLine(row);
    this.link(row, this.#free);
    this.#free = row;
  }

  timeOf(row: number): number {
    return this.#rows[2 * row]!;
  }

  sessionOf(row: number): string | undefined {
    return this.#sessions.get(row);
  }

  olderOf(row: number): number {
    return this.#rows[2 * row + 1]!;
  }

  link(row: number, older: number): void {
    this.#rows[2 * row + 1] = older;
  }

  dropLine(row: number): void {
    this.#lines.drop(row);
  }

  /** An attempt by itself. */
  at(row: number): Attempt {
    return {
      time: this.timeOf(row),
      line: this.#lines.get(row),
      session: this.#sessions.get(row),
    };
  }

  /** An attempt without its session, whose text would have to be made: for four of them that took as long as all else. */
  evidenceAt(row: number): Evidence {
    return { time: this.timeOf(row), line: this.#lines.get(row) };
  }

  #grow(): void {
    this.#rows = new Float64Array(this.#rows.buffer.transfer(2 * this.#rows.buffer.byteLength));
  }
}

/** The end of a chain. */
export const NONE = -1;

const FEWEST = 64;

/** Enough of a line to see what it was; a hostile one may have megabytes. */
const LONGEST_EVIDENCE = 500;
/** So many lines of one failure are enough. */
const MOST_EVIDENCE = 10;

/** Each line of a failure cut short. */
export function evidenceOf(line: string): string {
  if (!line.includes("\n")) return line.slice(0, LONGEST_EVIDENCE);
  return line.split("\n").slice(-MOST_EVIDENCE).map((one) => one.slice(0, LONGEST_EVIDENCE)).join(
    "\n",
  );
}
