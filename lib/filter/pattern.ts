import { BoundedRegex, isLinear } from "./bounded_regex.ts";
import { FilterError } from "./filter_error.ts";
import { type Gap, type Needles, needlesOf } from "./literals.ts";
import { type Node, type Parsed, parseRegex, withoutNames } from "./regex_ast.ts";
import { assertModest } from "./regex_size.ts";
import type { Part } from "./line_buffer.ts";
import { expandTags, type TagContext } from "./tags.ts";

/** What a match captured, by meaning. */
export interface Captures {
  /** What is to be banned, where the pattern says so itself. */
  id: string | undefined;
  /** The text in the address's place; with its prefix length where there is one. */
  address: string | undefined;
  /** The host name in the address's place. */
  name: string | undefined;
  user: string | undefined;
  session: string | undefined;
  /** Whether the line is no failure by itself. */
  isHarmless: boolean;
  /** Whether the line says that the session failed, but not how often: it counts where no other line of it does. */
  isOnce: boolean;
  /** Whether the line says that a login succeeded. */
  isSuccess: boolean;
  /** Whether the line ends its session. */
  endsSession: boolean;
  content: string | undefined;
}

/** The groups of a pattern that names an address, perhaps a user, and nothing else. */
export interface PlainGroups {
  readonly address: number;
  /** -1: it names no user. */
  readonly user: number;
}

/** What a pattern's meaning depends on. */
export interface PatternContext extends TagContext {
  /** Whether `^` and `$` are the ends of each line, where the pattern sees several. */
  readonly anchorsLines?: boolean;
}

/** How far a pattern got in a text that it does not match. */
export interface Progress {
  /** The longest beginning of the pattern that still matches; empty if not even its first part does. */
  readonly pattern: string;
  /** Where in the text that beginning ended. */
  readonly end: number;
}

/** A failregex, ignoreregex or prefregex, compiled. */
export class Pattern {
  readonly source: string;
  readonly #context: PatternContext;
  readonly #expanded: string;
  readonly #parsed: Parsed;
  readonly #flags: string;
  /** What the engine runs: the pattern without names. */
  readonly #bare: string;
  readonly #regex: BoundedRegex;
  #placing: BoundedRegex | undefined;
  readonly #slots: Slots;
  /** The groups by which a match is a plain failure; undefined where a match means more, or otherwise. */
  readonly plain: PlainGroups | undefined;

