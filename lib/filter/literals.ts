import type { Node } from "./regex_ast.ts";

/** Texts of which at least one must stand in whatever a pattern matches. */
export interface Needles {
  readonly texts: readonly string[];
  /** Whether letters may stand in either case. */
  readonly ignoreCase: boolean;
}

/**
 * Between which characters a date may have been cut out, so that a literal of the pattern may straddle the gap in the
 * line as logged: nowhere (it stands at the line's start), between brackets, between any two characters that are no
 * word characters, or anywhere.
 */
export type Gap = (typeof GAPS)[number];

/** Each takes in the ones before it. */
const GAPS = ["none", "brackets", "nonword", "any"] as const;

/** The gap that takes in all of these. */
export function widest(gaps: readonly Gap[]): Gap {
  return GAPS[Math.max(0, ...gaps.map((gap) => GAPS.indexOf(gap)))]!;
}

/**
 * Needles of which each alone must be in whatever a pattern matches, the rarest by the look of them first. Empty where a
 * pattern needs no text that is worth a search.
 */
export function needlesOf(root: Node, gap: Gap): readonly Needles[] {
  const ignoreCase = ignoresCase(root);
  return new Derivation(gap).of(root).needed
    .filter((texts) => costOf(texts) <= MAX_COST && texts.length <= MAX_NEEDLES)
    // No line has a line end; a search in many lines would find it between them.
    .filter((texts) => !texts.some((text) => text.includes("\n")))
    .sort((a, b) => costOf(a) - costOf(b))
    .slice(0, MAX_CHOICES)
    .map((texts) => ({ texts, ignoreCase }));
}

/** Needles for any of several patterns, of which each has some. */
export function unite(all: readonly Needles[]): Needles {
  const ignoreCase = all.some((needles) => needles.ignoreCase);
  return { texts: withoutCovered(all.flatMap(({ texts }) => texts)), ignoreCase };
}

/** How many texts one part of a pattern may stand for before it is no longer spelled out. */
const MAX_EXACT = 32;
const MAX_NEEDLES = 200;
const MAX_CHOICES = 8;
/** Expected hits per character above which searching is no cheaper than matching every line. */
const MAX_COST = 1 / 100;

interface Known {
  /** All texts that the node can match, if they are few. */
  readonly exact: readonly string[] | undefined;
  /** Choices of texts; of each choice one must occur in what the node matches. */
  readonly needed: readonly Choice[];
}

type Choice = readonly string[];

const NOTHING_KNOWN: Known = { exact: undefined, needed: [] };
const EMPTY: Known = { exact: [""], needed: [] };

class Derivation {
  readonly #gap: Gap;

  constructor(gap: Gap) {
    this.#gap = gap;
  }

  of(node: Node): Known {
    switch (node.kind) {
      case "char":
        return this.#exactly([String.fromCharCode(node.code)]);
      case "class":
        return this.#ofClass(node);
      case "assertion":
      case "look":
        return EMPTY;
      case "group":
        return this.of(node.body);
      case "backreference":
        return NOTHING_KNOWN;
      case "quantifier":
        return this.#ofQuantifier(node);
      case "sequence":
        return this.#ofSequence(node.items.map((item) => this.of(item)));
      case "alternation":
        return this.#ofAlternation(node.branches.map((branch) => this.of(branch)));
    }
  }

  #exactly(exact: readonly string[]): Known {
    return { exact, needed: this.#search(exact) };
  }

  #ofClass({ ranges }: Extract<Node, { kind: "class" }>): Known {
    const size = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    if (size > 10) return NOTHING_KNOWN;
    const codes = ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i)
    );
    return this.#exactly(codes.map((code) => String.fromCharCode(code)));
  }

  #ofQuantifier({ min, max, body }: Extract<Node, { kind: "quantifier" }>): Known {
    if (max === 0) return EMPTY;
    const once = this.of(body);
    if (min === 0) {
      const exact = max === 1 && once.exact !== undefined ? ["", ...once.exact] : undefined;
      return { exact, needed: [] };
    }
    if (min === max && min <= 4) return this.#ofSequence(Array.from({ length: min }, () => once));
    return { exact: undefined, needed: once.needed };
  }

  #ofSequence(items: readonly Known[]): Known {
    const needed: Choice[] = [];
    let run: readonly string[] = [""];
    let exact = true;
    for (const item of items) {
      const product = item.exact?.flatMap((tail) => run.map((head) => head + tail));
      if (product !== undefined && product.length <= MAX_EXACT) {
        run = product;
        continue;
      }
      exact = false;
      needed.push(...this.#search(run), ...item.needed);
      run = item.exact ?? [""];
    }
    needed.push(...this.#search(run));
    return { exact: exact ? run : undefined, needed };
  }

  #ofAlternation(branches: readonly Known[]): Known {
    const exact = branches.every((branch) => branch.exact !== undefined)
      ? [...new Set(branches.flatMap((branch) => branch.exact!))]
      : undefined;
    const best = branches.map(({ needed }) => needed.toSorted((a, b) => costOf(a) - costOf(b))[0]);
    const needed = best.every((choice) => choice !== undefined)
      ? [withoutCovered(best.flat())]
      : [];
    return { exact: exact !== undefined && exact.length <= MAX_EXACT ? exact : undefined, needed };
  }

  /** What to search in the line as logged for these texts; nothing if one of them leaves nothing to search. */
  #search(exact: readonly string[]): readonly Choice[] {
    const texts = exact.map((text) => this.#unbroken(text));
    return texts.includes("") ? [] : [withoutCovered(texts)];
  }

  /** The rarest piece of a text that no gap can break. */
  #unbroken(text: string): string {
    return text.split(BREAKS[this.#gap]).reduce(
      (best, piece) => frequency(piece) < frequency(best) ? piece : best,
      "",
    );
  }
}

/** Where in a text each gap may be. */
const BREAKS: Readonly<Record<Gap, RegExp>> = {
  none: /(?!)/,
  brackets: /(?<=\[)(?=\])/,
  nonword: /(?<=\W)(?=\W)/,
  any: /(?:)/,
};

/** A text that contains another one adds nothing to it. */
function withoutCovered(texts: readonly string[]): readonly string[] {
  const unique = [...new Set(texts)];
  return unique.filter((text) => !unique.some((other) => other !== text && text.includes(other)));
}

/** How often one of the texts is to be expected at a place in a log. */
function costOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + frequency(text), 0);
}

/** How often a text is to be expected at a place in a log, by the look of it. */
export function frequency(text: string): number {
  let product = 1;
  // Beyond eight characters nothing is left to gain, and long texts would underflow.
  for (const character of text.slice(0, 8)) product *= commonness(character);
  return product;
}

/** Rough shares of characters in English log text. */
function commonness(character: string): number {
  if (character === " ") return 0.12;
  if (/[etaoinsr]/.test(character)) return 0.05;
  if (/[0-9]/.test(character)) return 0.05;
  if (/[./:="-]/.test(character)) return 0.04;
  return 0.02;
}

function ignoresCase(node: Node): boolean {
  switch (node.kind) {
    case "group":
      return node.ignoreCase === true || ignoresCase(node.body);
    case "quantifier":
      return ignoresCase(node.body);
    case "sequence":
      return node.items.some(ignoresCase);
    case "alternation":
      return node.branches.some(ignoresCase);
    default:
      return false;
  }
}
