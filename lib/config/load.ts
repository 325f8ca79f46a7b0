import type { FilterDefinition } from "../filter/definition.ts";
import type { JailSettings } from "../jail/settings.ts";
import { nearest } from "../nearest.ts";
import { type AgentSettings, readAgent } from "./agent_table.ts";
import { type Document, parseDocument, problemAt, readDocument } from "./document.ts";
import { readFilter, readProvenFilter } from "./filter_file.ts";
import { type Destination, readDestinations } from "./notify_table.ts";
import { parseFilterWord } from "./filter_word.ts";
import { checkFolder, exists, type NamedDocument, parseFolder, readFolder } from "./folder.ts";
import {
  assembleJail,
  checkPatterns,
  type Layer,
  manualJail,
  mayBeEnabled,
  restingJail,
} from "./jail_file.ts";
import type { Problem, Report } from "./problem.ts";
import { jailKeys, unknownKey } from "./schema.ts";
import { type Shipped, shipped as shippedWithBanjo } from "./shipped.ts";
import { isTable, readTable } from "./table.ts";
import { takenNames } from "./values.ts";

/** The whole configuration, as far as it is right. */
export interface LoadedConfig {
  readonly agent: AgentSettings;
  /** The jails without errors, by name; those that are not enabled as well. */
  readonly jails: ReadonlyMap<string, JailSettings>;
  /** The jails with errors that may be meant to run, by name, as they can go on keeping their bans. */
  readonly broken: ReadonlyMap<string, JailSettings>;
  /** false: something in jails/ cannot be read, and may hold jails whose names are not known. */
  readonly isWhole: boolean;
  /** The jail for bans by hand that name none: no logs, all ports, the rest as by default. */
  readonly manual: JailSettings;
  /** The filters without errors, by name. */
  readonly filters: ReadonlyMap<string, FilterDefinition>;
  /** Where messages go; those with errors are left out. */
  readonly notify: readonly Destination[];
  readonly problems: readonly Problem[];
  /** false: banjo.toml itself has errors, which concern every jail; an agent should not start with it. */
  readonly usable: boolean;
}

/** How a configuration is read. */
export interface LoadOptions {
  /** What is part of the program. */
  readonly shipped?: Shipped;
  /** Whether the folder may be missing, and then only what is shipped counts. Default: false. */
  readonly isOptional?: boolean;
  /** `KEY=VALUE` words that every jail takes last. */
  readonly overrides?: readonly string[];
  /**
   * Whether shipped jails and filters that nothing in `dir` names are left out, and the samples of the others: reading
   * all of them takes 3 MB and 15 ms, and a server uses few. Problems may then be told that are none, or without the name that was meant: where
   * there are any, read the whole. Default: false.
   */
  readonly isLean?: boolean;
  /** The only filter that is asked for: of what is shipped nothing else is read, nor its samples. */
  readonly filter?: string;
  /** Looks at each filter of `dir` without errors, with the file that it was read from. Those shipped are proven. */
  readonly inspect?: (filter: FilterDefinition, document: Document) => void;
  /** Looks at each jail without errors, with the tables that it was put together from. */
  readonly inspectJail?: (jail: JailSettings, layers: readonly Layer[]) => void;
}

/**
 * Reads the configuration in `dir`: banjo.toml, filters/*.toml and jails/*.toml, on top of what is shipped. What is
 * wrong is among the problems and takes nothing else with it.
 *
 * @throws {ConfigError} if there is no such folder, or it cannot be read.
 */
