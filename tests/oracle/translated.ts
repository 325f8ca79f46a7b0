import { type Subject, translatePattern } from "../../lib/fail2ban/python_regex.ts";
import type { Spans } from "./python.ts";

/** What a match took: the whole, and each named group that took part. */
export type Took = Readonly<Record<string, string>>;

/** Groups that the translation adds. */
const ADDED = /^(?:atomic|group)\d+$/;
/** Groups that only fail2ban's actions ask for: in a repetition they may be lost. */
const FOR_ACTIONS = /^error$/;

/** A translated pattern, to be searched in texts as fail2ban has them: with a line feed at their end. */
export class Translated {
  readonly pattern: string;
  readonly #regex: RegExp;
  readonly #endsWithLineFeed: boolean;

  /** Throws where there is no translation, or none that compiles. */
  constructor(source: string, subject: Subject) {
    const translation = translatePattern(source, subject);
    if (translation.kind === "refused") {
      const { construct, offset, reason } = translation;
      throw new Error(`Cannot translate ${source}: ${construct} at ${offset}: ${reason}`);
    }
    this.pattern = translation.pattern;
    this.#endsWithLineFeed = subject === "lines" || subject === "block";
    this.#regex = new RegExp(asCompiled(translation.pattern, subject), "sd");
  }

  /** What the first match took; null without one. */
  search(text: string): Took | null {
    const line = text.replace(/\n$/, "");
    const match = this.#regex.exec(this.#endsWithLineFeed ? text : line);
    if (match === null) return null;
    const named = Object.entries(match.indices!.groups ?? {}).filter(([name, span]) =>
      span !== undefined && !ADDED.test(name) && !FOR_ACTIONS.test(name)
    );
    return tookOf(line, { "": match.indices![0]!, ...Object.fromEntries(named) });
  }
}

/** What `.`, `^` and `$` mean in filters that see several lines. */
function asCompiled(pattern: string, subject: Subject): string {
  if (subject !== "lines" && subject !== "block") return pattern;
  const [start, end] = subject === "lines"
    ? [String.raw`(?<![^\n])`, String.raw`(?![^\n])`]
    : ["^", String.raw`(?=\n?$)`];
  return pattern.replace(
    /\\[^]|\[(?:\\[^]|[^\]\\])*\]|[.^$]/g,
    (token) => ({ ".": "[^\n]", "^": start, "$": end }[token] ?? token),
  );
}

/** What a match of Python's took, without the line feed at the end of the text. */
export function tookByPython(
  text: string,
  spans: Spans,
  names: Readonly<Record<string, number>>,
): Took {
  const named = Object.entries(names).filter(([name, index]) =>
    spans[index]![0] >= 0 && !FOR_ACTIONS.test(name)
  );
  return tookOf(text.replace(/\n$/, ""), {
    "": spans[0]!,
    ...Object.fromEntries(named.map(([name, index]) => [name, spans[index]!])),
  });
}

function tookOf(text: string, spans: Record<string, readonly [number, number]>): Took {
  return Object.fromEntries(
    Object.entries(spans).sort(([a], [b]) => a < b ? -1 : 1).map((
      [name, [start, end]],
    ) => [name, `${Math.min(start, text.length)}: ${text.slice(start, end)}`]),
  );
}
