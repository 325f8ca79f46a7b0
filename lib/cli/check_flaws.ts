/** What `banjo check` says of filters that are unsafe or useless: where it is, what to do, and a line that shows it. */
import { type Document, formatProblem, type Layer, type Path } from "../config/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import type { JailSettings } from "../jail/settings.ts";
import { type Flaw, lint } from "../lint/mod.ts";
import { printable } from "../printable.ts";

/** A flaw and the filter or jail that has it. */
export interface FilterFlaw extends Flaw {
  readonly filter?: string;
  /** A jail with patterns of its own. */
  readonly jail?: string;
  readonly place: Place;
}

/** Where something is written; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place in a document. */
export function placeOf(document: Document, path: Path): Place {
  return { file: document.file, ...document.locate(path) };
}

/** The flaws of a filter that was read from a file. */
export function flawsOfFilter(filter: FilterDefinition, document: Document): FilterFlaw[] {
  return lint(filter).map((flaw) => ({
    ...flaw,
    filter: filter.name,
    place: placeOf(document, pathOf(flaw, filter)),
  }));
}

/** The flaws of a jail's own patterns, which the last of its tables that has some says. They cannot have samples. */
export function flawsOfJail(
  { name, filter }: JailSettings,
  layers: readonly Layer[],
): FilterFlaw[] {
  const layer = layers.findLast(({ values }) => values.failregex !== undefined) ?? layers.at(-1)!;
  const flaws = filter.failregex.length === 0 ? [] : lint(filter);
  return flaws.filter(({ kind }) => kind !== "sample").map((flaw) => ({
    ...flaw,
    jail: name,
    place: placeOf(layer.document, [...layer.path, ...pathOf(flaw, filter)]),
  }));
}

/** Where below its table a pattern is written. Options may make several of one that is. */
function pathOf({ pattern }: Flaw, { options }: FilterDefinition): Path {
  if (pattern === undefined) return [];
  return Object.keys(options).length === 0 ? ["failregex", pattern] : ["failregex"];
}

/** A flaw as lines that are safe to print. */
export function formatFlaw({ pattern, message, forgery, jail, place }: FilterFlaw): string {
  const text = pattern === undefined ? message : `failregex ${pattern + 1}: ${message}`;
  const titled = jail === undefined ? text : `[${jail}] ${text}`;
  const flaw = formatProblem({ severity: "warning", ...place, message: titled });
  if (forgery === undefined) return flaw;
  return `${flaw}\n    ${printable(`it blames ${forgery.host} for the line: ${forgery.line}`)}`;
}
