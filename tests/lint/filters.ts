import { emptyFilter } from "../../lib/config/mod.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import { type Flaw, lint } from "../../lib/lint/mod.ts";

/** A filter of these patterns and nothing else. */
export function filterOf(
  failregex: string | readonly string[],
  rest: Partial<FilterDefinition> = {},
): FilterDefinition {
  return { ...emptyFilter("test"), failregex: [failregex].flat(), ...rest };
}

/** The flaws of patterns but for the samples that they have not. */
export function flawsOf(
  failregex: string | readonly string[],
  rest: Partial<FilterDefinition> = {},
): readonly Flaw[] {
  return lint(filterOf(failregex, rest)).filter(({ kind }) => kind !== "sample");
}

/** The kinds of the flaws, in order. */
export function kindsOf(
  failregex: string | readonly string[],
  rest: Partial<FilterDefinition> = {},
): readonly string[] {
  return flawsOf(failregex, rest).map(({ kind }) => kind);
}
