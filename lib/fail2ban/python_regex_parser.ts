import type { Capture, Node } from "./python_regex_ast.ts";
import { type Flags, flagsNamed } from "./python_regex_flags.ts";
import { RENAMED, STANDING } from "./python_regex_tags.ts";
import { readClass, readClassEscape, readEscape } from "./python_regex_class.ts";
import { type Width, widthOf } from "./python_regex_width.ts";
import { Refusal, type Source } from "./python_regex_source.ts";

/** A pattern, parsed. */
export interface ParsedPattern {
  readonly root: Node;
  /** The flags that the whole pattern is matched with. */
  readonly flags: Flags;
}

/**
 * Parses a pattern as Python 3.11's `re` does once fail2ban has put its groups in the place of tags. Throws
 * {@linkcode Refusal} on what Python refuses too, and on what says something that ECMAScript cannot.
 */
export function parsePattern(source: Source, flags: Flags): ParsedPattern {
  return new Parser(source, flags).parse();
}

const MAX_DEPTH = 100;
const MAX_REFERENCES = 100;
const MAX_REPEAT = 4_294_967_295;

class Parser {
  readonly #source: Source;
  #flags: Flags;
  readonly #numbers = new Map<string, number>();
  /** By number, from 1: whether a group can be referred to. */
  readonly #groups: ("open" | "closed" | "in a tag")[] = [];
  readonly #widths = new Map<number, Width>();
  /** Tags that were opened. */
  readonly #opened = new Set<string>();
  /** How many groups there were where the outermost lookbehind began. */
  #lookbehindFrom: number | undefined;
  readonly #conditions: { readonly to: number; readonly offset: number }[] = [];
  #depth = 0;
  #references = 0;

