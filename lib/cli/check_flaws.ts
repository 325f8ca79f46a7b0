/** What `banjo check` says of filters that are unsafe or useless: where it is, what to do, and a line that shows it. */
import { type Document, formatProblem, problemAt } from "../config/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import type { JailSettings } from "../jail/settings.ts";
import { type Flaw, lint } from "../lint/mod.ts";
import { printable } from "../printable.ts";

/** A flaw and the filter or jail that has it. */
export interface FilterFlaw extends Flaw {
  readonly filter?: string;
  /** A jail with patterns of its own. */
  readonly jail?: string;
  /** Where the pattern is written, counted from 1; absent for jails. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

/** The flaws of a filter that was read from a file. */
export function flawsOfFilter(filter: FilterDefinition, document: Document): FilterFlaw[] {
  // Options may make several patterns of one that is written.
  const isWritten = Object.keys(filter.options).length === 0;
  return lint(filter).map((flaw) => {
    const path = flaw.pattern === undefined
      ? []
      : isWritten
      ? ["failregex", flaw.pattern]
      : ["failregex"];
    const { file, line, column } = problemAt(document.file, "", document.locate(path));
    return { ...flaw, filter: filter.name, place: { file, line, column } };
  });
}

/** The flaws of a jail's own patterns. They cannot have samples. */
export function flawsOfJail({ name, filter }: JailSettings): FilterFlaw[] {
  const flaws = filter.failregex.length === 0 ? [] : lint(filter);
  return flaws.filter(({ kind }) => kind !== "sample").map((flaw) => ({ ...flaw, jail: name }));
}

/** A flaw as lines that are safe to print. */
export function formatFlaw({ pattern, message, forgery, jail, place }: FilterFlaw): string {
  const text = pattern === undefined ? message : `failregex ${pattern + 1}: ${message}`;
  const flaw = place === undefined
    ? printable(`warning: jail ${jail}: ${text}`)
    : formatProblem({ severity: "warning", ...place, message: text });
  if (forgery === undefined) return flaw;
  return `${flaw}\n    ${printable(`it blames ${forgery.host} for the line: ${forgery.line}`)}`;
}
