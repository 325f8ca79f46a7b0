import { nearest } from "../nearest.ts";
import type { FilterDefinition } from "./definition.ts";
import { FilterError } from "./filter_error.ts";

/** An option's name as `[options]` may have it. Tags such as `<HOST>` begin with a capital, so none is one. */
export const OPTION_NAME = /^[a-z_][\w.\/-]*$/;

/** The options of a filter, to be put into its patterns. */
export class Options {
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  /**
   * Replaces each `<name>` of an option by its value, the innermost first: `<list-<mode>>` is the option that `mode`
   * names. What is no option's name stays as it is.
   *
   * Throws {@linkcode FilterError} where an option refers to itself, or to one that does not exist.
   */
  text(pattern: string): string {
    if (!pattern.includes("<")) return pattern;
    return this.#expand(pattern, [], { left: MAX_REPLACEMENTS });
  }

  /** The patterns that one as written stands for: an option of several lines makes several. */
  patterns(pattern: string): readonly string[] {
    const text = this.text(pattern);
    if (!text.includes("\n")) return [text];
    return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  }

  #expand(text: string, within: readonly string[], budget: { left: number }): string {
    for (;;) {
      const next = text.replace(TAG, (tag, name: string, at: number) => {
        if (!this.#has(name)) return tag;
        if (within.includes(name)) {
          const circle = [...within.slice(within.indexOf(name)), name];
          throw new FilterError(`option ${name} refers to itself: ${circle.join(" -> ")}`);
        }
        if (budget.left-- === 0) {
          throw new FilterError(`options refer to each other more than ${MAX_REPLACEMENTS} times`);
        }
        const value = this.#expand(this.#values[name]!, [...within, name], budget);
        this.#checkComposed(name, value, text.slice(0, at), text.slice(at + tag.length));
        return value;
      });
      if (next === text) return text;
      if (next.length > MAX_LENGTH) {
        throw new FilterError(`options make a pattern of more than ${MAX_LENGTH} characters`);
      }
      text = next;
    }
  }

  /** A name made of another option's value is meant to be an option: left as it is, it would match nothing. */
  #checkComposed(option: string, value: string, before: string, after: string): void {
    const head = /(?<!\(\?|\\k)<([^\s<>]*)$/.exec(before)?.[1];
    const tail = /^([^\s<>]*)>/.exec(after)?.[1];
    if (head === undefined || tail === undefined) return;
    const name = head + value + tail;
    if (this.#has(name) || !OPTION_NAME.test(name)) return;
    const alike = Object.keys(this.#values).filter((known) =>
      head !== "" && known.startsWith(head) && known.endsWith(tail)
    );
    const choices = alike.map((known) => known.slice(head.length, known.length - tail.length));
    throw new FilterError(
      `option ${option}: there is no option ${name}` +
        (choices.length === 0 ? "" : `: ${option} can be ${choices.join(", ")}`),
    );
  }

  #has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }
}

/** A filter with some of its options set. Throws {@linkcode FilterError} on an option that it does not have. */
export function withOptions(
  filter: FilterDefinition,
  given: Readonly<Record<string, string>>,
): FilterDefinition {
  const known = Object.keys(filter.options);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    const why = guess !== undefined
      ? `: did you mean \`${guess}\`?`
      : known.length === 0
      ? ": it has none"
      : `: it has ${known.join(", ")}`;
    throw new FilterError(`the filter \`${filter.name}\` has no option \`${name}\`${why}`);
  }
  return { ...filter, options: { ...filter.options, ...given } };
}

/** `<name>` with no tag within, and no name of a group as in `(?<name>` and `\k<name>`. */
const TAG = /(?<!\(\?|\\k)<([^\s<>]+)>/g;
/** No filter needs as many; options that multiply each other would fill the memory. */
const MAX_REPLACEMENTS = 1000;
const MAX_LENGTH = 100_000;
