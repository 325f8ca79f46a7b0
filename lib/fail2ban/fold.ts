import { OPTION_NAME } from "../filter/options.ts";

/** A part must be so long for its name to be easier to read. */
const SHORTEST = 16;

/** Texts with names for their parts. */
export interface Folding {
  /** A text with `<name>` where a part stood. */
  replace(text: string): string;
  /** The parts that occur in any of the texts. */
  readonly used: ReadonlyMap<string, string>;
}

/** Finds which named parts occur in texts. Of parts within parts the longer one counts. */
export function foldParts(
  texts: readonly string[],
  parts: ReadonlyMap<string, string>,
): Folding {
  const candidates = [...parts]
    .filter(([name, part]) =>
      OPTION_NAME.test(name) && part.length >= SHORTEST && !part.includes("\n")
    )
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const used = new Map<string, string>();
  let rest = texts;
  for (const [name, part] of candidates) {
    if (!rest.some((text) => text.includes(part) && text !== part)) continue;
    used.set(name, part);
    // What one part took is not there for another any more.
    rest = rest.flatMap((text) => text === part ? [text] : text.split(part));
  }
  return {
    used,
    replace: (text) =>
      [...used].reduce(
        (folded, [name, part]) =>
          folded === part ? folded : folded.replaceAll(part, () => `<${name}>`),
        text,
      ),
  };
}
