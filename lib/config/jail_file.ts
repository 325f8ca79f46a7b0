import type { FilterDefinition } from "../filter/definition.ts";
import { FilterError } from "../filter/filter.ts";
import { withOptions } from "../filter/options.ts";
import type { Escalation, JailSettings } from "../jail/settings.ts";
import type { AgentSettings } from "./agent_table.ts";
import { nearest } from "../nearest.ts";
import { problemAt } from "./document.ts";
import { emptyFilter, faultOf, overridden } from "./filter_file.ts";
import { isForgeable } from "./forgeable.ts";
import type { Report } from "./problem.ts";
import { jailKeys, patternKeys, type Values } from "./schema.ts";
import { type Table, titled } from "./table.ts";
import type { Path } from "./toml.ts";

/** One layer of a jail: what one table says of it. */
export type Layer = Table<typeof jailKeys>;

/** What jails can name. */
export interface Known {
  readonly filters: ReadonlyMap<string, FilterDefinition>;
  /** Names of filters whose files are wrong. */
  readonly broken: ReadonlySet<string>;
  readonly widest: AgentSettings["widest"];
  readonly jails: { has(name: string): boolean; keys(): Iterable<string> };
}

/**
 * Puts a jail together from its layers, of which later ones win key by key. The sources are one such key: the last
 * layer that names `files`, `journalmatch` or `banned_by` names all of them, and the filter's own journalmatch counts
 * only if none does. So a jail that is given `files` no longer reads the journal.
 *
 * What is wrong is reported, and then there is no jail.
 */
export function assembleJail(
  name: string,
  layers: readonly Layer[],
  known: Known,
  report: Report,
): JailSettings | undefined {
  const jail = new Assembly(name, layers, report);
  const { values } = jail;
  const sources = sourcesOf(layers);
  const reports = values.reports ?? false;
  const filter = chooseFilter(jail, known, reports || sources.bannedBy.length > 0);
  checkBannedBy(jail, known);
  checkWidth(jail, known);
  if (filter === undefined) return undefined;

  const journalmatch = sources.named ? sources.journalmatch : filter.journalmatch;
  const enabled = values.enabled ?? false;
  if (enabled) checkSources(jail, { ...sources, journalmatch, reports });
  const settings: JailSettings = {
    ...plainSettings(values),
    name,
    enabled,
    filter,
    files: sources.files,
    journalmatch,
    bannedBy: sources.bannedBy,
    reports,
    ports: values.ports ?? [],
    protocol: values.protocol ?? "tcp",
    increment: escalationOf(jail, values.bantime ?? BANTIME),
    maxBansPerMinute: values.max_bans_per_minute ??
      (reports || filter.isForgeable || journalmatch.some(isForgeable) ||
          (sources.files.length > 0 && isOfSyslog(filter))
        ? FORGEABLE_BANS
        : Infinity),
  };
  return jail.sound ? settings : undefined;
}

/** Reports what is wrong with the patterns of a jail that has other mistakes: whoever mends it wants to know of all. */
export function checkPatterns(
  name: string,
  layers: readonly Layer[],
  known: Known,
  report: Report,
): void {
  const jail = new Assembly(name, layers, report);
  const { filter, failregex } = jail.values;
  // Without both it may be that the mistakes are in them, and have been told.
  if (filter !== undefined || failregex !== undefined) chooseFilter(jail, known, true);
}

/** The jail for bans by hand that name no jail: it reads nothing and closes all ports. */
export function manualJail(defaults: Layer | undefined): JailSettings {
  return { ...restingJail("manual", defaults === undefined ? [] : [defaults]), enabled: true };
}

/** A jail that only keeps its bans, as far as its layers say how: it reads nothing and closes all ports. */
export function restingJail(name: string, layers: readonly Layer[]): JailSettings {
  return {
    ...plainSettings(valuesOf(layers)),
    name,
    enabled: false,
    filter: emptyFilter(name),
    files: [],
    journalmatch: [],
    bannedBy: [],
    reports: false,
    ports: [],
    protocol: "all",
    increment: undefined,
    maxBansPerMinute: Infinity,
  };
}

