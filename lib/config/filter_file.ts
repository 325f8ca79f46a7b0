import type { FilterDefinition, Sample } from "../filter/definition.ts";
import { compileFilter, FilterError } from "../filter/filter.ts";
import { type Document, problemAt } from "./document.ts";
import type { Report } from "./problem.ts";
import { filterKeys, patternKeys, type sampleKeys, type Values } from "./schema.ts";
import { readTable } from "./table.ts";
import type { Path } from "./toml.ts";

/** Reads a filter from its file. What is wrong is reported, and then there is no filter. */
export function readFilter(
  name: string,
  document: Document,
  report: Report,
): FilterDefinition | undefined {
  const filter = readProvenFilter(name, document, report);
  const fault = filter && faultOf(filter);
  if (fault === undefined) return filter;
  return void report(problemAt(document.file, fault.message, document.locate(fault.path)));
}

/** As {@linkcode readFilter}, of a filter whose patterns are known to compile: to try each at every start takes long. */
export function readProvenFilter(
  name: string,
  document: Document,
  report: Report,
): FilterDefinition | undefined {
  const { values, sound } = readTable(filterKeys, document, [], report);
  if (!sound) return undefined;
  return {
    ...overridden(emptyFilter(name), values),
    description: values.description ?? "",
    options: values.options ?? {},
    syslogIdentifier: values.syslog_identifier ?? [],
    journalText: values.journal_text ?? "message",
    journalmatch: values.journalmatch ?? [],
    provesLogin: values.proves_login ?? false,
    isForgeable: values.forgeable ?? false,
    samples: (values.samples ?? []).map(sampleOf),
  };
}

/** A filter that recognises nothing yet. */
export function emptyFilter(name: string): FilterDefinition {
  return {
    name,
    description: "",
    options: {},
    failregex: [],
    ignoreregex: [],
    prefregex: undefined,
    maxlines: 1,
    datepattern: [],
    syslogIdentifier: [],
    journalText: "message",
    journalmatch: [],
    provesLogin: false,
    isForgeable: false,
    usedns: false,
    logtimezone: undefined,
    samples: [],
  };
}

/** A filter of which some keys were replaced. */
export function overridden(
  filter: FilterDefinition,
  values: Values<typeof patternKeys>,
): FilterDefinition {
  return {
    ...filter,
    // What was said of the filter's patterns was not said of others.
    provesLogin: filter.provesLogin && values.failregex === undefined,
    failregex: values.failregex ?? filter.failregex,
    ignoreregex: values.ignoreregex ?? filter.ignoreregex,
    prefregex: values.prefregex ?? filter.prefregex,
    maxlines: values.maxlines ?? filter.maxlines,
    datepattern: values.datepattern ?? filter.datepattern,
    usedns: values.usedns ?? filter.usedns,
    logtimezone: values.logtimezone ?? filter.logtimezone,
  };
}

/** Why a filter cannot be used, and the key that it is about, as far as that is known. */
export interface Fault {
  readonly message: string;
  readonly path: Path;
}

/** What is wrong with a filter as a whole: patterns that do not compile, or none at all. */
export function faultOf(filter: FilterDefinition): Fault | undefined {
  const message = filter.failregex.length === 0
    ? "failregex: a filter needs at least one"
    : compilerFaultOf(filter);
  if (message === undefined) return undefined;
  // The compiler says `failregex 2: ...` of the second, and quotes a datepattern instead of counting it.
  const [, key, number] = /^(\w+)(?: (\d+):)?/.exec(message)!;
  const index = key === "datepattern"
    ? filter.datepattern.findIndex((pattern) => message.startsWith(`datepattern ${pattern}:`))
    : Number(number ?? 0) - 1;
  if (!Object.hasOwn(patternKeys, key!)) return { message, path: [] };
  return { message, path: index < 0 ? [key!] : [key!, index] };
}

function compilerFaultOf(filter: FilterDefinition): string | undefined {
  try {
    compileFilter(filter);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError) return error.message.replace(`filter ${filter.name}: `, "");
    throw error;
  }
}

function sampleOf(values: Values<typeof sampleKeys>): Sample {
  const { line, message, host, user, time, options, match } = values;
  return {
    ...(line === undefined ? {} : { line }),
    ...(message === undefined ? {} : { message }),
    ...(host === undefined ? {} : { host }),
    ...(user === undefined ? {} : { user }),
    ...(time === undefined ? {} : { time }),
    ...(options === undefined ? {} : { options }),
    match: match ?? true,
  };
}
