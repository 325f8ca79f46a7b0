import { printComment } from "../toml_text.ts";
import type { Place } from "./place.ts";

/** Something that did not come over as it was. */
export interface Note {
  readonly place: Place;
  /** What, and what that means. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A note as a comment. */
export function printNote({ message, advice }: Note): string {
  return printComment(`NOTE: ${message}. To do: ${advice}.`);
}
