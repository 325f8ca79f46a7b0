import { type Needles, unite } from "./literals.ts";

/**
 * Which texts the lines have that a filter may match. Every pattern offers several choices of such texts; which of them is
 * rare, the first lines of the log tell. Never is a line left out that a pattern would match, and where a pattern needs
 * no text, every line is a candidate.
 */
export class Prefilter {
  #needles: Needles | undefined;
  #survey: Survey | undefined;
  #search: RegExp | undefined;

  /** Whether the filter passes over a line that is none of its by a look at its head, so that a search saves little. */
  readonly readsHeads: boolean;

  /** `patterns`: the choices of every failregex; `prefix`: those of the prefregex, which all of them need besides. */
  constructor(
    patterns: readonly (readonly Needles[])[],
    prefix: readonly Needles[] = [],
    readsHeads = false,
  ) {
    this.readsHeads = readsHeads;
    const together = patterns.every((choices) => choices.length > 0) ? patterns : [];
    if (together.length === 0 && prefix.length === 0) return;
    this.#survey = new Survey(together, prefix);
    this.#needles = this.#survey.choose();
  }

  /** Texts of which a line has one that a pattern matches; undefined: it may be any line. */
  get needles(): Needles | undefined {
    return this.#needles;
  }

  /** Whether it wants to see lines of the log to choose better. */
  get isLearning(): boolean {
    return this.#survey !== undefined;
  }

  /** Takes note of what the next lines of the log have. */
  learn(lines: string): void {
    if (this.#survey === undefined) return;
    this.#survey.read(lines);
    if (!this.#survey.isComplete) return;
    this.#needles = this.#survey.choose();
    this.#survey = this.#search = undefined;
  }

  /** Whether a line is a candidate. */
  accepts(line: string): boolean {
    if (this.#needles === undefined) return true;
    this.#search ??= searchFor(this.#needles);
    return this.#search.test(line);
  }
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
    if (this.#search.test(line)) this.hits++;
  }
}

/** Of equals the first: choices come with the rarest first, by the look of them. */
function rarest(counters: readonly Counter[]): Counter {
  return counters.reduce((best, counter) => counter.hits < best.hits ? counter : best);
}

function searchFor({ texts, ignoreCase }: Needles): RegExp {
  const alternatives = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(alternatives.join("|"), ignoreCase ? "i" : "");
}
