/**
 * Makes hostile text safe for a terminal or a log: control and formatting characters, line and paragraph
 * separators, and lone surrogates come out as `\xNN` or `\u{...}`. Printable text stays as it is.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
