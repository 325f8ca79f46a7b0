import { ANY, complement, escapedClasses, normalize, type Range, single } from "./char_ranges.ts";

/**
 * An ECMAScript pattern (no `u` or `v` flag) as a tree, for what the engine does not tell: which texts it must contain, which
 * groups it has, how its parts follow each other. The grammar is ECMA-262's, Annex B included.
 */

interface Span {
  /** Where the node begins and ends in the source. */
  readonly start: number;
  readonly end: number;
}

/** A part of a pattern, or all of it. */
export type Node =
  /** One UTF-16 code unit. */
  | Span & { readonly kind: "char"; readonly code: number }
  /** One code unit out of these inclusive ranges, sorted; `.` counts as every unit (flag `s`). */
  | Span & { readonly kind: "class"; readonly ranges: readonly Range[] }
  /** `^ $ \b \B`. */
  | Span & { readonly kind: "assertion"; readonly source: string }
  | Span & { readonly kind: "look"; readonly body: Node }
  /** `index` is undefined where it captures nothing; `ignoreCase` is set where the group's modifiers say so. */
  | Span & {
    readonly kind: "group";
    readonly index: number | undefined;
    readonly name: string | undefined;
    readonly ignoreCase: boolean | undefined;
    readonly body: Node;
  }
  | Span & { readonly kind: "backreference"; readonly to: number | string }
  | Span & {
    readonly kind: "quantifier";
    readonly min: number;
    readonly max: number;
    readonly body: Node;
  }
  | Span & { readonly kind: "sequence"; readonly items: readonly Node[] }
  | Span & { readonly kind: "alternation"; readonly branches: readonly Node[] };

/** A capturing group; several may share a name in different branches. */
export interface Capture extends Span {
  readonly index: number;
  readonly name: string | undefined;
}

/** A pattern, parsed. */
export interface Parsed {
  readonly root: Node;
  /** In the order of their numbers. */
  readonly captures: readonly Capture[];
  readonly backreferences: readonly Extract<Node, { kind: "backreference" }>[];
}

/** Parses a pattern that `new RegExp(source)` has accepted. Throws {@linkcode SyntaxError} on what it cannot read. */
export function parseRegex(source: string): Parsed {
  return new Parser(source).parse();
}

/**
 * The same pattern with numbered groups only: the engine builds no `groups` object, which costs more than the match.
 * Numbers stay as they were.
 */
export function withoutNames(source: string, { captures, backreferences }: Parsed): string {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const { start, name } of captures) {
    if (name !== undefined) {
      edits.push({ start: start + 1, end: start + 1 + `?<${name}>`.length, text: "" });
    }
  }
  for (const { start, end, to } of backreferences) {
    if (typeof to === "number") continue;
    // Of several groups of one name at most one took part; a backreference to the others matches nothing.
    const numbers = captures.filter(({ name }) => name === to).map(({ index }) => `\\${index}`);
    edits.push({ start, end, text: `(?:${numbers.map((number) => `(?:${number})`).join("")})` });
  }
  edits.sort((a, b) => b.start - a.start);
  return edits.reduce(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    source,
  );
}

