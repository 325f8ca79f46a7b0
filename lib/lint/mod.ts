/** What is unsafe or useless about a filter, told from its patterns: pure, and proven on the filter itself. */
import type { FilterDefinition, Sample } from "../filter/definition.ts";
import { compileFilter, type Filter } from "../filter/filter.ts";
import type { Flaw } from "./flaw.ts";
import { whyImpossible } from "./impossible.ts";
import { findInjections } from "./injection.ts";
import { whyUnresolved } from "./unresolved.ts";

export type { Flaw, Forgery, Kind } from "./flaw.ts";

/**
 * Judges a filter, pattern by pattern.
 *
 * @throws {FilterError} if the filter does not compile.
 */
export function lint(definition: FilterDefinition): readonly Flaw[] {
  const filter = compileFilter(definition);
  const impossible = findImpossible(definition, filter);
  const dead = new Set(impossible.map(({ pattern }) => pattern));
  return [
    ...impossible,
    ...findUnsampled(definition, filter).filter(({ pattern }) => !dead.has(pattern)),
    ...findNotLinear(filter),
    ...findInjections(definition, filter),
  ].toSorted((a, b) => (a.pattern ?? -1) - (b.pattern ?? -1));
}

function findImpossible({ maxlines, options }: FilterDefinition, { failregex }: Filter): Flaw[] {
  const names = Object.keys(options);
  return failregex.flatMap(({ root, source }, pattern) => {
    // Where patterns see several lines, a line end is nothing special.
    const why = whyUnresolved(source, names) ?? (maxlines > 1 ? undefined : whyImpossible(root));
    return why === undefined
      ? []
      : [{ kind: "impossible", pattern, message: `no line matches it: ${why}` }];
  });
}

function findNotLinear({ failregex }: Filter): Flaw[] {
  return failregex.flatMap(({ isLinear }, pattern) =>
    isLinear !== false ? [] : [{
      kind: "linear",
      pattern,
      message:
        "an attacker may make it slow, for V8 cannot run it in linear time: do without lookaround, backreferences and " +
        "counted repeats that are large or within others",
    }]
  );
}

function findUnsampled(definition: FilterDefinition, filter: Filter): Flaw[] {
  const { samples } = definition;
  if (samples.length === 0) {
    const message =
      "no sample shows that it works: add [[samples]], with lines that match and lines that must not";
    return [{ kind: "sample", pattern: undefined, message }];
  }
  const shown = new Set(samples.flatMap((sample) => matchesOf(filter, definition, sample)));
  return filter.failregex.flatMap((_, pattern) =>
    shown.has(pattern) ? [] : [{
      kind: "sample",
      pattern,
      message: "no sample matches it, so it may never match: add a line that does",
    }]
  );
}

/** The patterns that a sample's line matches, whatever comes of it. */
function matchesOf(
  filter: Filter,
  { syslogIdentifier: [identifier] }: FilterDefinition,
  { line, message = "" }: Sample,
): number[] {
  const entry = line !== undefined
    ? { time: undefined, text: line }
    : { time: 0, text: message, ...(identifier && { identifier }) };
  const { patterns } = filter.explain(entry, { now: 0, live: false });
  return patterns.flatMap(({ matched }, index) => matched ? [index] : []);
}
