import { BoundedRegex } from "./bounded_regex.ts";
import { isSubset, WORD } from "./char_ranges.ts";
import { type Code, codes, composites, type Field, words } from "./date_codes.ts";
import { FilterError } from "./filter_error.ts";
import type { Gap } from "./literals.ts";
import { type Node, type Parsed, parseRegex, withoutNames } from "./regex_ast.ts";
import { assertModest } from "./regex_size.ts";

/** Where a date stands in a line: [start, end) is what is cut out. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A field of a date as written, and where it begins in the line. */
export interface FieldText {
  readonly field: Field;
  readonly text: string;
  readonly at: number;
}

/** One way to write a date, compiled. */
export class DateFormat {
  readonly name: string;
  /** Between which characters it may be cut out of a line. */
  readonly gap: Gap;
  /** The pattern without captures, to be searched together with others: it matches wherever the pattern itself does. */
  readonly source: string;
  readonly ignoreCase: boolean;
  /** Whether it is built in: of those it is known that they do not look beyond the word behind a date. */
  readonly isBuiltIn: boolean;
  /** Whether it has no loops but those of the built-in forms, so that it is quick whatever the line. */
  readonly isTame: boolean;
  /** Whether it reads all seconds of a minute alike. A pattern of `(?:07|%S)` does not. */
  readonly readsSecondsAlike: boolean;
  /** Tells where a match ends, many times faster than with captures. */
  readonly #end: BoundedRegex;
  readonly #read: BoundedRegex;
  readonly #cut: number;
  /** How many characters of a match stand before and behind the cut; undefined where that differs. */
  readonly #margin: number | undefined;
  readonly #fields: readonly (readonly [Field, number])[];

  constructor(
    name: string,
    pattern: string,
    { anchored = false, unbounded = false, isBuiltIn = false, isTame = false } = {},
  ) {
    this.name = name;
    this.isBuiltIn = isBuiltIn;
    this.isTame = isTame || isBuiltIn;
    this.readsSecondsAlike = isBuiltIn || !tellsDigits(pattern);
    const [, flags = "", body = ""] = /^(\(\?[iu]+\))?([^]*)$/.exec(pattern)!;
    const { source, inner } = bound(expandCodes(body), anchored, unbounded);
    this.ignoreCase = flags.includes("i") || /%[aAbBpc]/.test(body);
    const parsed = parse(name, source);
    const isBracketed = inner && !anchored && standsInBrackets(parsed.root);
    this.#margin = isBracketed ? 1 : inner || anchored ? undefined : 0;
    this.#cut = parsed.captures.find((capture) => capture.name === undefined)!.index;
    this.#fields = parsed.captures.flatMap(({ name, index }) => {
      const field = /^date\d+_(\w+)$/.exec(name ?? "")?.[1];
      return field === undefined ? [] : [[field as Field, index] as const];
    });
    if (!this.saysTime && !inner) {
      throw new FilterError(
        `datepattern ${name}: it has no %-code, {DATE} or {EPOCH}, so it says no time`,
      );
    }
    this.gap = isBracketed ? "brackets" : inner ? "any" : gapOf(source, parsed.root);
    this.source = withoutCaptures(source, parsed);
    const sticky = this.ignoreCase ? "yis" : "ys";
    const unnamed = withoutNames(source, parsed);
    const plain = parsed.backreferences.length > 0 ? unnamed : this.source;
    const kind = { isTame: this.isTame, written: name };
    this.#end = new BoundedRegex(plain, sticky, kind);
    this.#read = new BoundedRegex(unnamed, `${sticky}d`, kind);
  }

  /** False of a pattern that only says which lines have no date: one with a group `()`, but without any field. */
  get saysTime(): boolean {
    return this.#fields.length > 0;
  }

  /** The date whose pattern matches at exactly this place. */
  spanAt(line: string, at: number): Span | undefined {
    if (!this.#end.test(line, at)) return undefined;
    const margin = this.#margin;
    if (margin !== undefined) return { start: at + margin, end: this.#end.end - margin };
    const [start, end] = this.#read.exec(line, at)!.indices![this.#cut] ?? [at, at];
    return { start, end };
  }

  /** The fields of the date whose pattern matches at exactly this place. */
  fieldsAt(line: string, at: number): readonly FieldText[] {
    const match = this.#read.exec(line, at)!;
    return this.#fields.flatMap(([field, index]) => {
      const text = match[index];
      return text === undefined ? [] : [{ field, text, at: match.indices![index]![0] }];
    });
  }
}

/** Whether a pattern may tell one digit from another, outside its `%`-codes and counts. */
function tellsDigits(pattern: string): boolean {
  return /\d|\\[xukpP]/.test(pattern.replace(/%(?:Ex)?[^]|\{[^}]*\}/g, ""));
}

/** Replaces `%`-codes and `{EPOCH}`-like words by named groups that carry their field in the name. */
function expandCodes(pattern: string): string {
  let count = 0;
  const group = ({ field, lead = "", shape }: Code) =>
    `${lead}(?<date${count++}_${field}>${shape})`;
  const expand = (text: string): string =>
    text.replace(/\\[^]|%(Ex[A-Za-z]|[^])|\{(L?EPOCH|TAI64N)\}/g, (whole, code, word) => {
      if (word !== undefined) return group(words[word]!);
      if (code === undefined) return whole;
      if (code === "%") return "%";
      if (composites[code] !== undefined) return expand(composites[code]);
      const known = codes[code];
      if (known === undefined) {
        throw new FilterError(
          `datepattern ${pattern}: %${code} is no date code: write %% for a percent sign`,
        );
      }
      return group(known);
    });
  return expand(pattern);
}