/**
 * Whether a jail with errors may be meant to run. Where no layer says it, a key that is not as it must be may have been
 * meant to.
 */
export function mayBeEnabled(layers: readonly Layer[]): boolean {
  return valuesOf(layers).enabled ?? layers.some(({ sound }) => !sound);
}

/** What the layers say that is right, later ones before earlier ones. */
function valuesOf(layers: readonly Layer[]): Layer["values"] {
  return Object.assign({}, ...layers.map(({ values }) => values));
}

/** The fuse of a jail whose source can be forged, unless it has another: more than that is no longer a few scanners. */
const FORGEABLE_BANS = 60;

/** Whether what a file has for a filter was written by syslog, to which any local user can log under any name. */
function isOfSyslog({ syslogIdentifier, journalText }: FilterDefinition): boolean {
  return syslogIdentifier.length > 0 || journalText === "syslog";
}

/** The settings that depend on nothing else, with their defaults. */
function plainSettings(values: Values<typeof jailKeys>) {
  const maxretry = values.maxretry ?? 5;
  return {
    maxretry,
    findtime: values.findtime ?? 10 * MINUTE,
    bantime: values.bantime ?? BANTIME,
    ignoreip: values.ignoreip?.networks ?? [],
    ignoreLookups: values.ignoreip?.lookups ?? [],
    trustLogins: values.trust_logins ?? 12 * HOUR,
    ignoreself: values.ignoreself ?? true,
    firewall: values.firewall ?? "nftables",
    ipv4Prefix: values.ipv4_prefix ?? 32,
    ipv6Prefix: values.ipv6_prefix ?? 64,
    maxmatches: values.maxmatches ?? maxretry,
    maxTracked: values.max_tracked ?? 500_000,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BANTIME = 10 * MINUTE;

/** A jail on its way from layers to settings. */
class Assembly {
  readonly values: Values<typeof jailKeys>;
  sound = true;
  readonly #report: Report;

  constructor(readonly name: string, readonly layers: readonly Layer[], report: Report) {
    this.values = valuesOf(layers);
    this.#report = report;
  }

  refuse(path: Path, message: string): void {
    this.sound = false;
    this.#say("error", path, message);
  }

  warn(path: Path, message: string): void {
    this.#say("warning", path, message);
  }

  #say(severity: "error" | "warning", path: Path, message: string): void {
    // Where the key was last written; where it never was, the last table of the jail's own.
    const written = this.layers.findLast(({ values }) => Object.hasOwn(values, path[0] ?? ""));
    const own = this.layers.findLast((layer) => layer.path[0] === this.name);
    const { document, path: table } = written ?? own!;
    const place = document.locate(written === undefined ? table : [...table, ...path]);
    const problem = problemAt(document.file, titled([this.name], message), place);
    this.#report({ ...problem, severity, jail: this.name });
  }
}

function chooseFilter(
  jail: Assembly,
  known: Known,
  needsNone: boolean,
): FilterDefinition | undefined {
  const { name, values } = jail;
  const wanted = values.filter?.name ?? name;
  const named = known.filters.get(wanted);
  if (named === undefined) {
    if (known.broken.has(wanted)) {
      return void jail.refuse(["filter"], `filter: the filter \`${wanted}\` has errors`);
    }
    if (values.filter !== undefined) {
      const guess = nearest(wanted, known.filters.keys());
      const hint = guess === undefined ? "" : `: did you mean \`${guess}\`?`;
      return void jail.refuse(["filter"], `filter: there is no filter \`${wanted}\`${hint}`);
    }
    if (values.failregex === undefined) {
      if (needsNone) return emptyFilter(name);
      const guess = nearest(name, known.filters.keys());
      const hint = guess === undefined ? "" : `; did you mean [${guess}]?`;
      return void jail.refuse([], `a jail needs \`filter\` or \`failregex\`${hint}`);
    }
  }
  const options = values.filter?.options ?? {};
  const own = Object.keys(patternKeys).some((key) => Object.hasOwn(values, key));
  if (named !== undefined && !own && Object.keys(options).length === 0) return named;
  const adjusted = adjust(jail, named ?? emptyFilter(name), options);
  if (adjusted === undefined) return undefined;
  // The samples show the filter as it was.
  const filter = { ...overridden(adjusted, values), samples: [] };
  const fault = faultOf(filter);
  if (fault === undefined) return filter;
  // What the jail does not write itself was right until it set the filter's options.
  const isOwn = Object.hasOwn(values, fault.path[0] ?? "");
  return void jail.refuse(isOwn ? fault.path : ["filter"], fault.message);
}

/** The filter with the options that the jail sets; undefined where it has no such option. */
function adjust(
  jail: Assembly,
  filter: FilterDefinition,
  options: Readonly<Record<string, string>>,
): FilterDefinition | undefined {
  try {
    return withOptions(filter, options);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const unknown = Object.keys(options).find((name) => !Object.hasOwn(filter.options, name));
    return void jail.refuse(["filter", unknown!], `filter: ${error.message}`);
  }
}

function sourcesOf(layers: readonly Layer[]) {
  const layer = layers.findLast(({ values }) =>
    (values.files ?? values.journalmatch ?? values.banned_by) !== undefined
  );
  return {
    named: layer !== undefined,
    files: layer?.values.files ?? [],
    journalmatch: layer?.values.journalmatch ?? [],
    bannedBy: layer?.values.banned_by ?? [],
  };
}

function checkBannedBy(jail: Assembly, { jails }: Known): void {
  for (const [index, name] of (jail.values.banned_by ?? []).entries()) {
    if (name === "*" || (jails.has(name) && name !== jail.name)) continue;
    const guess = nearest(name, jails.keys());
    const why = name === jail.name
      ? "a jail cannot count its own bans"
      : `there is no jail \`${name}\`${guess === undefined ? "" : `: did you mean \`${guess}\`?`}`;
    jail.refuse(["banned_by", index], `banned_by: ${why}`);
  }
}

function checkWidth(jail: Assembly, { widest }: Known): void {
  for (
    const [key, least] of [["ipv4_prefix", widest.ipv4], ["ipv6_prefix", widest.ipv6]] as const
  ) {
    const length = jail.values[key];
    if (length === undefined || length >= least) continue;
    jail.refuse(
      [key],
      `${key}: wider than /${least}, the widest that [agent] in banjo.toml lets be banned`,
    );
  }
}

function checkSources(
  jail: Assembly,
  { files, journalmatch, bannedBy, reports }: Pick<
    JailSettings,
    "files" | "journalmatch" | "bannedBy" | "reports"
  >,
): void {
  const reads = files.length + journalmatch.length > 0;
  if (!reads && bannedBy.length === 0 && !reports) {
    jail.refuse(
      [],
      "nothing to read: the jail needs `files`, `journalmatch`, `banned_by` or `reports`",
    );
  }
  if (reads && bannedBy.length > 0) {
    jail.refuse(["banned_by"], "banned_by: it stands in place of `files` and `journalmatch`");
  }
  for (const group of journalmatch.filter(isForgeable)) {
    jail.warn(
      ["journalmatch"],
      `journalmatch: any local user can write entries that match ${group.join(" ")}, ` +
        "and have others banned: add _SYSTEMD_UNIT= or _UID=",
    );
  }
}

function escalationOf(jail: Assembly, bantime: number): Escalation | undefined {
  const written = jail.values.bantime_increment;
  if (written === undefined || written === false) return undefined;
  const { factor = 2, multipliers, maxtime, rndtime = 0, memory = 30 * DAY, overalljails = false } =
    written === true ? {} : written;
  if (maxtime !== undefined && maxtime < bantime && bantime !== Infinity) {
    jail.refuse(
      ["bantime_increment", "maxtime"],
      "bantime_increment.maxtime: it is shorter than bantime",
    );
  }
  return {
    factor,
    ...(multipliers === undefined ? {} : { multipliers }),
    maxtime: maxtime ?? Math.max(35 * DAY, bantime),
    rndtime,
    memory,
    overalljails,
  };
}
