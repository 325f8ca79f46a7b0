import { BoundedRegex } from "./bounded_regex.ts";
import { DateFormat } from "./date_format.ts";
import { defaultFormats } from "./date_defaults.ts";
import { type Gap, widest } from "./literals.ts";
import { DateReader, type Located, type Minute } from "./date_reader.ts";
import type { Zone } from "./zone.ts";

/** A date found in a line: [start, end) is cut out; `time` is undefined where no such date exists. */
export interface FoundDate {
  readonly start: number;
  readonly end: number;
  /** The format's name. */
  readonly format: string;
  readonly time: number | undefined;
}

/** How often a date format fitted. */
export interface DateHits {
  readonly format: string;
  readonly hits: number;
}

/**
 * Finds the date of a line. Patterns count in their order; among the formats of one (`{DATE}` and the defaults are
 * many) the leftmost date wins, and where several formats fit at its place, the one that won last: a log keeps to one
 * format, so a day above 12 tells days from months for the lines that follow.
 */
export class DateDetector {
  readonly #groups: readonly FormatGroup[];
  readonly #reader: DateReader;
  readonly #hits = new Map<string, { readonly format: string; hits: number }>();
  /** What was counted last: a log keeps to one format, and to look it up took 0.03 µs a line. */
  #counted: { readonly format: string; hits: number } | undefined;

  /** `patterns` as in a filter's `datepattern`; none means the usual formats. Throws FilterError. */
  constructor(patterns: readonly string[], zone: Zone) {
    this.#reader = new DateReader(zone);
    const all = patterns.length === 0 ? ["{DEFAULT}"] : patterns;
    const none = all.findIndex((pattern) => /^\{NONE\}$/i.test(pattern));
    this.#groups = all.slice(0, none < 0 ? all.length : none).map((pattern) =>
      new FormatGroup(pattern)
    );
  }

  /** Between which characters of a line a date may be cut out. */
  get gap(): Gap {
    return widest(this.#groups.flatMap(({ formats }) => formats.map(({ gap }) => gap)));
  }

  /** Whether lines are expected to have dates. */
  get isUsed(): boolean {
    return this.#groups.length > 0;
  }

  /** The format whose dates count before all others where one stands at a line's start. */
  get first(): DateFormat | undefined {
    return this.#groups[0]?.winner;
  }

  /** The minute of the date that was found last, where it helps to read others. */
  get minute(): Minute | undefined {
    return this.#reader.minute;
  }

  /** The formats that fitted last, by pattern, to be restored later. */
  get winners(): readonly string[] {
    return this.#groups.map(({ winner }) => winner?.name ?? "");
  }

  restore(winners: readonly string[]): void {
    this.#groups.forEach((group, index) => {
      group.winner = group.formats.find(({ name }) => name === winners[index]);
    });
  }

  /** Throws {@linkcode TookTooLong}. */
  find(line: string, now: number): FoundDate | undefined {
    for (const group of this.#groups) {
      const found = group.find(line);
      if (found === undefined) continue;
      const { format, span: { start, end } } = found;
      const time = format.saysTime ? this.#reader.read(line, found, now) : undefined;
      return { start, end, format: format.name, time };
    }
    return undefined;
  }

  /** Makes the format of a date the first choice where several fit. */
  prefer({ format }: FoundDate): void {
    for (const group of this.#groups) {
      if (group.winner?.name === format) return;
      group.winner = group.formats.find(({ name }) => name === format) ?? group.winner;
    }
  }

  /** Counts a line's date for {@linkcode hits}. */
  count(format: string): void {
    if (this.#counted?.format !== format) {
      this.#counted = this.#hits.get(format) ?? { format, hits: 0 };
      this.#hits.set(format, this.#counted);
    }
    this.#counted.hits++;
  }

  /** Counts a line's date that is of the {@linkcode first} format. */
  countFirst(): void {
    this.count(this.first!.name);
  }

  hits(): readonly DateHits[] {
    return [...this.#hits.values()].sort((a, b) => b.hits - a.hits);
  }
}

/** The formats that one date pattern stands for, and which of them won last. */
class FormatGroup {
  readonly #set: FormatSet;
  winner: DateFormat | undefined;

  constructor(pattern: string) {
    this.#set = formatSet(pattern);
  }

  get formats(): readonly DateFormat[] {
    return this.#set.formats;
  }

  find(line: string): Located | undefined {
    const winner = this.winner;
    // Nothing is further left than the start, which spares most logs the search.
    const span = winner?.spanAt(line, 0);
    if (span !== undefined) return { format: winner!, at: 0, span };
    const { formats, any } = this.#set;
    const candidates = winner === undefined ? formats : [winner, ...formats];
    for (let hit, from = 0; (hit = any.exec(line, from)) !== null; from = hit.index + 1) {
      const at = hit.index;
      for (const format of candidates) {
        const span = format.spanAt(line, at);
        if (span !== undefined) return { format, at, span };
      }
    }
    return undefined;
  }
}

/** Where `EPOCH` is a date: elsewhere any number could be one. In braces it counts anywhere, as it does in fail2ban. */
const EPOCH_PLACE = String.raw`(?<=^\[?|\baudit\()`;

interface FormatSet {
  readonly formats: readonly DateFormat[];
  /** Finds the leftmost place where one of them matches, but for letters' case. */
  readonly any: BoundedRegex;
}

let usual: FormatSet | undefined;

/** Compiles a pattern. The usual formats are compiled once: most filters want them, and they take milliseconds. */
function formatSet(pattern: string): FormatSet {
  if (/^\{DEFAULT\}$/i.test(pattern)) return usual ??= setOf(usualFormats(false));
  return setOf(formatsOf(pattern));
}

function setOf(formats: readonly DateFormat[]): FormatSet {
  const flags = formats.some((format) => format.ignoreCase) ? "gis" : "gs";
  const sources = formats.map(({ source }) => source).join("|");
  const kind = {
    isTame: formats.every(({ isTame }) => isTame),
    written: formats.map(({ name }) => name).join(" or "),
  };
  return { formats, any: new BoundedRegex(sources, flags, kind) };
}

function usualFormats(lineBegin: boolean): readonly DateFormat[] {
  return defaultFormats.map(({ name, pattern, anchored = false, alone = pattern }) =>
    new DateFormat(name, lineBegin ? pattern : alone, {
      anchored: anchored || lineBegin,
      isBuiltIn: true,
    })
  );
}

function formatsOf(pattern: string): readonly DateFormat[] {
  const [, word = "", rest = ""] = /^(\{\^LN-BEG\}|\{UNB\}|)([^]*)$/i.exec(pattern)!;
  const lineBegin = word.toUpperCase() === "{^LN-BEG}";
  const bounds = {
    anchored: lineBegin,
    unbounded: word.toUpperCase() === "{UNB}",
    isTame: !/[*+]|,\}/.test(rest),
  };
  if (rest === "" || /^\{DEFAULT\}$/i.test(rest)) return usualFormats(lineBegin);
  if (/\{DATE\}/i.test(rest)) {
    const around = (date: string) => rest.replace(/\{DATE\}/gi, () => date);
    return defaultFormats.map(({ name, pattern }) =>
      new DateFormat(around(name), around(`(?:${pattern})`), bounds)
    );
  }
  const bare = rest.replace(/^(\{?)(L?EPOCH|TAI64N)\}?$/i, (_, brace, name) => {
    const isAnywhere = lineBegin || brace !== "" || /^TAI/i.test(name);
    return `${isAnywhere ? "" : EPOCH_PLACE}{${name.toUpperCase()}}`;
  });
  return [new DateFormat(pattern, bare, bounds)];
}