export async function loadConfig(dir: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { isOptional = false, overrides = [] } = options;
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  if (!isOptional || await exists(dir)) await checkFolder(dir);

  const mainFile = `${dir}/banjo.toml`;
  const main = await exists(mainFile) ? await readDocument(mainFile, report) : undefined;
  if (main !== undefined) checkTables(main, report);
  const agent = readAgent(main, report);
  const defaults = main?.value["defaults"] === undefined
    ? undefined
    : readTable(jailKeys, main, ["defaults"], report);

  const folder = `${dir}/jails`;
  const written = await readFolder(folder, report);
  const all = options.shipped ?? shippedWithBanjo;
  const shipped = options.filter !== undefined
    ? onlyFilter(all, options.filter)
    : options.isLean
    ? needed(all, defaults, written)
    : all;
  const { filters, broken } = readFilters(
    parseFolder("filters", shipped.filters, report),
    await readFolder(`${dir}/filters`, report),
    report,
    options.inspect,
  );
  const layers = collectLayers(
    parseFolder("jails", shipped.jails, report),
    defaults,
    written,
    report,
  );
  const last = parseOverrides(overrides, report);

  const jails = new Map<string, JailSettings>();
  const brokenJails = new Map<string, JailSettings>();
  for (const [name, own] of layers) {
    const known = { filters, broken, jails: layers, widest: agent.widest };
    const all = last === undefined ? own : [...own, last];
    const settings = all.every(({ sound }) => sound)
      ? assembleJail(name, all, known, report)
      : checkPatterns(name, all, known, report);
    if (settings === undefined) {
      if (mayBeEnabled(all)) brokenJails.set(name, restingJail(name, all));
      continue;
    }
    jails.set(name, settings);
    options.inspectJail?.(settings, all);
  }
  const errors = problems.filter(({ severity }) => severity === "error");
  const usable = !errors.some(({ file }) => file === mainFile);
  const isWhole = !errors.some(({ file, jail }) =>
    jail === undefined && (file === folder || file.startsWith(`${folder}/`))
  );
  // A mistake about messages keeps no agent from its work.
  const notify = readDestinations(main, report);
  const manual = manualJail(defaults);
  return { agent, jails, broken: brokenJails, isWhole, manual, filters, notify, problems, usable };
}

/**
 * What banjo.toml in `dir` says of messages, and nothing else: whoever sends them need not read the rest.
 *
 * @throws {ConfigError} if there is no such folder, or it cannot be read.
 */
export async function loadNotify(
  dir: string,
): Promise<Pick<LoadedConfig, "agent" | "notify" | "problems">> {
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  await checkFolder(dir);
  const file = `${dir}/banjo.toml`;
  const main = await exists(file) ? await readDocument(file, report) : undefined;
  return { agent: readAgent(main, report), notify: readDestinations(main, report), problems };
}

function onlyFilter({ filters }: Shipped, name: string): Shipped {
  const text = Object.hasOwn(filters, name) ? filters[name] : undefined;
  return { filters: text === undefined ? {} : { [name]: withoutSamples(text) }, jails: {} };
}

/** What of the shipped can be in use. A jail that is switched on without naming a filter uses the one of its name. */
function needed(
  shipped: Shipped,
  defaults: Layer | undefined,
  written: readonly NamedDocument[],
): Shipped {
  const isAnyNeeded = defaults?.values.enabled || defaults?.values.filter !== undefined;
  const tables = written.flatMap(({ document }) => Object.entries(document?.value ?? {}));
  const named = new Set(
    tables.flatMap(([name, table]) => isTable(table) ? [name, filterNamed(table["filter"])] : []),
  );
  const pick = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).filter(([name]) => isAnyNeeded || named.has(name));
  return {
    filters: Object.fromEntries(
      pick(shipped.filters).map(([name, text]) => [name, withoutSamples(text)]),
    ),
    jails: Object.fromEntries(pick(shipped.jails)),
  };
}

/** A shipped filter's text up to its samples, which stand last: most of it, and nothing that recognises a line. */
function withoutSamples(text: string): string {
  return text.replace(/^\[\[samples\]\][^]*/m, "");
}

function filterNamed(filter: unknown): unknown {
  if (isTable(filter)) return filter["name"];
  return typeof filter === "string" ? parseFilterWord(filter)?.name : undefined;
}

/** What stands in place of a file's name in problems of overrides. */
export const OVERRIDES = "--set";

/** Reads one filter from a file outside the configuration; undefined where it has errors. */
export async function loadFilter(file: string): Promise<LoadedFilter> {
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  const document = await readDocument(file, report, true);
  const filter = document === undefined ? undefined : readFilter(nameOf(file), document, report);
  return { filter, problems };
}

/** Reads a filter from the text of its file, which need not exist. */
export function parseFilter(file: string, text: string): LoadedFilter {
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  const document = parseDocument(file, text, report);
  const filter = document === undefined ? undefined : readFilter(nameOf(file), document, report);
  return { filter, problems };
}

/** A filter by itself, unless something is wrong with it. */
export interface LoadedFilter {
  readonly filter: FilterDefinition | undefined;
  readonly problems: readonly Problem[];
}

