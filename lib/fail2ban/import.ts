import { enforcementOf } from "./actions.ts";
import { parseReferences } from "./bracket_options.ts";
import { printDuration } from "./durations.ts";
import { readConf } from "./files.ts";
import { FilterFolder, type Imported, type Recognition } from "./filter_folder.ts";
import { JailConf, type ResolvedJail } from "./jail_conf.ts";
import { convertCommon, convertOwn, countsBans, type Surroundings } from "./jail_toml.ts";
import { jailNames } from "./names.ts";
import { type Note, printNote } from "./note.ts";
import { ConfError, type Place } from "./place.ts";
import { type Entry, isSame, printEntries, printHeading } from "../toml_text.ts";

/** A jail that came over. */
export interface ImportedJail extends Imported {
  /** What fail2ban calls it. */
  readonly original: string;
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
  readonly #commandsOf: (name: string) => string;
  readonly #defaults: readonly Entry[];
  readonly #notes: readonly Note[];
  /** The jails' new names by their old ones. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #jailFiles = new Map<string, string>();
  readonly #filters: FilterFolder;
  readonly #jails: ImportedJail[] = [];
  readonly #refused: Refused[] = [];

  constructor(conf: JailConf, { jails, hasFile }: ImportOptions) {
    this.#conf = conf;
    this.#names = jailNames(conf.names);
    this.#filters = new FilterFolder(conf.base);
    this.#wanted = jails;
    this.#surroundings = { ...ownSettings(conf.base), hasFile };
    this.#commandsOf = (name) => banCommands(conf.base, name);
    const defaults = conf.defaults();
    const place = { file: `${conf.base}/jail.conf`, line: 0 };
    const action = defaults.get("action");
    const enforcement = enforcementOf(
      action === undefined ? [] : parseReferences(action.text, action.place),
      action?.place ?? place,
      this.#commandsOf,
    );
    const bans = enforcement.firewall !== "dry-run";
    const firewall = bans ? enforcement.firewall : "nftables";
    const { entries, notes } = convertCommon(defaults, { firewall }, this.#surroundings);
    this.#defaults = entries;
    // Where only some jails have an action that bans, the others say so themselves.
    this.#notes = bans ? [...enforcement.notes, ...notes] : notes;
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
    for (const [name, text] of this.#filters.files) files.set(name, text);
    return {
      files,
      notes: this.#notes,
      jails: this.#jails,
      filters: this.#filters.imported,
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
    const resolved = this.#conf.resolve(name);
    const jail = { ...resolved, name: this.#names.get(name)! };
    if (jail.filter === undefined) {
      throw new ConfError(
        jail.place,
        "the jail has no filter, so it only takes bans by hand: `banjo ban ADDRESS` needs no jail",
      );
    }
    const enforcement = enforcementOf(
      jail.actions,
      jail.options.get("action")?.place ?? jail.place,
      this.#commandsOf,
    );
    const common = convertCommon(jail.options, enforcement, this.#surroundings);
    const own = convertOwn(jail, enforcement, this.#surroundings);
    const recognition = countsBans(jail.filter.name, jail.options, this.#surroundings)
      ? { filter: undefined, mode: undefined, entries: [] }
      : this.#filters.take(jail, jail.filter);
    const enabled = this.#conf.isEnabled(name);
    const entries: Entry[] = [
      { key: "enabled", value: enabled },
      ...referenceOf(recognition, jail.name),
      ...recognition.entries,
      ...own.entries,
      ...common.entries.filter((entry) => !this.#isDefault(entry)),
    ];
    const notes = this.#unlessDefault([
      ...jail.name === name ? [] : [renaming(jail, name)],
      ...enforcement.notes,
      ...own.notes,
      ...common.notes,
    ]);
    const file = `jails/${this.#jailFileOf(name)}.toml`;
    const text = `[${jail.name}]\n` + notes.map(printNote).join("") + printEntries(entries);
    const before = this.#jailFiles.get(file);
    this.#jailFiles.set(
      file,
      before === undefined ? printHeading(jail.place.file) + text : `${before}\n${text}`,
    );
    this.#jails.push({
      name: jail.name,
      original: name,
      file,
      from: jail.place,
      notes,
      enabled,
      filter: recognition.filter,
    });
  }

  #isDefault(entry: Entry): boolean {
    return this.#defaults.some((one) => isSame(one, entry));
  }

  /** Notes that every jail would have, because they are about `[DEFAULT]`, are told once. */
  #unlessDefault(notes: readonly Note[]): Note[] {
    return notes.filter((note) => !this.#notes.some((one) => isSame(one, note)));
  }

  #mainFile(): string {
    return printHeading(`${this.#conf.base}/jail.conf`) + "[defaults]\n" +
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

function renaming({ name, place }: ResolvedJail, original: string): Note {
  return {
    place,
    message: `the jail ${original} is called ${name}: names have letters, digits, - and _ only`,
    advice: "use the new name in commands, scripts and reports",
  };
}

/** How a jail names its filter: not at all if it is called like the jail. */
function referenceOf({ filter, mode }: Recognition, jail: string): Entry[] {
  if (filter === undefined || (filter === jail && mode === undefined)) return [];
  return [{ key: "filter", value: mode === undefined ? filter : `${filter}[mode=${mode}]` }];
}

/** What needs no saying in `[defaults]`. */
const BUILT_IN: readonly Entry[] = [
  { key: "bantime_increment", value: false },
  { key: "ignoreip", value: [] },
  { key: "ignoreself", value: true },
];

/** What an action runs to ban somebody, as its files have it; empty where they say nothing that could be understood. */
function banCommands(base: string, action: string): string {
  if (!/^[\w-]+$/.test(action)) return "";
  try {
    const conf = readConf(base, `action.d/${action}`, { isOptional: true });
    return ["actionstart", "actionban"].map((option) => conf.raw("Definition", option)?.text ?? "")
      .join("\n");
  } catch (error) {
    if (error instanceof ConfError) return "";
    throw error;
  }
}

/** How long fail2ban remembers bans, and where it logs to, by its own configuration. */
function ownSettings(base: string): Pick<Surroundings, "purge" | "logtarget"> {
  const conf = readConf(base, "fail2ban", { isOptional: true });
  const purge = conf.get("Definition", "dbpurgeage");
  const logtarget = conf.get("Definition", "logtarget")?.text ?? "/var/log/fail2ban.log";
  return { purge: purge === undefined ? "1d" : printDuration(purge), logtarget };
}
