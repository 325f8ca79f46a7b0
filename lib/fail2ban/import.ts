import { parseFilter } from "../config/mod.ts";
import { enforcementOf } from "./actions.ts";
import { parseReferences } from "./bracket_options.ts";
import { printDuration } from "./durations.ts";
import { readConf } from "./files.ts";
import type { Conf } from "./conf.ts";
import { type FilterSettings, optionsOf, resolveFilter } from "./filter_conf.ts";
import { canShare, type Modes, printFilter } from "./filter_text.ts";
import { type ConvertedFilter, convertFilter } from "./filter_toml.ts";
import { JailConf, type JailFilter, type ResolvedJail } from "./jail_conf.ts";
import { convertCommon, convertOwn, countsBans, type Surroundings } from "./jail_toml.ts";
import { modesOf, usualMode } from "./modes.ts";
import type { Note } from "./note.ts";
import { translatePattern } from "./python_regex.ts";
import { ConfError, type Place } from "./place.ts";
import { type Entry, printComment, printEntries } from "./toml_text.ts";

/** A jail or filter that came over. */
export interface Imported {
  readonly name: string;
  /** The file that it is in now, below the new configuration's folder. */
  readonly file: string;
  readonly from: Place;
  /** What of it is not as it was; empty: nothing. */
  readonly notes: readonly Note[];
}

/** A jail that came over. */
export interface ImportedJail extends Imported {
  readonly enabled: boolean;
  /** The name of its filter; undefined for one that counts other jails' bans. */
  readonly filter: string | undefined;
}

/** A jail that did not come over, and why. */
export interface Refused {
  readonly name: string;
  readonly place: Place;
  readonly message: string;
}

/** A configuration of banjo's, and how it came about. Nothing has been written yet. */
export interface Import {
  /** Texts by their paths below the new folder. */
  readonly files: ReadonlyMap<string, string>;
  /** What of `[DEFAULT]` is not as it was. */
  readonly notes: readonly Note[];
  readonly jails: readonly ImportedJail[];
  readonly filters: readonly Imported[];
  readonly refused: readonly Refused[];
}

/** What is imported. */
export interface ImportOptions {
  /** Only these jails, whether they are switched on or not. Default: those that are, and those that the user wrote. */
  readonly jails?: readonly string[];
  /** Whether any log file that a path or glob means is on this machine. */
  readonly hasFile: (path: string) => boolean;
}

/**
 * Turns a folder of fail2ban's configuration into one of banjo's. The folder is only read.
 *
 * @throws {ConfError} where the configuration as a whole cannot be understood; one bad jail is only refused.
 */
export function importConf(base: string, options: ImportOptions): Import {
  return new Importing(JailConf.read(base), options).run();
}

class Importing {
  readonly #conf: JailConf;
  readonly #wanted: readonly string[] | undefined;
  readonly #surroundings: Surroundings;
  readonly #defaults: readonly Entry[];
  readonly #notes: readonly Note[];
  readonly #jailFiles = new Map<string, string>();
  readonly #filterFiles = new Map<string, string>();
  readonly #jails: ImportedJail[] = [];
  readonly #filters: Imported[] = [];
  readonly #refused: Refused[] = [];