function nameOf(file: string): string {
  return file.replace(/^.*\//s, "").replace(/\.toml$/, "");
}

/** `KEY=VALUE` words as a layer. A value that TOML would want in quotes need not have them. */
function parseOverrides(overrides: readonly string[], report: Report): Layer | undefined {
  if (overrides.length === 0) return undefined;
  const lines = overrides.map((override) => {
    const [, key = override, value = ""] = /^([\w-]+)\s*=(.*)$/s.exec(override) ?? [];
    return `${key} = ${
      PLAIN_VALUE.test(value.trim()) ? value.trim() : JSON.stringify(value.trim())
    }`;
  });
  const document = parseDocument(OVERRIDES, `[set]\n${lines.join("\n")}\n`, report);
  return document === undefined ? undefined : readTable(jailKeys, document, ["set"], report);
}

/** Numbers, booleans, lists, tables and quoted strings. */
const PLAIN_VALUE = /^(?:-?\d+|true|false|\[.*\]|\{.*\}|".*"|'.*')$/s;

function checkTables(main: Document, report: Report): void {
  for (const [key, value] of Object.entries(main.value)) {
    if (TABLES.includes(key)) continue;
    const message = isTable(value) && key !== "DEFAULT" && nearest(key, TABLES) === undefined
      ? `[${key}] is no part of banjo.toml: a jail belongs in a file in jails/`
      : unknownKey(key, TABLES);
    report(problemAt(main.file, message, main.locate([key], "key")));
  }
}

const TABLES = ["defaults", "agent", "notify"];

/** A written filter replaces the shipped one of the same name as a whole. */
function readFilters(
  shipped: readonly NamedDocument[],
  written: readonly NamedDocument[],
  report: Report,
  inspect: LoadOptions["inspect"],
) {
  const filters = new Map<string, FilterDefinition>();
  const broken = new Set<string>();
  for (const { name, document } of shipped) {
    const filter = document && readProvenFilter(name, document, report);
    if (filter !== undefined) filters.set(name, filter);
  }
  for (const { name, document } of written) {
    const filter = document && readFilter(name, document, report);
    if (filter === undefined) {
      filters.delete(name);
      broken.add(name);
    } else {
      filters.set(name, filter);
      inspect?.(filter, document!);
    }
  }
  return { filters, broken };
}

/** The layers of each jail, in the order in which later ones win. */
function collectLayers(
  shipped: readonly NamedDocument[],
  defaults: Layer | undefined,
  written: readonly NamedDocument[],
  report: Report,
): ReadonlyMap<string, readonly Layer[]> {
  const layers = new Map<string, Layer[]>();
  // What is wrong in [defaults] was said once; no jail is left out for it.
  const common = defaults === undefined ? [] : [{ ...defaults, sound: true }];
  for (const { document } of shipped) {
    for (const [name, layer] of readJails(document, report)) layers.set(name, [layer, ...common]);
  }
  for (const { document } of written) {
    for (const [name, layer] of readJails(document, report)) {
      layers.set(name, [...layers.get(name) ?? common, layer]);
    }
  }
  return layers;
}

function* readJails(
  document: Document | undefined,
  report: Report,
): Generator<[name: string, layer: Layer]> {
  if (document === undefined) return;
  for (const [name, value] of Object.entries(document.value)) {
    const fault = faultOfName(name, value);
    if (fault === undefined) {
      const reportOfJail: Report = (problem) => report({ ...problem, jail: name });
      yield [name, readTable(jailKeys, document, [name], reportOfJail)];
    } else {
      report(problemAt(document.file, fault, document.locate([name], "key")));
    }
  }
}

/** Why there can be no jail of this name; undefined: there can. `value`: what stands under it. */
export function faultOfName(name: string, value: unknown): string | undefined {
  if (/^default$/i.test(name) || TABLES.includes(name)) {
    return `[${name}] is no jail: [defaults], [agent] and [notify] belong in banjo.toml`;
  }
  if (Object.hasOwn(jailKeys, name) && !isTable(value)) {
    return `\`${name}\` stands outside of any jail: write [NAME-OF-THE-JAIL] above it`;
  }
  if (takenNames.includes(name)) {
    return `[${name}] is no name for a jail: JavaScript has taken it: choose another`;
  }
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return undefined;
  return `${JSON.stringify(name)} is no name for a jail: use up to 64 letters, digits, - and _`;
}
