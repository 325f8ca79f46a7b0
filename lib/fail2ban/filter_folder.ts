import { parseFilter } from "../config/mod.ts";
import type { Conf } from "./conf.ts";
import { type FilterSettings, optionsOf, resolveFilter } from "./filter_conf.ts";
import { canShare, type Modes, printFilter } from "./filter_text.ts";
import { type ConvertedFilter, convertFilter } from "./filter_toml.ts";
import type { JailFilter, ResolvedJail } from "./jail_conf.ts";
import { modesOf, usualMode } from "./modes.ts";
import { filterName } from "./names.ts";
import { type Note, printNote } from "./note.ts";
import { ConfError, type Place } from "./place.ts";
import { translatePattern } from "./python_regex.ts";
import { type Entry, isSame, printComment, printEntries, printHeading } from "../toml_text.ts";

/** A jail or filter that came over. */
export interface Imported {
  readonly name: string;
  /** The file that it is in now, below the new configuration's folder. */
  readonly file: string;
  readonly from: Place;
  /** What of it is not as it was; empty: nothing. */
  readonly notes: readonly Note[];
}

/** By which filter a jail recognises failures, and with which keys of its own. */
export interface Recognition {
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

/** The filters of the new configuration, as one jail after the other needs them. */
export class FilterFolder {
  /** Texts by their paths. */
  readonly files = new Map<string, string>();
  readonly imported: Imported[] = [];
  readonly #base: string;

  /** `base`: fail2ban's folder. */
  constructor(base: string) {
    this.#base = base;
  }

  /** The jail's filter, which is written if it has not been yet, and the keys that the jail has instead. */
  take(jail: ResolvedJail, filter: JailFilter): Recognition {
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
      const names = [jail.name, `${jail.name}-${filterName(filter.name)}`];
      return this.#write(names, { ...source, modes: alone(full) });
    }
    const mode = filter.options.get("mode") ?? usualMode(filter.conf) ?? "";
    const name = filterName(filter.name);
    const modes = this.#modesOf(filter, settings, mode, base, isForJournal);
    const isShared = modes.variants.size > 1;
    const isPlain = isShared || mode === "normal" || mode === "";
    const suffixes = [isPlain ? [] : mode, isForJournal ? "journal" : []];
    const names = [
      ...isPlain ? [name] : [],
      [name, ...suffixes].flat().join("-"),
      jail.name,
      `${jail.name}-${name}`,
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
    const from = { file: `${this.#base}/filter.d/${original}.conf`, line: 0 };
    const told = [...options]
      .filter(([option, value]) =>
        option !== "mode" || (value !== "normal" && modes.variants.size < 2)
      )
      .map(([option, value]) => `${option} = ${value}`);
    const notes = [
      ...filterName(original) === original ? [] : [renaming(original, from)],
      ...modes.variants.get(modes.usual)!.notes,
    ];
    const parts = partsOf(conf, settings);
    const text = printHeading(from.file) +
      (told.length === 0 ? "" : printComment(`Options: ${told.join(", ")}`)) +
      notes.map(printNote).join("") + printFilter(modes, parts);
    const numbered = Array.from({ length: 100 }, (_, n) => `${names.at(-1)}-${n + 2}`);
    for (const name of [...names, ...numbered]) {
      const file = `filters/${name}.toml`;
      const written = this.files.get(file);
      if (written !== undefined && body(written) !== body(text)) continue;
      if (written !== undefined) return { filter: name, mode: undefined, entries: [] };
      const { filter, problems } = parseFilter(file, text);
      if (filter === undefined) {
        throw new ConfError(
          from,
          `the filter cannot be used: ${problems.map(({ message }) => message).join("; ")}`,
        );
      }
      this.files.set(file, text);
      this.imported.push({ name, file, from, notes });
      return { filter: name, mode: undefined, entries: [] };
    }
    throw new ConfError(place, `there are more than 100 versions of the filter ${original}`);
  }
}

function renaming(original: string, place: Place): Note {
  return {
    place,
    message: `the filter ${original} has another name: names have letters, digits, . - and _ only`,
    advice: "name it so in jails of your own",
  };
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

/** The keys of a file without the comments above them. */
function body(text: string): string {
  return text.replaceAll(/^\s*#.*\n/gm, "");
}
