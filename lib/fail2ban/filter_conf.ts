import type { Conf } from "./conf.ts";
import { splitWords } from "./journal_words.ts";
import { type Mistyped, mistypedIn } from "./modes.ts";
import { ConfError, type Place, type Value } from "./place.ts";
import { replaceTags } from "./tag_options.ts";
import { linesOf, replaceLines } from "./value_lines.ts";

/** A pattern as its filter has it, with all of fail2ban's own references replaced, and where it comes from. */
export interface Line {
  readonly text: string;
  readonly place: Place;
  /** The choice that leaves a reference in the pattern, which then matches nothing; absent: none. */
  readonly mistyped?: Mistyped;
}

/** A filter of fail2ban's after all layers, includes, references and options. Its patterns are Python's still. */
export interface ResolvedFilter {
  readonly failregex: readonly Line[];
  readonly ignoreregex: readonly Line[];
  readonly prefregex: Line | undefined;
  readonly maxlines: Line | undefined;
  readonly datepattern: readonly Line[];
  /** OR-groups of terms, and `+` between them, as fail2ban's words. */
  readonly journalmatch: readonly (readonly string[])[];
  readonly usedns: Line | undefined;
  /** `file`, `journal`, `short` or `rfc5424`: the shape of the lines that the patterns are written for. */
  readonly logtype: string;
}

/** What a jail says to its filter. */
export interface FilterSettings {
  /** The options in brackets behind the filter's name. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Where these stand. */
  readonly place?: Place;
  /** The jail's options, completed. */
  readonly jail?: ReadonlyMap<string, Value>;
  /** The logtype that the jail's backend means; absent where a filter is tried by itself. */
  readonly logtype?: "file" | "journal";
}

/** The options that recognise lines. All others are only names for parts of them. */
const OPTIONS = [
  "usedns",
  "prefregex",
  "ignoreregex",
  "failregex",
  "maxlines",
  "datepattern",
  "journalmatch",
] as const;
type Option = typeof OPTIONS[number];

const DEFINITION = "Definition";
const INIT = "Init";

/** Puts a filter together. @throws {ConfError} where something in it is unknown or leads back to itself. */
export function resolveFilter(conf: Conf, settings: FilterSettings = {}): ResolvedFilter {
  const resolution = new Resolution(conf, settings);
  const own = (option: Option) => settings.jail?.get(option);
  const of = (option: Option) => resolution.option(option);
  const both = (option: Option) =>
    [...patternsIn(of(option)), ...patternsIn(own(option))].map((line) => resolution.judge(line));
  const dates = own("datepattern") ?? of("datepattern");
  const prefix = of("prefregex") ?? own("prefregex");
  const matches = [of("journalmatch"), own("journalmatch")].flatMap(patternsIn);
  return {
    failregex: both("failregex"),
    ignoreregex: both("ignoreregex"),
    prefregex: prefix && resolution.judge(prefix),
    maxlines: of("maxlines") ?? own("maxlines"),
    datepattern: patternsIn(dates),
    journalmatch: matches.map(({ text, place }) => splitWords(text, place)),
    usedns: of("usedns") ?? own("usedns"),
    logtype: resolution.logtype,
  };
}

/** Every option of a filter by its name, completed: what `%(known/NAME)s` in its jail stands for. */
export function optionsOf(conf: Conf, settings: FilterSettings): ReadonlyMap<string, Value> {
  const resolution = new Resolution(conf, settings);
  const names = [
    ...conf.sections.get(DEFINITION)?.keys() ?? [],
    ...conf.defaults.keys(),
    ...conf.sections.get(INIT)?.keys() ?? [],
    ...settings.parameters?.keys() ?? [],
  ];
  const options = new Map<string, Value>();
  for (const name of new Set(names)) {
    try {
      const value = resolution.anyOption(name);
      if (value !== undefined) options.set(name, value);
    } catch (error) {
      // It matters only if the jail asks for it, which then finds nothing.
      if (!(error instanceof ConfError)) throw error;
    }
  }
  return options;
}

