import { ConfError, type Place, type Value } from "./place.ts";

/** So many characters may a value grow to. */
const LARGEST = 1024 * 1024;

/**
 * A value of which each line is replaced. One that becomes several stays where it was written.
 *
 * @throws {ConfError} if the value grows beyond what any filter needs.
 */
export function replaceLines(value: Value, replace: (line: Value) => string): Value {
  const { lines } = value;
  if (lines === undefined) return { ...value, text: replace(value) };
  const texts: string[] = [];
  const origins: number[] = [];
  let size = 0;
  for (const { text, place } of linesOf(value)) {
    const replaced = replace({ ...value, text, place });
    size += replaced.length;
    if (size > LARGEST) throw new ConfError(place, "the value grows beyond 1 MiB: shorten it");
    for (const line of replaced.split("\n")) {
      texts.push(line);
      origins.push(place.line);
    }
  }
  return { ...value, text: texts.join("\n"), lines: origins };
}

/** Each line of a value, blank ones too, with its place. */
export function linesOf({ text, place, lines }: Value): { text: string; place: Place }[] {
  return text.split("\n").map((line, index) => ({
    text: line,
    place: { file: place.file, line: lines?.[index] ?? place.line },
  }));
}