/** So many groups may stand within each other: each takes some of the stack of whoever walks through the tree. */
const DEEPEST = 100;

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  readonly #captures: Capture[] = [];
  readonly #backreferences: Extract<Node, { kind: "backreference" }>[] = [];
  readonly #groupCount: number;
  readonly #hasNames: boolean;

  constructor(source: string) {
    this.#source = source;
    // What a `\1` or `\k` means depends on groups that may follow it.
    const bare = source.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]/g, "");
    this.#groupCount = bare.match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0;
    this.#hasNames = /\(\?<(?![=!])/.test(bare);
  }

  parse(): Parsed {
    const root = this.#alternation();
    if (this.#at < this.#source.length) this.#fail("unmatched )");
    this.#captures.sort((a, b) => a.index - b.index);
    return { root, captures: this.#captures, backreferences: this.#backreferences };
  }

  #alternation(): Node {
    const start = this.#at;
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    if (branches.length === 1) return branches[0]!;
    return { kind: "alternation", start, end: this.#at, branches };
  }

  #sequence(): Node {
    const start = this.#at;
    const items: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at]!)) {
      items.push(this.#quantified());
    }
    return items.length === 1 ? items[0]! : { kind: "sequence", start, end: this.#at, items };
  }

  #quantified(): Node {
    const start = this.#at;
    const body = this.#atom();
    const quantifier = this.#match(/(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y);
    if (quantifier === undefined) return body;
    const [text, least, comma, most] = quantifier;
    const min = least === undefined ? (text[0] === "+" ? 1 : 0) : Number(least);
    const max = least === undefined
      ? (text[0] === "?" ? 1 : Infinity)
      : comma === ""
      ? min
      : most === ""
      ? Infinity
      : Number(most);
    return { kind: "quantifier", start, end: this.#at, min, max, body };
  }

  #atom(): Node {
    const start = this.#at;
    const character = this.#source[this.#at++]!;
    switch (character) {
      case "(":
        return this.#group(start);
      case "[":
        return this.#class(start);
      case ".":
        return { kind: "class", start, end: this.#at, ranges: ANY };
      case "^":
      case "$":
        return { kind: "assertion", start, end: this.#at, source: character };
      case "\\":
        return this.#escape(start);
      default:
        return { kind: "char", start, end: this.#at, code: character.charCodeAt(0) };
    }
  }

  #group(start: number): Node {
    if (this.#match(/\?<?[=!]/y)) {
      const body = this.#groupBody();
      return { kind: "look", start, end: this.#at, body };
    }
    const modifiers = this.#match(/\?([ims]*)(?:-([ims]*))?:/y);
    if (modifiers !== undefined) {
      const [, on = "", off = ""] = modifiers;
      const ignoreCase = on.includes("i") ? true : off.includes("i") ? false : undefined;
      const body = this.#groupBody();
      const span = { start, end: this.#at };
      return { kind: "group", ...span, index: undefined, name: undefined, ignoreCase, body };
    }
    const name = this.#match(/\?<([^>]+)>/y)?.[1];
    if (name === undefined && this.#source[this.#at] === "?") this.#fail("unknown kind of group");
    const index = this.#captures.push({ index: 0, name, start, end: start });
    const body = this.#groupBody();
    const capture = { index, name, start, end: this.#at };
    this.#captures[index - 1] = capture;
    return { kind: "group", ...capture, ignoreCase: undefined, body };
  }

  #groupBody(): Node {
    if (++this.#depth > DEEPEST) {
      throw new SyntaxError(`more than ${DEEPEST} groups stand within each other`);
    }
    const body = this.#alternation();
    this.#depth--;
    if (!this.#take(")")) this.#fail("missing )");
    return body;
  }

  #escape(start: number): Node {
    const assertion = this.#match(/[bB]/y)?.[0];
    if (assertion !== undefined) {
      return { kind: "assertion", start, end: this.#at, source: `\\${assertion}` };
    }
    const name = this.#hasNames ? this.#match(/k<([^>]+)>/y)?.[1] : undefined;
    if (name !== undefined) return this.#backreference(start, name);
    const number = this.#match(/[1-9]\d*/y)?.[0];
    if (number !== undefined) {
      if (Number(number) <= this.#groupCount) return this.#backreference(start, Number(number));
      this.#at -= number.length;
    }
    const ranges = this.#classEscape();
    if (ranges !== undefined) return { kind: "class", start, end: this.#at, ranges };
    const code = this.#characterEscape();
    return { kind: "char", start, end: this.#at, code };
  }

  #backreference(start: number, to: number | string): Node {
    const node = { kind: "backreference", start, end: this.#at, to } as const;
    this.#backreferences.push(node);
    return node;
  }

  #class(start: number): Node {
    const negated = this.#take("^");
    const ranges: Range[] = [];
    while (!this.#take("]")) {
      if (this.#at >= this.#source.length) this.#fail("missing ]");
      const from = this.#classMember();
      const next = this.#source[this.#at + 1];
      if (this.#source[this.#at] !== "-" || next === undefined || next === "]") {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      const to = this.#classMember();
      const [low, high] = [single(from), single(to)];
      if (low !== undefined && high !== undefined) ranges.push([low, high]);
      else ranges.push(...from, [0x2d, 0x2d], ...to);
    }
    const sorted = normalize(ranges);
    const span = { start, end: this.#at };
    return { kind: "class", ...span, ranges: negated ? complement(sorted) : sorted };
  }

  #classMember(): readonly Range[] {
    const character = this.#source[this.#at++]!;
    if (character !== "\\") return [[character.charCodeAt(0), character.charCodeAt(0)]];
    if (this.#take("b")) return [[8, 8]];
    if (this.#take("-")) return [[0x2d, 0x2d]];
    const ranges = this.#classEscape();
    if (ranges !== undefined) return ranges;
    const code = this.#characterEscape();
    return [[code, code]];
  }

  #classEscape(): readonly Range[] | undefined {
    const letter = this.#match(/[dDwWsS]/y)?.[0];
    return letter === undefined ? undefined : escapedClasses[letter];
  }

  #characterEscape(): number {
    const hex = this.#match(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y);
    if (hex !== undefined) return parseInt((hex[1] ?? hex[2])!, 16);
    const octal = this.#match(/[0-3][0-7]{0,2}|[4-7][0-7]?/y);
    if (octal !== undefined) return parseInt(octal[0], 8);
    const control = this.#match(/c([A-Za-z])/y);
    if (control !== undefined) return control[1]!.charCodeAt(0) % 32;
    // A `\c` that names no control character is a plain backslash.
    if (this.#source[this.#at] === "c") return 0x5c;
    const character = this.#source[this.#at++];
    if (character === undefined) this.#fail("\\ at the end");
    return CONTROLS[character] ?? character.charCodeAt(0);
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#source);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #fail(why: string): never {
    throw new SyntaxError(
      `Cannot read the pattern at ${this.#at}: ${why}: received ${this.#source}`,
    );
  }
}
