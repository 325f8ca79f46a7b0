import { type Needles, unite } from "./literals.ts";

/**
 * Finds, in a block of lines, those that a filter may match: the lines with a text that one of its patterns needs.
 * Every pattern offers several choices of such texts; which of them is rare, the first lines of the log tell. Never is
 * a line left out that a pattern would match, and where a pattern needs no text, every line is a candidate.
 */
export class Prefilter {
  #search: RegExp | undefined;
  #survey: Survey | undefined;
  /** From where to where the candidate line stands, its `\n` excluded. */
  start = 0;
  end = 0;

  /** `patterns`: the choices of every failregex; `prefix`: those of the prefregex, which all of them need besides. */
  constructor(patterns: readonly (readonly Needles[])[], prefix: readonly Needles[] = []) {
    const together = patterns.every((choices) => choices.length > 0) ? patterns : [];
    if (together.length === 0 && prefix.length === 0) return;
    this.#survey = new Survey(together, prefix);
    this.#search = searchFor(this.#survey.choose());
  }

  /** Whether a line is a candidate. */
  accepts(line: string): boolean {
    if (this.#search === undefined) return true;
    this.#search.lastIndex = 0;
    return this.#search.test(line);
  }

  /**
   * Goes to the first candidate line of a block of whole lines, each of which, the last one too, ends with `\n`. False if
   * there is none. The block is given anew to each call: kept here it would stay in memory.
   */
  first(block: string): boolean {
    if (this.#survey !== undefined) this.#learnFrom(block, this.#survey);
    this.end = -1;
    return this.next(block);
  }

  /** Goes to the next candidate line; false if there is none. */
  next(block: string): boolean {
    const search = this.#search;
    let start = this.end + 1;
    if (start >= block.length) return false;
    if (search === undefined) {
      this.start = start;
      this.end = endOfLine(block, start);
      return true;
    }
    search.lastIndex = start;
    if (!search.test(block)) return false;
    const hit = search.lastIndex;
    // One long way back, and not many short ones from line to line.
    if (hit - start > FAR) start = block.lastIndexOf("\n", hit - 1) + 1;
    let end = endOfLine(block, start);
    for (; end < hit; end = endOfLine(block, start)) start = end + 1;
    this.start = start;
    this.end = end;
    return true;
  }

  /** Goes to the line behind this one, whether it is a candidate or not; false as in {@linkcode next}. */
  follow(block: string): boolean {
    this.start = this.end + 1;
    if (this.start >= block.length) return false;
    this.end = endOfLine(block, this.start);
    return true;
  }

  #learnFrom(block: string, survey: Survey): void {
    survey.read(block);
    if (!survey.isComplete) return;
    this.#search = searchFor(survey.choose());
    this.#survey = undefined;
  }
}

/** In characters. */
const FAR = 2000;

/** Where the line ends that `at` stands in. */
function endOfLine(block: string, at: number): number {
  const end = block.indexOf("\n", at);
  return end < 0 ? block.length : end;
}

/** How many lines tell which texts are rare. */
const SURVEYED_LINES = 500;

/** Counts on the first lines of a log how often the texts occur that a filter may search for. */
class Survey {
  readonly #patterns: readonly (readonly Counter[])[];
  readonly #prefix: readonly Counter[];
  #lines = 0;

  constructor(patterns: readonly (readonly Needles[])[], prefix: readonly Needles[]) {
    this.#patterns = patterns.map((choices) => choices.map((needles) => new Counter(needles)));
    this.#prefix = prefix.map((needles) => new Counter(needles));
  }

  get isComplete(): boolean {
    return this.#lines >= SURVEYED_LINES;
  }

  read(block: string): void {
    const counters = [...this.#patterns.flat(), ...this.#prefix];
    for (let start = 0; start < block.length && !this.isComplete; this.#lines++) {
      const end = block.indexOf("\n", start);
      const line = block.slice(start, end < 0 ? block.length : end);
      for (const counter of counters) counter.read(line);
      start += line.length + 1;
    }
  }

  /** The texts by which the fewest of the lines so far are candidates. */
  choose(): Needles {
    const united = this.#patterns.map(rarest);
    const prefix = this.#prefix.length === 0 ? undefined : rarest(this.#prefix);
    const hits = united.reduce((sum, counter) => sum + counter.hits, 0);
    if (united.length === 0 || (prefix !== undefined && prefix.hits < hits)) return prefix!.needles;
    return unite(united.map(({ needles }) => needles));
  }
}

class Counter {
  readonly needles: Needles;
  readonly #search: RegExp;
  hits = 0;

  constructor(needles: Needles) {
    this.needles = needles;
    this.#search = searchFor(needles);
  }

  read(line: string): void {
    this.#search.lastIndex = 0;
    if (this.#search.test(line)) this.hits++;
  }
}

/** Of equals the first: choices come with the rarest first, by the look of them. */
function rarest(counters: readonly Counter[]): Counter {
  return counters.reduce((best, counter) => counter.hits < best.hits ? counter : best);
}

function searchFor({ texts, ignoreCase }: Needles): RegExp {
  const alternatives = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(alternatives.join("|"), ignoreCase ? "gi" : "g");
}
