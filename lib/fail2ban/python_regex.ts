import { parsePattern } from "./python_regex_parser.ts";
import { resolvePaths } from "./python_regex_paths.ts";
import { keepLastTaken } from "./python_regex_repeat.ts";
import { printPattern } from "./python_regex_print.ts";
import { Refusal, Source } from "./python_regex_source.ts";

/** What the translated pattern will be searched in. */
export type Subject =
  /** One line: failregex, ignoreregex and prefregex. fail2ban ends it with a line feed, banjo does not. */
  | "line"
  /** Several lines (`maxlines` above 1), each with its line feed: failregex, in which `^` and `$` are each line's ends. */
  | "lines"
  /** Several lines: ignoreregex and prefregex, in which `^` and `$` are the ends of the whole. */
  | "block"
  /** A line as written, for `datepattern`. */
  | "date";

/** Something of a pattern that came over otherwise than it was written. */
export interface TranslationNote {
  /** `respelled`: it means the same. `differs`: some texts match that did not, or the other way round. */
  readonly kind: "respelled" | "differs";
  /** The construct as written. */
  readonly construct: string;
  /** Where in the pattern it begins, in UTF-16 code units. */
  readonly offset: number;
  /** What became of it, or what differs. */
  readonly text: string;
}

/** A Python pattern in ECMAScript, or why it cannot be had. */
export type Translation =
  | {
    readonly kind: "translated";
    readonly pattern: string;
    readonly notes: readonly TranslationNote[];
  }
  | {
    readonly kind: "refused";
    readonly construct: string;
    readonly offset: number;
    /** Why, and what to do. */
    readonly reason: string;
  };

/**
 * Translates a pattern in the dialect of Python's `re`, with fail2ban's tags in it, to one for banjo's filters. Tags stay
 * tags (`<HOST>`, `<F-USER>...</F-USER>`, and `<name>` for an option), and what means the same stays as it was written.
 */
export function translatePattern(source: string, subject: Subject = "line"): Translation {
  try {
    return translate(source, subject);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { construct, offset, message } = error;
    return { kind: "refused", construct, offset, reason: message };
  }
}

/** Longer than any pattern in use by far; a line has no more. */
const MAX_LENGTH = 65_536;

function translate(text: string, subject: Subject): Translation {
  if (text.length > MAX_LENGTH) {
    throw new Refusal(text.slice(0, 16), 0, `it is longer than ${MAX_LENGTH} characters`);
  }
  const source = new Source(text, subject);
  const { root, flags } = parsePattern(source, {
    i: false,
    m: subject === "lines",
    s: false,
    x: false,
    a: false,
  });
  const printed = printPattern(keepLastTaken(resolvePaths(root), source), source);
  const pattern = flags.i ? `(?i:${printed})` : printed;
  const notes = source.notes.toSorted((a, b) => a.offset - b.offset);
  return { kind: "translated", pattern, notes };
}
