import type { Line, ResolvedFilter } from "./filter_conf.ts";
import type { Mistyped } from "./modes.ts";
import type { Note } from "./note.ts";
import { ConfError } from "./place.ts";
import { type Subject, translatePattern } from "./python_regex.ts";
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
  const notes: Note[] = [];
  const maxlines = maxlinesOf(filter);
  const [own, other]: Subject[] = maxlines > 1 ? ["lines", "block"] : ["line", "line"];
  const failregex = translateEach(filter.failregex, own!, notes);
  // Without one of these, lines would count that did not before.
  const ignoreregex = filter.ignoreregex.map((line) => translate(line, other!, notes));
  const prefregex = filter.prefregex && translate(filter.prefregex, other!, notes);
  const datepattern = datepatternOf(filter, notes);
  const patterns = [...failregex, ...prefregex === undefined ? [] : [prefregex]];
  const entries: Entry[] = [
    ...usednsOf(filter, patterns, notes),
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
function translateEach(lines: readonly Line[], subject: Subject, notes: Note[]): Translated[] {
  const refused: ConfError[] = [];
  const translated = lines.flatMap((line) => {
    try {
      return [translate(line, subject, notes)];
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      refused.push(error);
      notes.push({ place: line.place, ...omissionOf(line, error) });
      return [];
    }
  });
  if (translated.length === 0 && refused.length > 0) throw refused[0];
  return translated;
}

function omissionOf({ text, mistyped }: Line, { why }: ConfError): Omit<Note, "place"> {
  return mistyped === undefined
    ? { message: `a failregex was left out: ${why}`, advice: `translate it by hand: ${text}` }
    : {
      message: `a failregex was left out: ${faultOf(mistyped)}`,
      advice: remedyOf(mistyped),
    };
}

function faultOf({ option, value, name }: Mistyped): string {
  return `\`${option} = ${value}\` asks for <${name}>, which the filter does not have`;
}

function remedyOf({ option, choices }: Mistyped): string {
  return `set \`${option}\` to ${choices.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
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
  const none = { text: "{NONE}", comments: [] };
  const dates = datepattern.filter((line) => !hasNoCode(line))
    .map((line) => line.text === "^" ? none : translate(line, "date", notes));
  return datepattern.length > 0 && dates.length === 0 ? [none] : dates;
}

function hasNoCode({ text }: Line): boolean {
  return !/%|\{\^?[A-Z]|\((?!\?)/i.test(text) && !/^(?:\^|L?EPOCH|TAI64N)$/i.test(text);
}

/** Journal terms as banjo writes them: groups with `+` between, each term with quotes where it has blanks. */
export function journalmatchOf(matches: readonly (readonly string[])[]): TomlValue {
  return matches.flatMap((words, index) => index === 0 ? words : ["+", ...words])
    .map((word) => /\s/.test(word) ? `"${word}"` : word);
}

interface Translated {
  readonly text: string;
  /** What was changed. */
  readonly comments: readonly string[];
}

function translate({ text, place, mistyped }: Line, subject: Subject, notes: Note[]): Translated {
  if (mistyped !== undefined) {
    throw new ConfError(place, `${faultOf(mistyped)}: ${remedyOf(mistyped)}`);
  }
  const translation = translatePattern(text, subject);
  if (translation.kind === "refused") {
    const { construct, offset, reason } = translation;
    throw new ConfError(
      place,
      `${JSON.stringify(construct)} at ${offset} of the pattern cannot be translated: ${reason}`,
    );
  }
  for (const { kind, construct, text: what } of translation.notes) {
    if (kind !== "differs") continue;
    notes.push({
      place,
      message: `${JSON.stringify(construct)} in a pattern came over differently: ${what}`,
      advice: "try the filter on old logs with `banjo test`, and correct the pattern if need be",
    });
  }
  const comments = new Set(translation.notes.map(({ construct, text }) => `${construct}: ${text}`));
  return { text: translation.pattern, comments: [...comments] };
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