class Resolution {
  readonly #conf: Conf;
  /** Parameters and `[Init]`, which come before `[Definition]` and are combined with it. */
  readonly #initial: ReadonlyMap<string, Value>;
  /** What `%(name)s` in `[Definition]` finds first. */
  readonly #variables: ReadonlyMap<string, Value>;
  readonly #jail: ReadonlyMap<string, Value>;

  constructor(conf: Conf, { parameters, place, jail, logtype }: FilterSettings) {
    this.#conf = conf;
    this.#jail = jail ?? new Map();
    const from = place ?? { file: "", line: 0 };
    const initial = new Map<string, Value>();
    for (const [name, text] of parameters ?? []) initial.set(name, { text, place: from });
    const writes = conf.sections.get(DEFINITION)?.has("logtype") === true;
    if (logtype !== undefined && !initial.has("logtype") && !writes) {
      initial.set("logtype", { text: logtype, place: from });
    }
    for (const name of conf.sections.get(INIT)?.keys() ?? []) {
      const value = conf.get(INIT, name)!;
      initial.set(`known/${name}`, value);
      if (!initial.has(name)) initial.set(name, value);
    }
    this.#initial = initial;
    this.#variables = jail === undefined
      ? new Map([...initial].filter(([name]) => parameters?.has(name)))
      : new Map([...jail, ...initial]);
  }

  get logtype(): string {
    return this.anyOption("logtype")?.text ?? "file";
  }

  /** A recognised option; one that the jail has as well is not taken from `[Definition]`. */
  option(option: Option): Value | undefined {
    const isHidden = this.#jail.has(option) || this.#conf.sections.get(DEFINITION) === undefined;
    const value = this.#initial.get(option) ??
      (isHidden ? undefined : this.#conf.get(DEFINITION, option, this.#variables));
    return value && this.#complete(option, value);
  }

  /** Any option by the filter itself. */
  anyOption(name: string): Value | undefined {
    const value = this.#initial.get(name) ?? this.#conf.get(DEFINITION, name, this.#variables);
    return value && this.#complete(name, value);
  }

  /** A complete pattern, with the choice by which it can never match. */
  judge(line: Line): Line {
    const mistyped = mistypedIn(line.text, this.#conf, (option) => this.anyOption(option)?.text);
    return mistyped === undefined ? line : { ...line, mistyped };
  }

  #complete(option: string, value: Value): Value {
    return replaceLines(
      value,
      ({ text, place }) => replaceTags(option, text, place, (name) => this.#find(name)),
    );
  }

  #find(name: string): string | undefined {
    const initial = this.#initial.get(name);
    if (initial !== undefined) return initial.text;
    const [, section, option] = /^([\w-]+)\/([^\s>]+)$/.exec(name) ?? [];
    if (section !== undefined) {
      const found = this.#inSection(section, option!.toLowerCase());
      if (found !== undefined) return found;
    }
    return this.#conf.get(DEFINITION, name.toLowerCase(), this.#variables)?.text;
  }

  #inSection(section: string, option: string): string | undefined {
    if (section.toLowerCase() === "known") {
      const before = this.#conf.sections.get(DEFINITION)?.get(option)?.before;
      return (before === undefined
        ? this.#conf.get(DEFINITION, option)
        : this.#conf.get(DEFINITION, option, new Map([[option, before]])))?.text;
    }
    if (section.toLowerCase() === "default") return this.#conf.get("DEFAULT", option)?.text;
    return this.#conf.sections.has(section) ? this.#conf.get(section, option)?.text : undefined;
  }
}

/** Each line of a value that is not blank. */
function patternsIn(value: Value | undefined): Line[] {
  return value === undefined ? [] : linesOf(value).filter(({ text }) => text !== "");
}
