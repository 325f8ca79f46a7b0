import { parseReference, parseReferences, type Reference } from "./bracket_options.ts";
import { type Conf, DEFAULT } from "./conf.ts";
import { readConf } from "./files.ts";
import {
  type FilterSettings,
  optionsOf,
  type ResolvedFilter,
  resolveFilter,
} from "./filter_conf.ts";
import { ConfError, type Place, type Value } from "./place.ts";

/** The options of a jail that mean something; all others are only names for parts of them. */
const OPTIONS = [
  "enabled",
  "backend",
  "maxretry",
  "maxmatches",
  "findtime",
  "bantime",
  "bantime.increment",
  "bantime.factor",
  "bantime.formula",
  "bantime.multipliers",
  "bantime.maxtime",
  "bantime.rndtime",
  "bantime.overalljails",
  "ignorecommand",
  "ignoreself",
  "ignoreip",
  "ignorecache",
  "filter",
  "logtimezone",
  "logencoding",
  "logpath",
  "action",
  "port",
  "protocol",
  "usedns",
  "prefregex",
  "ignoreregex",
  "failregex",
  "maxlines",
  "datepattern",
  "journalmatch",
] as const;

/** Options of a jail that have a meaning, by name. */
export type JailOptions = ReadonlyMap<string, Value>;

/** A jail of fail2ban's after all layers, with its filter and actions. */
export interface ResolvedJail {
  readonly name: string;
  /** Where the section begins that says most about the jail: the last file that names it. */
  readonly place: Place;
  readonly options: JailOptions;
  /** undefined: the jail has no filter, and only takes bans by hand. */
  readonly filter: JailFilter | undefined;
  readonly actions: readonly Reference[];
}

/** A jail's filter as it names it. */
export interface JailFilter extends Reference {
  readonly settings: FilterSettings;
  readonly conf: Conf;
  readonly resolved: ResolvedFilter;
}

/** All jails of a configuration folder. */
export class JailConf {
  readonly base: string;
  readonly #conf: Conf;
  readonly #filters = new Map<string, Conf>();

  private constructor(base: string, conf: Conf) {
    this.base = base;
    this.#conf = conf;
  }

  /** Reads what of a folder is about jails. @throws {ConfError} if there is none, or it cannot be understood. */
  static read(base: string): JailConf {
    const conf = readConf(base, "jail");
    const from: Place = { file: `${base}/jail.conf`, line: 0 };
    conf.defaults.set("fail2ban_version", { text: VERSION, place: from });
    conf.defaults.set("fail2ban_confpath", { text: base, place: from });
    return new JailConf(base, conf);
  }

  /** The jails' names in the order in which the files have them. */
  get names(): string[] {
    return [...this.#conf.sections.keys()];
  }

  has(name: string): boolean {
    return this.#conf.sections.has(name);
  }

  /** Whether a jail is switched on. @throws {ConfError} */
  isEnabled(name: string): boolean {
    const value = this.#conf.get(name, "enabled");
    return value !== undefined && isTrue(value);
  }

  /** The places of everything that a jail's own section says. */
  placesOf(name: string): Place[] {
    return [...this.#conf.sections.get(name)!.values()].map(({ place }) => place);
  }

  /** The options of `[DEFAULT]`, as a jail that says nothing itself has them; those that cannot be completed are left out. */
  defaults(): JailOptions {
    const options = new Map<string, Value>();
    const log = this.#conf.defaults.get("logpath") ?? NO_LOG;
    for (const option of OPTIONS) {
      // An action that mails lines of the log, as action_mwl does, is the same whichever jail's log it is.
      const variables = option === "action" ? new Map([["logpath", log]]) : undefined;
      try {
        const value = this.#conf.get(DEFAULT, option, variables);
        if (value !== undefined) options.set(option, value);
      } catch (error) {
        if (!(error instanceof ConfError)) throw error;
      }
    }
    return options;
  }

  /** Puts a jail together. @throws {ConfError} where it, its filter or its actions cannot be understood. */
  resolve(name: string): ResolvedJail {
    const filter = this.#filterOf(name);
    const known = filter === undefined ? new Map<string, Value>() : new Map(
      [...optionsOf(filter.conf, filter.settings)].map(([option, value]) =>
        [`known/${option}`, literal(value)] as const
      ),
    );
    const options = this.#options(name, OPTIONS, known);
    const action = options.get("action");
    const settings = filter && { ...filter.settings, jail: options };
    return {
      name,
      place: this.placesOf(name).at(-1) ?? { file: `${this.base}/jail.conf`, line: 0 },
      options,
      filter: filter &&
        { ...filter, settings: settings!, resolved: resolveFilter(filter.conf, settings) },
      actions: action === undefined ? [] : parseReferences(action.text, action.place),
    };
  }

  #options(name: string, wanted: readonly string[], variables?: ReadonlyMap<string, Value>) {
    const options = new Map<string, Value>();
    for (const option of wanted) {
      const value = this.#conf.get(name, option, variables);
      if (value !== undefined) options.set(option, value);
    }
    return options;
  }

  /** The filter by what it says itself, before the jail's other options are known. */
  #filterOf(name: string) {
    const jail = this.#options(name, ["enabled", "backend", "filter"]);
    const written = jail.get("filter");
    if (written === undefined || written.text.trim() === "") return undefined;
    const reference = parseReference(written.text, written.place);
    const settings: FilterSettings = {
      parameters: reference.options,
      place: written.place,
      jail,
      logtype: jail.get("backend")?.text.startsWith("systemd") ? "journal" : "file",
    };
    return { ...reference, settings, conf: this.#confOf(reference.name, written.place) };
  }

  #confOf(filter: string, place: Place): Conf {
    const known = this.#filters.get(filter);
    if (known !== undefined) return known;
    if (filter.split("/").some((part) => part === "" || part.startsWith("."))) {
      throw new ConfError(
        place,
        `a filter's name is that of its file below filter.d: received ${filter}`,
      );
    }
    const conf = readConf(this.base, `filter.d/${filter}`);
    this.#filters.set(filter, conf);
    return conf;
  }
}

/** The version that `%(fail2ban_version)s` stands for: mails and reports to others name it. */
const VERSION = "1.1.1";

/** Whether fail2ban takes an option for true. */
export function isTrue({ text }: Value): boolean {
  return ["1", "on", "true", "yes"].includes(text.trim().toLowerCase());
}

/** A value that is complete: a percent sign in it is one. */
const NO_LOG: Value = { text: "", place: { file: "", line: 0 } };

function literal(value: Value): Value {
  return { ...value, text: value.text.replaceAll("%", "%%") };
}