  /** Throws {@linkcode FilterError} that says what is wrong with the pattern, without saying which one it is. */
  constructor(source: string, context: PatternContext) {
    this.source = source;
    this.#context = context;
    if (source.trim() === "") throw new FilterError("it is empty: write a pattern or leave it out");
    rejectForeignSyntax(source);
    this.#expanded = expandTags(source, context);
    this.#flags = flagsFor(context);
    try {
      new RegExp(this.#expanded, this.#flags);
      this.#parsed = parseRegex(this.#expanded);
      assertModest(this.#parsed);
    } catch (error) {
      throw new FilterError(explainSyntaxError(error as Error));
    }
    this.#bare = withoutNames(this.#expanded, this.#parsed);
    this.#regex = new BoundedRegex(this.#bare, this.#flags, { written: source });
    this.#slots = slotsOf(this.#parsed);
    this.plain = plainGroupsOf(this.#slots);
  }

  /** The pattern with its tags replaced by groups. */
  get expanded(): string {
    return this.#expanded;
  }

  /** Its tree: spans are those of {@linkcode expanded}. */
  get root(): Node {
    return this.#parsed.root;
  }

  /** Whether a match can tell who failed: by address, host name, id, or the session that knows. */
  get identifies(): boolean {
    const { id, address, name, session } = this.#slots;
    return [id, address, name, session].some((slot) => slot !== undefined);
  }

  /** Whether matches depend on other lines of their session. */
  get usesSessions(): boolean {
    const { session, harmless, once, success, end } = this.#slots;
    return [session, harmless, once, success, end].some((slot) => slot !== undefined);
  }

  /** Whether V8's non-backtracking engine can run it; undefined where V8 was started without that engine. */
  get isLinear(): boolean | undefined {
    return isLinear(this.#bare, this.#flags);
  }

  /** Choices of texts; of each choice a line must have one to match. */
  needles(gap: Gap): readonly Needles[] {
    return needlesOf(this.#parsed.root, gap);
  }

  /** Throws {@linkcode TookTooLong}. */
  test(text: string): boolean {
    return this.#regex.test(text);
  }

  /** Throws {@linkcode TookTooLong}. */
  exec(text: string): RegExpExecArray | null {
    return this.#regex.exec(text);
  }

  /** What a match captured, over what the prefregex captured. */
  read(match: RegExpExecArray, base: Captures | undefined): Captures {
    const slots = this.#slots;
    const address = textIn(match, slots.address);
    const length = address === undefined ? undefined : textIn(match, slots.length);
    return {
      id: textIn(match, slots.id) ?? base?.id,
      address: length === undefined ? address ?? base?.address : `${address}/${length}`,
      name: textIn(match, slots.name) ?? base?.name,
      user: textIn(match, slots.user) ?? base?.user,
      session: textIn(match, slots.session) ?? base?.session,
      isHarmless: textIn(match, slots.harmless) !== undefined || base?.isHarmless === true,
      isOnce: textIn(match, slots.once) !== undefined || base?.isOnce === true,
      isSuccess: textIn(match, slots.success) !== undefined || base?.isSuccess === true,
      endsSession: textIn(match, slots.end) !== undefined || base?.endsSession === true,
      content: textIn(match, slots.content),
    };
  }

  /** Where a match of several lines stands, and what of it `<SKIPLINES>` took. Throws {@linkcode TookTooLong}. */
  placeOf(match: RegExpExecArray): { readonly whole: Part; readonly skipped: readonly Part[] } {
    const whole: Part = [match.index, match.index + match[0].length];
    if (this.#slots.skipped.length === 0) return { whole, skipped: [] };
    // Not always, for V8's engine without backtracking does not tell the places of groups.
    this.#placing ??= new BoundedRegex(this.#bare, `${this.#flags}d`, {
      written: this.source,
    });
    const { indices } = this.#placing.exec(match.input)!;
    const skipped = this.#slots.skipped.flatMap((index) => {
      const part = indices![index];
      return part === undefined ? [] : [part];
    });
    return { whole, skipped };
  }

  /** The named groups of a match with what they took, in the pattern's order. */
  parts(match: RegExpExecArray): readonly (readonly [name: string, text: string])[] {
    return this.#parsed.captures.flatMap(({ name, index }) => {
      const text = match[index];
      return name === undefined || text === undefined ? [] : [[name, text] as const];
    });
  }

