import type { Line } from "./filter_conf.ts";
import type { Note } from "./note.ts";
import { ConfError, formatPlace } from "./place.ts";

/** The patterns of a filter that do not come over, each with its place and the reason. */
export class Omissions {
  readonly #all: { readonly line: Line; readonly error: ConfError; readonly remedy: string }[] = [];

  /** `remedy`: what to do about the pattern, unless the choice that led to it is wrong. */
  add(line: Line, error: ConfError, remedy: string): void {
    this.#all.push({ line, error, remedy });
  }

  /** As notes on a filter that comes over without them. */
  get notes(): Note[] {
    return this.#all.map(({ line, error, remedy }) => ({
      place: error.place,
      message: `a failregex was left out: ${error.why}`,
      advice: line.mistyped === undefined
        ? `${remedy}: ${line.text}`
        : `correct \`${line.mistyped.option}\`, or leave it out`,
    }));
  }

  /** @throws {ConfError} if there are any: no other pattern is left. */
  refuse(): void {
    const [first] = this.#all;
    if (first !== undefined) throw first.error;
  }

  /** Why the filter as a whole is refused, and the patterns that would not have come over either. */
  addedTo(error: ConfError): ConfError {
    const others = this.#all.filter((omission) => omission.error !== error)
      .map(({ error: { place, why } }) => `${formatPlace(place)}: ${why}`);
    return new ConfError(error.place, [error.why, ...others].join("; "));
  }
}