  constructor(source: Source, flags: Flags) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): ParsedPattern {
    this.#globalFlags();
    const flags = this.#flags;
    const root = this.#alternation();
    const { rest, at } = this.#source;
    if (rest !== "") throw new Refusal(rest[0]!, at, "no group is open that it could close");
    const missing = this.#conditions.find(({ to }) => to > this.#groups.length);
    if (missing !== undefined) {
      throw new Refusal(`(?(${missing.to})`, missing.offset, "the pattern has no such group");
    }
    return { root, flags };
  }

  /** `(?i)` and the like count for the whole pattern, at whose start they stand. */
  #globalFlags(): void {
    for (;;) {
      this.#skip();
      const offset = this.#source.at;
      const match = this.#source.take(/\(\?([a-zA-Z]+)\)/y);
      if (match === undefined) return;
      this.#flags = { ...this.#flags, ...flagsNamed(match[1]!, true, match[0], offset) };
      this.#source.note(match[0], offset, "its flags are written where they count");
    }
  }

  #alternation(): Node {
    const offset = this.#source.at;
    const branches = [this.#sequence()];
    while (this.#source.take(/\|/y)) branches.push(this.#sequence());
    return branches.length === 1 ? branches[0]! : { kind: "alternation", offset, branches };
  }

  #sequence(): Node {
    const offset = this.#source.at;
    const items: Node[] = [];
    for (;;) {
      this.#skip();
      const next = this.#source.rest[0];
      if (next === undefined || next === "|" || next === ")" || this.#atClosingTag()) break;
      items.push(...this.#quantified());
    }
    return items.length === 1 ? items[0]! : { kind: "sequence", offset, items };
  }

  /** Passes over comments, and in verbose patterns over blanks. */
  #skip(): void {
    for (;;) {
      const offset = this.#source.at;
      const comment = this.#source.take(/\(\?#[^)]*\)/y);
      if (comment !== undefined) {
        this.#source.note(comment[0], offset, "a comment, left out");
      } else if (this.#source.rest.startsWith("(?#")) {
        throw new Refusal("(?#", offset, "the comment has no end");
      } else if (!this.#flags.x || !this.#source.take(/[ \t\n\r\v\f]+|#[^\n]*\n?/y)) {
        return;
      }
    }
  }

  #quantified(): readonly Node[] {
    const offset = this.#source.at;
    if (this.#source.subject === "date" && this.#source.take(/\*\*/y)) {
      return [{ kind: "tag", offset, text: "**" }];
    }
    const atoms = this.#atom();
    this.#skip();
    const quantifier = this.#quantifier();
    if (quantifier === undefined) return atoms;
    const body = atoms.at(-1);
    const { text, offset: at } = quantifier;
    if (body === undefined || body.kind === "assertion") {
      throw new Refusal(text, at, "there is nothing that it could repeat");
    }
    this.#skip();
    const place = this.#source.at;
    const second = this.#quantifier();
    if (second !== undefined) throw new Refusal(second.text, place, "it repeats a repetition");
    return [...atoms.slice(0, -1), { ...quantifier, kind: "quantifier", body, offset }];
  }

  #quantifier() {
    const source = this.#source;
    const offset = source.at;
    if (source.subject === "date" && source.rest.startsWith("**")) return undefined;
    const match = source.take(/([*+?]|\{(?!\})(\d*)(,?)(\d*)\})([?+]?)/y);
    if (match === undefined) return undefined;
    const [whole, written, low = "", comma, high = "", suffix] = match;
    const isCounted = written!.startsWith("{");
    const min = isCounted ? Number(low) : written === "+" ? 1 : 0;
    const most = comma === "" ? min : high === "" ? Infinity : Number(high);
    const max = isCounted ? most : written === "?" ? 1 : Infinity;
    if (min >= MAX_REPEAT || (max !== Infinity && max >= MAX_REPEAT)) {
      throw new Refusal(whole, offset, "the number is too large");
    }
    if (max < min) throw new Refusal(whole, offset, "it repeats less than it repeats at least");
    const text = isCounted && low === "" ? `{0,${high}}` : written!;
    if (text !== written) source.note(written!, offset, `written as ${text}`);
    const mode = suffix === "?"
      ? "lazy" as const
      : suffix === "+"
      ? "possessive" as const
      : "greedy" as const;
    return { offset, min, max, mode, text };
  }

  /** One node, or several for one construct of which only the last is repeated. */
  #atom(): readonly Node[] {
    const source = this.#source;
    const offset = source.at;
    const tag = this.#tag(offset);
    if (tag !== undefined) return [tag];
    switch (source.rest[0]) {
      case "(":
        return [this.#group(offset)];
      case "[":
        return [readClass(source, this.#flags)];
      case "\\":
        return [this.#escape(offset)];
      case ".":
        source.take(/\./y);
        return [this.#dot(offset)];
      case "^":
        source.take(/\^/y);
        return [{ kind: "assertion", offset, which: this.#flags.m ? "lineStart" : "start" }];
      case "$":
        source.take(/\$/y);
        return [{ kind: "assertion", offset, which: this.#flags.m ? "lineEnd" : "end" }];
      default:
        return [this.#literal(offset)];
    }
  }

  #dot(offset: number): Node {
    const { s } = this.#flags;
    // In patterns that see several lines `.` stays within one, as Python's does without flag s.
    const { subject } = this.#source;
    const text = s && (subject === "lines" || subject === "block") ? "[^]" : ".";
    return { kind: "class", offset, text, takesLineFeed: s };
  }

  #literal(offset: number): Node {
    const source = this.#source;
    const quantifier = this.#quantifier();
    if (quantifier !== undefined) {
      throw new Refusal(quantifier.text, offset, "there is nothing that it could repeat");
    }
    const [text] = source.take(/[\ud800-\udbff][\udc00-\udfff]|[^]/y)!;
    // What would be read as a quantifier once a comment or blank has gone.
    const isBrace = text === "{" && (this.#flags.x || /^(?:\d|\(\?#)/.test(source.rest));
    // ECMAScript reads }+ as Python does, but banjo takes it for a possessive quantifier.
    const isEscaped = isBrace || (text === "}" && source.rest.startsWith("+"));
    return {
      kind: "char",
      offset,
      text: isEscaped ? `\\${text}` : text,
      isLineFeed: text === "\n",
    };
  }

  #escape(offset: number): Node {
    const source = this.#source;
    const number = /\\([1-9]\d?)/y;
    const isOctal = /^\\[0-3][0-7][0-7]|^\\0/.test(source.rest);
    if (/^\\[4-7][0-7][0-7]/.test(source.rest)) {
      throw new Refusal(source.rest.slice(0, 4), offset, "its value is above octal 377");
    }
    if (!isOctal) {
      const match = source.take(number);
      if (match !== undefined) return this.#backreference(Number(match[1]), match[0], offset);
    }
    return readEscape(source) ?? readClassEscape(source, this.#flags);
  }

  #backreference(to: number, construct: string, offset: number): Node {
    if (to > this.#groups.length) {
      throw new Refusal(construct, offset, "the pattern has no such group");
    }
    this.#checkReference(to, construct, offset);
    if (this.#groups[to - 1] === "open") {
      throw new Refusal(construct, offset, "it refers to a group that is still open");
    }
    return { kind: "backreference", offset, to };
  }

  #checkReference(to: number, construct: string, offset: number): void {
    if (++this.#references > MAX_REFERENCES) {
      throw new Refusal(
        construct,
        offset,
        `groups are referred to more than ${MAX_REFERENCES} times`,
      );
    }
    if (this.#groups[to - 1] === "in a tag") {
      throw new Refusal(
        construct,
        offset,
        "it refers to a part of a tag: name what it is to be compared with, as in <F-ID>...</F-ID>",
      );
    }
    if (this.#lookbehindFrom === undefined) return;
    if (to > this.#lookbehindFrom) {
      throw new Refusal(construct, offset, "it refers to a group in the same lookbehind");
    }
    if (this.#groups[to - 1] === "open") {
      throw new Refusal(construct, offset, "it refers to a group that is still open");
    }
  }

  #tag(offset: number): Node | undefined {
    const source = this.#source;
    const name = /^<([\w-]+\/?)>/.exec(source.rest)?.[1];
    if (name === undefined) return undefined;
    if (Object.hasOwn(STANDING, name)) return this.#standingTag(name, offset);
    const tag = /^F-([A-Z0-9_-]+)$/.exec(name)?.[1];
    if (tag === undefined) return undefined;
    source.skip(name.length + 2);
    if (!/^[A-Z_][A-Z0-9_]*$/.test(tag)) {
      throw new Refusal(
        `<${name}>`,
        offset,
        "that is no name for a group: use letters, digits and _",
      );
    }
    this.#opened.add(tag);
    const group = RENAMED[tag] ?? tag.toLowerCase();
    return this.#capture(offset, group, `<${name}>`);
  }

  #standingTag(name: string, offset: number): Node {
    const text = `<${name}>`;
    this.#source.skip(text.length);
    for (const group of STANDING[name]!) this.#register(group, "in a tag", text, offset);
    if (name === "SKIPLINES") this.#groups.push("in a tag");
    return { kind: "tag", offset, text };
  }

  /** Gives a group its number. */
  #register(
    name: string | undefined,
    state: "open" | "in a tag",
    construct: string,
    offset: number,
  ): number {
    const index = this.#groups.push(state);
    if (name === undefined) return index;
    if (this.#numbers.has(name)) {
      throw new Refusal(construct, offset, `there is a group ${name} already`);
    }
    this.#numbers.set(name, index);
    return index;
  }

  #atClosingTag(): boolean {
    const tag = /^<\/F-([A-Z0-9_-]+)>/.exec(this.#source.rest)?.[1];
    return tag !== undefined && this.#opened.has(tag);
  }

  #group(offset: number): Node {
    const source = this.#source;
    // fail2ban makes `((?i)X)` and `(?:(?i)X)` to `(?i:X)`.
    const flagged = source.take(/\((?:\?:)?\(\?([a-z]+)\)/y);
    if (flagged !== undefined) {
      return this.#flagGroup(flagged[1]!, "", flagged[0], offset);
    }
    const scoped = source.take(/\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?:/y);
    if (scoped !== undefined) {
      return this.#flagGroup(scoped[1]!, scoped[2] ?? "", scoped[0], offset);
    }
    const look = source.take(/\(\?<?[=!]/y)?.[0];
    if (look !== undefined) return this.#look(look as "(?=" | "(?!" | "(?<=" | "(?<!", offset);
    if (source.take(/\(\?>/y)) {
      return { kind: "atomic", offset, body: this.#groupBody(offset, "(?>").body };
    }
    const named = source.take(/\(\?P<([^>]*)>/y);
    if (named !== undefined) {
      source.note(named[0], offset, `written as (?<${named[1]}>`);
      return this.#capture(offset, this.#checkName(named[1]!, named[0], offset), named[0]);
    }
    const reference = source.take(/\(\?P=([^)]*)\)/y);
    if (reference !== undefined) {
      const to = this.#numberOf(reference[1]!, reference[0], offset);
      source.note(reference[0], offset, `written as \\k<${reference[1]}>`);
      return this.#backreference(to, reference[0], offset);
    }
    const condition = source.take(/\(\?\(([^)]*)\)/y);
    if (condition !== undefined) return this.#conditional(condition[1]!, condition[0], offset);
    const global = source.take(/\(\?-?[a-zA-Z]+\)/y)?.[0];
    if (global !== undefined) {
      throw new Refusal(
        global,
        offset,
        "flags for the whole pattern can stand at its start only: write (?i:...) around what they are for",
      );
    }
    const unknown = source.take(/\(\?(?:P.?|<.?|.?)/ys)?.[0];
    if (unknown !== undefined) throw new Refusal(unknown, offset, "Python knows no such group");
    source.take(/\(/y);
    return this.#capture(offset, undefined, "(");
  }

  #flagGroup(on: string, off: string, construct: string, offset: number): Node {
    const flags = {
      ...flagsNamed(on, true, construct, offset),
      ...flagsNamed(off, false, construct, offset),
    };
    const both = [...on].find((letter) => off.includes(letter));
    if (both !== undefined) {
      throw new Refusal(construct, offset, `flag ${both} is switched on and off at once`);
    }
    const open = on.includes("i") ? "(?i:" : off.includes("i") ? "(?-i:" : "(?:";
    if (open !== construct) this.#source.note(construct, offset, `written as ${open}`);
    const outer = this.#flags;
    this.#flags = { ...outer, ...flags };
    const { body } = this.#groupBody(offset, construct);
    this.#flags = outer;
    return { kind: "group", offset, open, body };
  }

  #look(open: "(?=" | "(?!" | "(?<=" | "(?<!", offset: number): Node {
    const outer = this.#lookbehindFrom;
    if (open.startsWith("(?<")) this.#lookbehindFrom ??= this.#groups.length;
    const { body } = this.#groupBody(offset, open);
    this.#lookbehindFrom = outer;
    if (open.startsWith("(?<")) {
      const width = this.#widthOf(body);
      if (width.min !== width.max) {
        throw new Refusal(open, offset, "Python looks behind for texts of one length only");
      }
    }
    return { kind: "look", offset, open, body };
  }

  #conditional(name: string, construct: string, offset: number): Node {
    const to = /^\d+$/.test(name) ? Number(name) : this.#numberOf(name, construct, offset);
    if (to === 0) throw new Refusal(construct, offset, "there is no group 0");
    this.#conditions.push({ to, offset });
    this.#checkReference(to, construct, offset);
    this.#enter(construct, offset);
    const yes = this.#sequence();
    const empty: Node = { kind: "sequence", offset, items: [] };
    const no = this.#source.take(/\|/y) ? this.#sequence() : empty;
    if (this.#source.rest.startsWith("|")) {
      throw new Refusal(construct, offset, "it has more than two branches");
    }
    if (this.#source.take(/\)/y) === undefined) {
      throw new Refusal(construct, offset, "it has no end");
    }
    this.#depth--;
    return { kind: "conditional", offset, to, yes, no };
  }

  #capture(offset: number, name: string | undefined, construct: string): Capture {
    const index = this.#register(name, "open", construct, offset);
    const { body, close } = this.#groupBody(offset, construct);
    this.#groups[index - 1] = "closed";
    this.#widths.set(index, this.#widthOf(body));
    const isTag = construct.startsWith("<") && close === construct.replace("<", "</");
    if (construct.startsWith("<") && !isTag) {
      this.#source.note(
        construct,
        offset,
        `written as (?<${name}>, for it is closed by another sign`,
      );
    }
    const open = isTag ? construct : name === undefined ? "(" : `(?<${name}>`;
    return { kind: "capture", offset, index, name, open, close: isTag ? close : ")", body };
  }

  #groupBody(offset: number, construct: string): { body: Node; close: string } {
    this.#enter(construct, offset);
    const body = this.#alternation();
    const close = this.#source.take(/\)|<\/F-[A-Z0-9_-]+>/y)?.[0];
    if (close === undefined) throw new Refusal(construct, offset, "the group has no end");
    this.#depth--;
    return { body, close };
  }

  #widthOf(node: Node): Width {
    return widthOf(node, (index) => this.#widths.get(index)!);
  }

  #enter(construct: string, offset: number): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new Refusal(construct, offset, `groups are nested more than ${MAX_DEPTH} deep`);
    }
  }

  #checkName(name: string, construct: string, offset: number): string {
    if (/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name)) return name;
    throw new Refusal(construct, offset, "that is no name for a group: use letters, digits and _");
  }

  #numberOf(name: string, construct: string, offset: number): number {
    const number = this.#numbers.get(this.#checkName(name, construct, offset));
    if (number !== undefined) return number;
    throw new Refusal(construct, offset, `no group ${name} stands before it`);
  }
}
