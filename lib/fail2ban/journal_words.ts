import { ConfError, type Place } from "./place.ts";

/** One word: bare pieces, escaped characters, and pieces in quotes, joined. */
const WORD = /(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/y;

/** Splits a line into words as a POSIX shell does. @throws {ConfError} where a quote is never closed. */
export function splitWords(text: string, place: Place): string[] {
  const words: string[] = [];
  for (let at = 0;;) {
    at += /^\s*/.exec(text.slice(at))![0].length;
    if (at >= text.length) return words;
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    if (match === null) {
      throw new ConfError(
        place,
        `a quote is never closed in ${JSON.stringify(text.slice(at, at + 60))}`,
      );
    }
    words.push(match[0].replace(
      /\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g,
      (_, escaped, double, single) => escaped ?? single ?? double.replace(/\\(["\\$`])/g, "$1"),
    ));
    at = WORD.lastIndex;
  }
}
