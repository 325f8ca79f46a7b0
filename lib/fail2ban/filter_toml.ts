import { emptyFilter, faultOf } from "../config/mod.ts";
import type { Line, ResolvedFilter } from "./filter_conf.ts";
import type { Note } from "./note.ts";
import { Omissions } from "./omissions.ts";
import { ConfError } from "./place.ts";
import type { Subject } from "./python_regex.ts";
import { type Translated, translateLine } from "./translated_line.ts";
import type { Entry, TomlValue } from "../toml_text.ts";

/** A filter in banjo's terms. */
export interface ConvertedFilter {
  /** Its keys as a filter file has them; a jail may have them as well. */
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
}

/**
 * Turns a filter of fail2ban's into one of banjo's: its patterns are translated from Python's dialect, one by one. What
 * fail2ban shows them of a journal entry begins with a syslog header.
 *
 * @throws {ConfError} where it would take lines for failures that it did not before, or none at all.
 */
export function convertFilter(filter: ResolvedFilter, isForJournal: boolean): ConvertedFilter {
  const omissions = new Omissions();
  try {
    const { entries, notes } = convert(filter, isForJournal, omissions);
    return { entries, notes: [...omissions.notes, ...notes] };
  } catch (error) {
    throw error instanceof ConfError ? omissions.addedTo(error) : error;
  }
}

function convert(
  filter: ResolvedFilter,
  isForJournal: boolean,
  omissions: Omissions,
): ConvertedFilter {
  const notes: Note[] = [];
  const maxlines = maxlinesOf(filter);
  const [own, other]: Subject[] = maxlines > 1 ? ["lines", "block"] : ["line", "line"];
  const translated = translateEach(filter.failregex, own!, notes, omissions);
  // Without one of these, lines would count that did not before.
  const ignoreregex = filter.ignoreregex.map((line) => translateLine(line, other!, notes));
  const prefregex = filter.prefregex && translateLine(filter.prefregex, other!, notes);
  const datepattern = datepatternOf(filter, notes);
  const patterns = [...translated, ...prefregex === undefined ? [] : [prefregex]];
  const usedns = usednsOf(filter, patterns, notes);
  const others = {
    ignoreregex,
    prefregex: prefregex === undefined ? [] : [prefregex],
    datepattern,
  };
  const failregex = workingOf(
    translated,
    others,
    { maxlines, usedns: usedns.length > 0 },
    omissions,
  );
  const entries: Entry[] = [
    ...usedns,
    ...maxlines > 1 ? [{ key: "maxlines", value: maxlines }] : [],
    ...list("datepattern", datepattern),
    ...prefregex === undefined
      ? []
      : [{ key: "prefregex", value: prefregex.text, comments: prefregex.comments }],
    ...list("failregex", failregex),
    ...list("ignoreregex", ignoreregex),
    ...isForJournal || filter.journalmatch.length > 0
      ? [{ key: "journal_text", value: "syslog" }]
      : [],
    ...filter.journalmatch.length === 0
      ? []
      : [{ key: "journalmatch", value: journalmatchOf(filter.journalmatch) }],
  ];
  return { entries, notes };
}

/** Each pattern that can be translated: without one the others still match what they did. */
function translateEach(
  lines: readonly Line[],
  subject: Subject,
  notes: Note[],
  omissions: Omissions,
): Translated[] {
  const translated = lines.flatMap((line) => {
    try {
      return [translateLine(line, subject, notes)];
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      omissions.add(line, error, "translate it by hand");
      return [];
    }
  });
  if (translated.length === 0) omissions.refuse();
  return translated;
}

/** A filter's patterns beside failregex. */
interface OtherPatterns {
  readonly ignoreregex: readonly Translated[];
  readonly prefregex: readonly Translated[];
  readonly datepattern: readonly Translated[];
}