  constructor(conf: JailConf, { jails, hasFile }: ImportOptions) {
    this.#conf = conf;
    this.#wanted = jails;
    this.#surroundings = { ...ownSettings(conf.base), hasFile };
    const defaults = conf.defaults();
    const place = { file: `${conf.base}/jail.conf`, line: 0 };
    const action = defaults.get("action");
    const enforcement = enforcementOf(
      action === undefined ? [] : parseReferences(action.text, action.place),
      action?.place ?? place,
    );
    const { entries, notes } = convertCommon(defaults, enforcement, this.#surroundings);
    this.#defaults = entries;
    this.#notes = notes;
  }

  run(): Import {
    for (const name of this.#wanted ?? this.#conf.names) {
      try {
        if (this.#wanted === undefined && !this.#isChosen(name)) continue;
        this.#take(name);
      } catch (error) {
        if (!(error instanceof ConfError)) throw error;
        this.#refused.push({ name, place: error.place, message: error.why });
      }
    }
    const files = new Map([["banjo.toml", this.#mainFile()]]);
    for (const [name, text] of this.#jailFiles) files.set(name, text);
    for (const [name, text] of this.#filterFiles) files.set(name, text);
    return {
      files,
      notes: this.#notes,
      jails: this.#jails,
      filters: this.#filters,
      refused: this.#refused,
    };
  }

  /** A jail comes over if it is switched on, or if anybody but fail2ban's own jail.conf says something about it. */
  #isChosen(name: string): boolean {
    if (this.#conf.isEnabled(name)) return true;
    const stock = `${this.#conf.base}/jail.conf`;
    return this.#conf.placesOf(name).some(({ file }) => file !== stock);
  }

  #take(name: string): void {
    if (!this.#conf.has(name)) {
      throw new ConfError(
        { file: `${this.#conf.base}/jail.conf`, line: 0 },
        "there is no such jail: correct the name",
      );
    }
    const jail = this.#conf.resolve(name);
    if (jail.filter === undefined) {
      throw new ConfError(
        jail.place,
        "the jail has no filter, so it only takes bans by hand: `banjo ban ADDRESS` needs no jail",
      );
    }
    const enforcement = enforcementOf(
      jail.actions,
      jail.options.get("action")?.place ?? jail.place,
    );
    const common = convertCommon(jail.options, enforcement, this.#surroundings);
    const own = convertOwn(jail, enforcement, this.#surroundings);
    const recognition = countsBans(jail.filter.name, jail.options, this.#surroundings)
      ? { filter: undefined, mode: undefined, entries: [] }
      : this.#filterOf(jail, jail.filter);
    const enabled = this.#conf.isEnabled(name);
    const entries: Entry[] = [
      { key: "enabled", value: enabled },
      ...referenceOf(recognition, name),
      ...recognition.entries,
      ...own.entries,
      ...common.entries.filter((entry) => !this.#isDefault(entry)),
    ];
    const notes = [...enforcement.notes, ...own.notes, ...this.#unlessDefault(common.notes)];
    const file = `jails/${this.#jailFileOf(name)}.toml`;
    const text = `[${name}]\n` + notes.map(printNote).join("") + printEntries(entries);
    const before = this.#jailFiles.get(file);
    this.#jailFiles.set(
      file,
      before === undefined ? heading(jail.place.file) + text : `${before}\n${text}`,
    );
    this.#jails.push({ name, file, from: jail.place, notes, enabled, filter: recognition.filter });
  }

  /** The jail's filter, which is written if it has not been yet, and the keys that the jail has instead. */
  #filterOf(jail: ResolvedJail, filter: JailFilter): Recognition {
    const plain = new Map([...jail.options].filter(([option]) => !PATTERN_OPTIONS.has(option)));
    const settings: FilterSettings = { ...filter.settings, jail: plain };
    const shared = resolveFilter(filter.conf, settings);
    const isForJournal = filter.settings.logtype === "journal";
    const full = convertFilter(filter.resolved, isForJournal);
    const source = { filter, place: jail.place };
    if (shared.failregex.length === 0) {
      return this.#write([jail.name], { ...source, modes: alone(full) });
    }
    const base = convertFilter(shared, isForJournal);
    const differing = full.entries.filter((entry) =>
      !base.entries.some((one) => isSame(one, entry))
    );
    const missing = base.entries.filter(({ key }) => !full.entries.some((one) => one.key === key));
    if (missing.length > 0 || differing.some(({ key }) => !JAIL_KEYS.has(key))) {
      const names = [jail.name, `${jail.name}-${filter.name}`];
      return this.#write(names, { ...source, modes: alone(full) });
    }
    const mode = filter.options.get("mode") ?? usualMode(filter.conf) ?? "";
    const modes = this.#modesOf(filter, settings, mode, base, isForJournal);
    const isShared = modes.variants.size > 1;
    const suffixes = [mode === "normal" || isShared ? [] : mode, isForJournal ? "journal" : []];
    const names = [
      ...isShared || mode === "normal" || mode === "" ? [filter.name] : [],
      [filter.name, ...suffixes].flat().join("-"),
      jail.name,
      `${jail.name}-${filter.name}`,
    ];
    const written = this.#write(names, { ...source, modes });
    return {
      filter: written.filter,
      mode: isShared && mode !== modes.usual ? mode : undefined,
      entries: differing.filter(({ key }) => key !== "journalmatch"),
    };
  }

  /** What the filter is in each of its modes; only in this one where they have too little in common. */
  #modesOf(
    { conf }: JailFilter,
    settings: FilterSettings,
    mode: string,
    base: ConvertedFilter,
    isForJournal: boolean,
  ): Modes {
    const usual = usualMode(conf) ?? "normal";
    const names = modesOf(conf);
    if (!names.includes(mode) || !names.includes(usual)) return alone(base);
    const variants = new Map<string, ConvertedFilter>();
    for (const name of names) {
      const parameters = new Map([...settings.parameters ?? [], ["mode", name]]);
      try {
        const resolved = resolveFilter(conf, { ...settings, parameters });
        const variant = convertFilter(resolved, isForJournal);
        const { filter } = parseFilter("filter.toml", printEntries(variant.entries));
        if (filter !== undefined) variants.set(name, variant);
      } catch (error) {
        // Nothing is lost with a mode that cannot be had, but if it is this jail's.
        if (!(error instanceof ConfError)) throw error;
      }
    }
    return variants.has(mode) && variants.has(usual) && canShare({ variants, usual })
      ? { variants, usual }
      : alone(base);
  }

  /** Writes a filter under the first of these names that is free or means the same. */
  #write(names: readonly string[], { filter, place, modes }: Source): Recognition {
    const { name: original, options, conf, settings } = filter;
    const from = { file: `${this.#conf.base}/filter.d/${original}.conf`, line: 0 };
    const told = [...options]
      .filter(([option, value]) =>
        option !== "mode" || (value !== "normal" && modes.variants.size < 2)
      )
      .map(([option, value]) => `${option} = ${value}`);
    const notes = modes.variants.get(modes.usual)!.notes;
    const parts = partsOf(conf, settings);
    const text = heading(from.file) +
      (told.length === 0 ? "" : printComment(`Options: ${told.join(", ")}`)) +
      notes.map(printNote).join("") + printFilter(modes, parts);
    const numbered = Array.from({ length: 100 }, (_, n) => `${names.at(-1)}-${n + 2}`);
    for (const name of [...names, ...numbered]) {
      const file = `filters/${name}.toml`;
      const written = this.#filterFiles.get(file);
      if (written !== undefined && body(written) !== body(text)) continue;
      if (written !== undefined) return { filter: name, mode: undefined, entries: [] };
      const { filter, problems } = parseFilter(file, text);
      if (filter === undefined) {
        throw new ConfError(
          place,
          `its filter ${original} cannot be used: ${
            problems.map(({ message }) => message).join("; ")
          }`,
        );
      }
      this.#filterFiles.set(file, text);
      this.#filters.push({ name, file, from, notes });
      return { filter: name, mode: undefined, entries: [] };
    }
    throw new ConfError(place, `there are more than 100 versions of the filter ${original}`);
  }

  #isDefault(entry: Entry): boolean {
    return this.#defaults.some((one) => isSame(one, entry));
  }

  /** Notes that every jail would have, because they are about `[DEFAULT]`, are told once. */
  #unlessDefault(notes: readonly Note[]): Note[] {
    return notes.filter((note) => !this.#notes.some((one) => isSame(one, note)));
  }

  #mainFile(): string {
    return heading(`${this.#conf.base}/jail.conf`) + "[defaults]\n" +
      this.#notes.map(printNote).join("") +
      printEntries(this.#defaults.filter((entry) => !BUILT_IN.some((one) => isSame(one, entry))));
  }

  /** Jails stay together with those that stood in the same file. */
  #jailFileOf(name: string): string {
    const places = this.#conf.placesOf(name);
    const file = places.findLast(({ file }) => file !== `${this.#conf.base}/jail.conf`)?.file;
    return (file ?? "jail.conf").replace(/^.*\//s, "").replace(/\.(?:conf|local)$/, "")
      .replaceAll(/[^\w.-]/g, "_");
  }
}

/** By which filter a jail recognises failures, and with which keys of its own. */
interface Recognition {
  /** undefined: by other jails' bans. */
  readonly filter: string | undefined;
  /** undefined: the filter's usual one. */
  readonly mode: string | undefined;
  readonly entries: readonly Entry[];
}

/** A filter that is to be written. */
interface Source {
  readonly filter: JailFilter;
  /** The jail's. */
  readonly place: Place;
  readonly modes: Modes;
}

/** A filter without modes to choose from. */
function alone(filter: ConvertedFilter): Modes {
  return { variants: new Map([["", filter]]), usual: "" };
}

/** How a jail names its filter: not at all if it is called like the jail. */
function referenceOf({ filter, mode }: Recognition, jail: string): Entry[] {
  if (filter === undefined || (filter === jail && mode === undefined)) return [];
  return [{ key: "filter", value: mode === undefined ? filter : `${filter}[mode=${mode}]` }];
}

/** What the filter's own names stand for, translated as in the middle of a pattern. */
function partsOf(conf: Conf, settings: FilterSettings): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const [name, { text }] of optionsOf(conf, settings)) {
    const translation = translatePattern(text + REST);
    if (translation.kind === "refused" || !translation.pattern.endsWith(REST)) continue;
    parts.set(name, translation.pattern.slice(0, -REST.length));
  }
  return parts;
}

/** Stands for what follows a part: at its end a pattern means more than within. */
const REST = "~";

/** What needs no saying in `[defaults]`. */
const BUILT_IN: readonly Entry[] = [
  { key: "bantime_increment", value: false },
  { key: "ignoreip", value: [] },
  { key: "ignoreself", value: true },
];

/** Options of a jail that change its filter. */
const PATTERN_OPTIONS: ReadonlySet<string> = new Set([
  "failregex",
  "ignoreregex",
  "prefregex",
  "datepattern",
  "maxlines",
  "journalmatch",
]);

/** Keys of a filter that a jail can have in its place. */
const JAIL_KEYS: ReadonlySet<string> = new Set([
  "failregex",
  "ignoreregex",
  "prefregex",
  "datepattern",
  "maxlines",
  "usedns",
  "journalmatch",
]);

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The keys of a file without the comments above them. */
function body(text: string): string {
  return text.replaceAll(/^\s*#.*\n/gm, "");
}

function heading(file: string): string {
  return printComment(`Imported from ${file} of fail2ban.`) + "\n";
}

function printNote({ message, advice }: Note): string {
  return printComment(`NOTE: ${message}. To do: ${advice}.`);
}

/** How long fail2ban remembers bans, and where it logs to, by its own configuration. */
function ownSettings(base: string): Pick<Surroundings, "purge" | "logtarget"> {
  const conf = readConf(base, "fail2ban", { isOptional: true });
  const purge = conf.get("Definition", "dbpurgeage");
  const logtarget = conf.get("Definition", "logtarget")?.text ?? "/var/log/fail2ban.log";
  return { purge: purge === undefined ? "1d" : printDuration(purge), logtarget };
}
