import type { Line } from "./filter_conf.ts";
import type { Note } from "./note.ts";
import { ConfError } from "./place.ts";
import { type Subject, translatePattern } from "./python_regex.ts";

/** A pattern in banjo's terms. */
export interface Translated {
  /** What it was. */
  readonly line: Line;
  readonly text: string;
  /** What was changed. */
  readonly comments: readonly string[];
}

/** Translates a pattern from Python's dialect. @throws {ConfError} where it cannot be, or matches nothing. */
export function translateLine(line: Line, subject: Subject, notes: Note[]): Translated {
  const { text, place, mistyped } = line;
  if (mistyped !== undefined) {
    const { option, value, name, choices } = mistyped;
    throw new ConfError(
      place,
      `\`${option} = ${value}\` asks for <${name}>, which the filter does not have: set \`${option}\` to ${
        choices.join(", ").replace(/, (?=[^,]*$)/, " or ")
      }`,
    );
  }
  const translation = translatePattern(text, subject);
  if (translation.kind === "refused") {
    const { construct, offset, reason } = translation;
    throw new ConfError(
      place,
      `${JSON.stringify(construct)} at ${offset} of the pattern cannot be translated: ${reason}`,
    );
  }
  for (const { kind, construct, text: what } of translation.notes) {
    if (kind !== "differs") continue;
    notes.push({
      place,
      message: `${JSON.stringify(construct)} in a pattern came over differently: ${what}`,
      advice: "try the filter on old logs with `banjo test`, and correct the pattern if need be",
    });
  }
  const comments = new Set(translation.notes.map(({ construct, text }) => `${construct}: ${text}`));
  return { line, text: translation.pattern, comments: [...comments] };
}