/** Each pattern that also compiles. @throws {ConfError} where one of the others does not. */
function workingOf(
  failregex: readonly Translated[],
  others: OtherPatterns,
  settings: { readonly maxlines: number; readonly usedns: boolean },
  omissions: Omissions,
): readonly Translated[] {
  const texts = (patterns: readonly Translated[]) => patterns.map(({ text }) => text);
  while (failregex.length > 0) {
    const fault = faultOf({
      ...emptyFilter("filter"),
      ...settings,
      failregex: texts(failregex),
      ignoreregex: texts(others.ignoreregex),
      prefregex: others.prefregex[0]?.text,
      datepattern: texts(others.datepattern),
    });
    if (fault === undefined) return failregex;
    const { path: [key, index = 0], message } = fault;
    const faulty = { failregex, ...others }[key as "failregex"]?.[index as number];
    // Whoever reads the filter as a whole then says what is wrong with it.
    if (faulty === undefined) return failregex;
    const error = new ConfError(faulty.line.place, message.replace(/^failregex \d+: /, ""));
    if (key !== "failregex") throw error;
    omissions.add(faulty.line, error, "correct it");
    failregex = failregex.filter((one) => one !== faulty);
  }
  omissions.refuse();
  return [];
}

/**
 * What holds no code of a date (many guides for Caddy have `LongEpoch`) is taken for text there, which hardly any line holds:
 * lines count as of when they are read.
 */
function datepatternOf({ datepattern }: ResolvedFilter, notes: Note[]): Translated[] {
  for (const { text, place } of datepattern.filter(hasNoCode)) {
    notes.push({
      place,
      message: `the datepattern ${text} has no code of a date: it was left out`,
      advice: `write the date with what stands around it, such as '"ts":{EPOCH}'`,
    });
  }
  const none = (line: Line) => ({ line, text: "{NONE}", comments: [] });
  const dates = datepattern.filter((line) => !hasNoCode(line))
    .map((line) => line.text === "^" ? none(line) : translateLine(line, "date", notes));
  return dates.length === 0 ? datepattern.slice(0, 1).map(none) : dates;
}

function hasNoCode({ text }: Line): boolean {
  return !/%|\{\^?[A-Z]|\((?!\?)/i.test(text) && !/^(?:\^|L?EPOCH|TAI64N)$/i.test(text);
}

/** Journal terms as banjo writes them: groups with `+` between, each term with quotes where it has blanks. */
export function journalmatchOf(matches: readonly (readonly string[])[]): TomlValue {
  return matches.flatMap((words, index) => index === 0 ? words : ["+", ...words])
    .map((word) => /\s/.test(word) ? `"${word}"` : word);
}

function list(key: string, patterns: readonly Translated[]): Entry[] {
  if (patterns.length === 0) return [];
  const items = patterns.map(({ comments }) => comments);
  return [{ key, value: patterns.map(({ text }) => text), items }];
}

function maxlinesOf({ maxlines }: ResolvedFilter): number {
  if (maxlines === undefined || maxlines.text.trim() === "") return 1;
  const number = Number(maxlines.text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new ConfError(
    maxlines.place,
    `\`maxlines\` is no whole number of at least 1: ${maxlines.text}`,
  );
}

/** `usedns` matters only where a pattern can take a host name. */
function usednsOf(
  { usedns }: ResolvedFilter,
  patterns: readonly Translated[],
  notes: Note[],
): Entry[] {
  if (!patterns.some(({ text }) => /<(?:HOST|(?:F-)?DNS\/?)>/.test(text))) return [];
  switch ((usedns?.text ?? "warn").trim().toLowerCase()) {
    case "no":
    case "false":
      return [];
    case "raw":
      notes.push({
        place: usedns!.place,
        message: "`usedns = raw` bans host names as they stand: banjo bans addresses only",
        advice: "set `usedns = true` to have the names resolved",
      });
      return [];
    default:
      return [{ key: "usedns", value: true }];
  }
}
