/** Text by the columns that it takes on a terminal, already safe to print. Pure. */

/** How many columns a text takes. An attacker may send characters of two, and marks that take none. */
export function widthOf(text: string): number {
  if (!UNUSUAL.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Text in so many columns, or more where it has more. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? blanks + text : text + blanks;
}

/** Text in no more than so many columns; what does not fit ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const start = fold(text, width - 1)[0]!;
  // For the first character there may be no room at all.
  return `${widthOf(start) < width ? start : ""}…`;
}

/** Text cut into lines that are not wider, but of one character at least, for what stands behind an indent. */
export function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let start = 0;
  let at = 0;
  let columns = 0;
  for (const character of text) {
    const wanted = columnsOf(character);
    if (columns + wanted > width && at > start) {
      lines.push(text.slice(start, at));
      start = at;
      columns = 0;
    }
    columns += wanted;
    at += character.length;
  }
  return [...lines, text.slice(start)];
}

function columnsOf(character: string): 0 | 1 | 2 {
  return !UNUSUAL.test(character) ? 1 : NONE.test(character) ? 0 : TWO.test(character) ? 2 : 1;
}

/** All before these take one column. */
const UNUSUAL = /[\u0300-\u{10ffff}]/u;

/** Marks on the character before them, and the later parts of a Korean syllable. */
const NONE = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u;

/**
 * What is wide or full width by Unicode's EastAsianWidth.txt, in larger ranges. Emoji count, but for the letters of flags:
 * a pair of them takes two columns.
 */
const TWO =
  /^(?![\u{1f1e6}-\u{1f1ff}])[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
