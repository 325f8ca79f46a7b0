import { decodeLines } from "../decode_lines.ts";

/** The lines of a block that some filters may match. */
export interface FoundLines {
  /** The block's bytes: whole lines. */
  readonly block: Uint8Array;
  /** The lines that were found, one behind the other. */
  readonly text: string;
  /** Whether the text has a code unit for each byte of these lines. */
  readonly isPlain: boolean;
  /**
   * Of each line where it begins in the block, where the one behind it does, and, as bits, which filters want it. undefined:
   * all lines were found, and every filter wants them.
   */
  readonly places: Uint32Array | undefined;
}

/** The lines of a block that one filter may match, one after the other. */
export class Candidates {
  readonly #lines: FoundLines;
  readonly #filter: number;
  /** Where among the places the candidate's stands. */
  #place = -PLACE;
  /** How many lines there were before the candidate, where all were found; and of one of them, where it begins. */
  #number = -1;
  #known = { number: 0, at: 0 };
  /** Where in the block the line behind the last candidate begins. */
  #judged = 0;
  /** From where to where in the text the candidate stands, its `\n` excluded. */
  start = 0;
  end = -1;

  /** `filter`: the bit of the filter whose candidates are wanted. */
  constructor(lines: FoundLines, filter: number) {
    this.#lines = lines;
    this.#filter = filter;
  }

  /** The text that the candidates stand in, each a whole line. */
  get text(): string {
    return this.#lines.text;
  }

  /** The bytes of the block. They are only good as long as the block is. */
  get block(): Uint8Array {
    return this.#lines.block;
  }

  /** Where in the block the candidate begins; behind the last one, where the block ends. */
  get at(): number {
    const { places, block, isPlain } = this.#lines;
    if (places !== undefined) return places[this.#place] ?? block.length;
    if (isPlain) return this.start;
    let { number, at } = this.#known;
    for (; number < this.#number; number++) at = block.indexOf(NEWLINE, at) + 1;
    this.#known = { number, at };
    return at;
  }

  /** Goes to the next candidate; false if there is none. */
  next(): boolean {
    const { places, text, isPlain } = this.#lines;
    if (places === undefined) {
      this.start = this.end + 1;
      this.end = text.indexOf("\n", this.start);
      this.#number++;
      return this.end >= 0;
    }
    this.#judged = places[this.#place + 1] ?? 0;
    let end = this.end;
    for (let place = this.#place + PLACE; place < places.length; place += PLACE) {
      const start = end + 1;
      end = isPlain ? end + places[place + 1]! - places[place]! : text.indexOf("\n", start);
      if ((places[place + 2]! & this.#filter) === 0) continue;
      this.#place = place;
      this.start = start;
      this.end = end;
      return true;
    }
    this.#place = places.length;
    return false;
  }

  /** The lines between the last candidate and this one, the last first: no pattern matches them. */
  *passedOver(): Generator<string> {
    const { block, places } = this.#lines;
    if (places === undefined) return;
    for (let end = this.at; end > this.#judged;) {
      const before = end < 2 ? -1 : block.lastIndexOf(NEWLINE, end - 2);
      const start = Math.max(this.#judged, before + 1);
      yield decodeLines(block.subarray(start, end - 1));
      end = start;
    }
  }
}

/** How many numbers {@linkcode FoundLines.places} has for each line. */
const PLACE = 3;
const NEWLINE = 10;