/**
 * Adds what keeps a date from being found inside a number or a word, and the group that is cut out of the line unless
 * the pattern has a plain group itself.
 */
function bound(
  pattern: string,
  anchored: boolean,
  unbounded: boolean,
): { source: string; inner: boolean } {
  const before = anchored
    ? String.raw`^\W{0,2}?`
    : unbounded || /^\(?\^|^\*\*/.test(pattern)
    ? ""
    : String.raw`(?=^|\b|\W)`;
  const after = unbounded || /(?:\$|\\b|\\s|\*\*)$/.test(pattern) ? "" : String.raw`(?=\b|\W|$)`;
  const bare = pattern.replaceAll("**", "");
  const withoutClasses = bare.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]/g, "");
  if (/\((?!\?)/.test(withoutClasses)) {
    return { source: before + bare + after, inner: true };
  }
  const [, head = "", body = "", tail = ""] = /^(\^?)([^]*?)((?<!\\)\$|)$/.exec(bare)!;
  return { source: `${before}${head}(${body})${tail}${after}`, inner: false };
}

function parse(name: string, source: string): Parsed {
  try {
    new RegExp(source, "s");
    const parsed = parseRegex(source);
    assertModest(parsed);
    return parsed;
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: \/.*\/s: /s, "");
    throw new FilterError(`datepattern ${name}: ${why}: correct the pattern`);
  }
}

/** A reference to what a group took becomes the group's own shape. */
function withoutCaptures(source: string, { captures, backreferences }: Parsed): string {
  const bodyOf = ({ start, name }: Parsed["captures"][number]) =>
    start + (name === undefined ? 1 : `(?<${name}>`.length);
  const edits = captures.map((capture) => ({
    start: capture.start,
    end: bodyOf(capture),
    text: "(?:",
  }));
  for (const { start, end, to } of backreferences) {
    const shapes = captures.filter(({ name, index }) => to === name || to === index)
      .map((capture) => source.slice(bodyOf(capture), capture.end - 1));
    edits.push({ start, end, text: `(?:${shapes.join("|")}|)` });
  }
  return edits.sort((a, b) => b.start - a.start).reduce(
    (text, { start, end, text: replacement }) =>
      text.slice(0, start) + replacement + text.slice(end),
    source,
  );
}

/** Whether a pattern is a bracket, the group that is cut out, and a bracket. */
function standsInBrackets(root: Node): boolean {
  if (root.kind !== "sequence") return false;
  const items = root.items.filter(({ kind }) => kind !== "look");
  const [before, cut, after] = items;
  return items.length === 3 && isCharacter(before, "[") && isCharacter(after, "]") &&
    cut?.kind === "group" && cut.index === 1;
}

function isCharacter(node: Node | undefined, character: string): boolean {
  return node?.kind === "char" && node.code === character.charCodeAt(0);
}

function gapOf(source: string, root: Node): Gap {
  if (source.startsWith("^(")) return "none";
  const cut = cutBody(root)!;
  const left = source.startsWith("^") ||
    (source.startsWith("(?=") && isWordAt("start", cut, source));
  const right = source.endsWith(String.raw`(?=\b|\W|$)`) && isWordAt("end", cut, source);
  return left && right ? "nonword" : "any";
}

function cutBody(root: Node): Node | undefined {
  if (root.kind !== "sequence") return root.kind === "group" ? root.body : undefined;
  return root.items.find((item) => item.kind === "group" && item.index === 1);
}

/** Whether a match surely has a word character at that edge, or looks around itself that no word adjoins there. */
function isWordAt(edge: "start" | "end", node: Node, source: string): boolean {
  return edgeOf(edge, node, source) === "word";
}

function edgeOf(
  edge: "start" | "end",
  node: Node,
  source: string,
): "word" | "empty or word" | "other" {
  switch (node.kind) {
    case "char":
      return /\w/.test(String.fromCharCode(node.code)) ? "word" : "other";
    case "class":
      return isSubset(node.ranges, WORD) ? "word" : "other";
    case "assertion":
      return "empty or word";
    case "look": {
      const guard = edge === "start" ? String.raw`(?<!\w)` : String.raw`(?!\w)`;
      return source.slice(node.start, node.end) === guard ? "word" : "empty or word";
    }
    case "group":
      return edgeOf(edge, node.body, source);
    case "backreference":
      return "other";
    case "quantifier": {
      const body = edgeOf(edge, node.body, source);
      return body === "word" && node.min === 0 ? "empty or word" : body;
    }
    case "sequence": {
      const items = edge === "start" ? node.items : node.items.toReversed();
      const deciding = items.map((item) => edgeOf(edge, item, source)).find((at) =>
        at !== "empty or word"
      );
      return deciding ?? "empty or word";
    }
    case "alternation": {
      const branches = node.branches.map((branch) => edgeOf(edge, branch, source));
      return branches.includes("other")
        ? "other"
        : branches.includes("empty or word")
        ? "empty or word"
        : "word";
    }
  }
}
