import { FilterError } from "./filter_error.ts";
import { type Gap, type Needles, needlesOf } from "./literals.ts";
import { type Parsed, parseRegex, withoutNames } from "./regex_ast.ts";
import { expandTags } from "./tags.ts";

/** What a match captured, by meaning. */
export interface Captures {
  /** The text in the address's or the id's place; with its prefix length where there is one. */
  host: string | undefined;
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
  readonly #usedns: boolean;
  readonly #expanded: string;
  readonly #parsed: Parsed;
  readonly #regex: RegExp;
  readonly #slots: Slots;

  /** Throws {@linkcode FilterError} that says what is wrong with the pattern, without saying which one it is. */
  constructor(source: string, usedns: boolean) {
    this.source = source;
    this.#usedns = usedns;
    if (source.trim() === "") throw new FilterError("it is empty: write a pattern or leave it out");
    rejectForeignSyntax(source);
    this.#expanded = expandTags(source, usedns);
    try {
      new RegExp(this.#expanded, FLAGS);
    } catch (error) {
      throw new FilterError(explainSyntaxError(error as Error));
    }
    this.#parsed = parseRegex(this.#expanded);
    this.#regex = new RegExp(withoutNames(this.#expanded, this.#parsed), FLAGS);
    this.#slots = slotsOf(this.#parsed);
  }

  /** Whether a match can tell who failed: by address, host name, id, or the session that knows. */
  get identifies(): boolean {
    const { fid, address, name, session } = this.#slots;
    return [fid, address, name, session].some((indexes) => indexes.length > 0);
  }

  /** Whether matches depend on other lines of their session. */
  get usesSessions(): boolean {
    const { session, harmless, once, success, end } = this.#slots;
    return [session, harmless, once, success, end].some((indexes) => indexes.length > 0);
  }

  /** Whether V8's non-backtracking engine can run it; undefined where V8 was started without that engine. */
  get isLinear(): boolean | undefined {
    if (!hasLinearEngine()) return undefined;
    try {
      return new RegExp(this.#regex.source, FLAGS + LINEAR) instanceof RegExp;
    } catch {
      return false;
    }
  }

  /** Choices of texts; of each choice a line must have one to match. */
  needles(gap: Gap): readonly Needles[] {
    return needlesOf(this.#parsed.root, gap);
  }

  test(text: string): boolean {
    return this.#regex.test(text);
  }

  exec(text: string): RegExpExecArray | null {
    return this.#regex.exec(text);
  }

  /** What a match captured, over what the prefregex captured. */
  read(match: RegExpExecArray, base: Captures | undefined): Captures {
    const slots = this.#slots;
    const address = first(match, slots.fid) ?? first(match, slots.address);
    const length = address === undefined ? undefined : first(match, slots.length);
    return {
      host: length === undefined ? address ?? base?.host : `${address}/${length}`,
      name: first(match, slots.name) ?? base?.name,
      user: first(match, slots.user) || first(match, slots.otherUser) || base?.user,
      session: first(match, slots.session) ?? base?.session,
      isHarmless: first(match, slots.harmless) !== undefined || base?.isHarmless === true,
      isOnce: first(match, slots.once) !== undefined || base?.isOnce === true,
      isSuccess: first(match, slots.success) !== undefined || base?.isSuccess === true,
      endsSession: first(match, slots.end) !== undefined || base?.endsSession === true,
      content: first(match, slots.content),
    };
  }

  /** The named groups of a match with what they took, in the pattern's order. */
  parts(match: RegExpExecArray): readonly (readonly [name: string, text: string])[] {
    return this.#parsed.captures.flatMap(({ name, index }) => {
      const text = match[index];
      return name === undefined || text === undefined ? [] : [[name, text] as const];
    });
  }

  progress(text: string): Progress {
    const { root } = this.#parsed;
    const items = root.kind === "sequence" ? root.items : [];
    for (const { end } of items.slice(0, -1).toReversed()) {
      const beginning = this.#expanded.slice(0, end);
      const match = tryExec(beginning, text);
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
      if (expandTags(written, this.#usedns) === beginning) return written;
    }
    return beginning;
  }
}

/** `s`: a line is one line, whatever a log's U+2028 or carriage return may pretend. */
const FLAGS = "s";
/** V8's own flag for its non-backtracking engine, known with `--enable-experimental-regexp-engine`. */
const LINEAR = "l";

interface Slots {
  readonly fid: readonly number[];
  readonly address: readonly number[];
  readonly length: readonly number[];
  readonly name: readonly number[];
  readonly user: readonly number[];
  readonly otherUser: readonly number[];
  readonly session: readonly number[];
  readonly harmless: readonly number[];
  readonly once: readonly number[];
  readonly success: readonly number[];
  readonly end: readonly number[];
  readonly content: readonly number[];
}

function slotsOf({ captures }: Parsed): Slots {
  const named = (names: RegExp) =>
    captures.filter(({ name }) => name !== undefined && names.test(name)).map(({ index }) => index);
  return {
    fid: named(/^fid$/),
    address: named(/^(?:addr|ip4|ip6)$/),
    length: named(/^cidr$/),
    name: named(/^dns$/),
    user: named(/^user$/),
    otherUser: named(/^alt_user(?:_?\d+)?$/),
    session: named(/^mlfid$/),
    harmless: named(/^nofail$/),
    once: named(/^once$/),
    success: named(/^mlfgained$/),
    end: named(/^mlfforget$/),
    content: named(/^content$/),
  };
}

/** Of several groups that mean the same, the one that took part. */
function first(match: RegExpExecArray, indexes: readonly number[]): string | undefined {
  for (let i = 0; i < indexes.length; i++) {
    const text = match[indexes[i]!];
    if (text !== undefined) return text;
  }
  return undefined;
}

function tryExec(source: string, text: string): RegExpExecArray | null {
  try {
    return new RegExp(source, FLAGS).exec(text);
  } catch {
    return null; // It refers to a group further on.
  }
}

let linearEngine: boolean | undefined;

function hasLinearEngine(): boolean {
  try {
    linearEngine ??= new RegExp("", LINEAR) instanceof RegExp;
  } catch {
    linearEngine = false;
  }
  return linearEngine;
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