  /** How far the pattern gets in a text that it does not match. */
  progress(text: string): Progress {
    const { root } = this.#parsed;
    const items = root.kind === "sequence" ? root.items : [];
    for (const { end } of items.slice(0, -1).toReversed()) {
      const beginning = this.#expanded.slice(0, end);
      const match = tryExec(beginning, this.#flags, text);
      if (match !== null) {
        return { pattern: this.#asWritten(beginning), end: match.index + match[0].length };
      }
    }
    return { pattern: "", end: 0 };
  }

  /** The beginning of the pattern as written that stands for this beginning of the expanded one. */
  #asWritten(beginning: string): string {
    for (let length = 0; length <= this.source.length; length++) {
      const written = this.source.slice(0, length);
      if (expandTags(written, this.#context) === beginning) return written;
    }
    return beginning;
  }
}

/**
 * `s`: a line is one line, whatever a log's U+2028 or carriage return may pretend. Of several lines, `.` takes one at the
 * most; what else ECMAScript takes for a line end is not in them.
 */
function flagsFor({ seesLines, anchorsLines = false }: PatternContext): string {
  return !seesLines ? "s" : anchorsLines ? "m" : "";
}

/** The groups that one thing can be captured by, and those whose texts are joined to it; undefined: none. */
type Slot = {
  readonly groups: readonly number[];
  readonly joined: readonly number[];
} | undefined;

interface Slots {
  readonly id: Slot;
  readonly address: Slot;
  readonly length: Slot;
  readonly name: Slot;
  readonly user: Slot;
  readonly session: Slot;
  readonly harmless: Slot;
  readonly once: Slot;
  readonly success: Slot;
  readonly end: Slot;
  readonly content: Slot;
  readonly skipped: readonly number[];
}

function slotsOf({ captures }: Parsed): Slots {
  const named = captures.filter((capture) => capture.name !== undefined)
    .map(({ name, index }) => ({ name: name!, index }));
  const find = (pattern: RegExp) => named.filter(({ name }) => pattern.test(name));
  const byName = (pattern: RegExp) =>
    find(pattern).sort((a, b) => a.name < b.name ? -1 : 1).map(({ index }) => index);
  const slot = (...names: string[]): Slot => {
    const own = named.filter(({ name }) => names.includes(name)).map(({ index }) => index);
    const any = `(?:${names.map((name) => name === "fid" ? "f?id" : name).join("|")})`;
    const alternatives = byName(new RegExp(`^alt_${any}(?:_?\\d+)?$`));
    const joined = byName(new RegExp(`^tuple_${any}(?:_\\d+)?$`));
    const groups = [...own, ...alternatives];
    return groups.length + joined.length > 0 ? { groups, joined } : undefined;
  };
  return {
    id: slot("fid"),
    address: slot("addr", "ip4", "ip6"),
    length: slot("cidr"),
    name: slot("dns"),
    user: slot("user"),
    session: slot("mlfid"),
    harmless: slot("nofail"),
    once: slot("once"),
    success: slot("mlfgained"),
    end: slot("mlfforget"),
    content: slot("content"),
    skipped: find(/^skiplines\d+$/).map(({ index }) => index),
  };
}

function plainGroupsOf({ address, user, skipped, ...others }: Slots): PlainGroups | undefined {
  const isPlain = skipped.length === 0 && Object.values(others).every((slot) => slot === undefined);
  const isOne = (slot: Slot) => slot?.groups.length === 1 && slot.joined.length === 0;
  if (!isPlain || !isOne(address) || !(user === undefined || isOne(user))) return undefined;
  return { address: address!.groups[0]!, user: user?.groups[0] ?? -1 };
}

/** Of several groups that mean the same the first that took some text. */
function textIn(match: RegExpExecArray, slot: Slot): string | undefined {
  if (slot === undefined) return undefined;
  const { groups, joined } = slot;
  let text: string | undefined;
  for (let i = 0; i < groups.length && text === undefined; i++) {
    text = match[groups[i]!] || undefined;
  }
  if (joined.length === 0) return text;
  const parts = [text, ...joined.map((index) => match[index])].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}

function tryExec(source: string, flags: string, text: string): RegExpExecArray | null {
  try {
    return new BoundedRegex(source, flags).exec(text);
  } catch {
    return null; // It refers to a group further on, or took too long.
  }
}

/** Other dialects' syntax that ECMAScript refuses with puzzling words, or takes for something else in silence. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/^\(\?P<$/, "(?P<name>...) is Python's: write (?<name>...)"],
  [/^\(\?P=$/, "(?P=name) is Python's: write \\k<name>"],
  [
    /^\(\?[a-zA-Z]+\)$/,
    "a flag for the whole pattern is not supported: write (?i:...) around what it is for",
  ],
  [/^\(\?#$/, "(?#...) is no comment in ECMAScript: leave it out"],
  [/^\(\?\($/, "(?(group)yes|no) is Python's: write both cases as alternatives"],
  [/^\(\?>$/, "(?>...) is not supported: write (?:...)"],
  [/^[*+?}]\+$/, "possessive quantifiers are not supported: leave the second + out"],
  [/^\{,\d+\}$/, "{,n} stands for itself in ECMAScript: write {0,n}"],
  [/^\\A$/, "\\A is Python's: write ^"],
  [/^\\[Zz]$/, "\\Z is Python's: write $"],
  [
    /^\\[pP]\{$/,
    "\\p{...} is not supported: write the characters as a class, for example [a-zäöü]",
  ],
  [/^\[\[:/, "[[:name:]] is not supported: write the characters as a class, for example [a-z]"],
];

function rejectForeignSyntax(source: string): void {
  const tokens =
    /\[\[:|\\[pP]\{|\\[^]|\[(?:\\[^]|[^\]\\])*\]|\(\?P[<=]|\(\?[a-zA-Z]+\)|\(\?[#>(]|[*+?}]\+|\{,\d+\}/g;
  for (const [token] of source.matchAll(tokens)) {
    const foreign = FOREIGN.find(([syntax]) => syntax.test(token));
    if (foreign !== undefined) throw new FilterError(foreign[1]);
  }
}

function explainSyntaxError(error: Error): string {
  const why = error.message.replace(/^Invalid regular expression: .*: /s, "");
  const hint = why.startsWith("Duplicate capture group name")
    ? "a tag can stand only once in a pattern, or once in each alternative"
    : "correct the pattern";
  return `${why}: ${hint}`;
}
