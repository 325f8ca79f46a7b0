/**
 * Prose in lines that are no wider, broken between its words; a longer word has a line of its own. Line ends in it count
 * as blanks.
 */
export function wrap(text: string, width: number): string[] {
  const [first = "", ...rest] = text.split(/\s+/);
  const lines = [first];
  for (const word of rest) {
    const line = `${lines.at(-1)!} ${word}`;
    if (line.length <= width) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines;
}

/** Terms with what is said of each beside them, in lines that are no wider. */
export function wrapList(
  items: readonly (readonly [term: string, about: string])[],
  width: number,
): string[] {
  const column = Math.max(...items.map(([term]) => term.length)) + 2;
  return items.flatMap(([term, about]) =>
    wrap(about, width - column).map((line, index) =>
      (index === 0 ? term : "").padEnd(column) + line
    )
  );
}
