import { parseFilter } from "../config/mod.ts";
import { Options } from "../filter/options.ts";
import type { ConvertedFilter } from "./filter_toml.ts";
import { foldParts } from "./fold.ts";
import { type Entry, printEntries } from "../toml_text.ts";

/** A filter as it is before it is written: one set of keys for each of its modes. */
export interface Modes {
  /** By the mode's name. */
  readonly variants: ReadonlyMap<string, ConvertedFilter>;
  /** The mode of a jail that names none; its variant is always there. */
  readonly usual: string;
}

/** A filter's keys and `[options]`. */
interface Sheet {
  readonly entries: readonly Entry[];
  readonly options: readonly Entry[];
}

/**
 * Writes a filter as readable as it was: its modes share what they have in common, and parts that have a name there are
 * options here. `parts`: what these names stand for, translated.
 *
 * What the modes cannot share, or what would not read back as the very same patterns, is written out.
 */
export function printFilter(
  { variants, usual }: Modes,
  parts: ReadonlyMap<string, string>,
): string {
  const plain: Sheet = { entries: variants.get(usual)!.entries, options: [] };
  const shared = variants.size > 1 ? shareModes(variants, usual) : undefined;
  const single = new Map([["", variants.get(usual)!]]);
  const attempts: readonly (readonly [Sheet | undefined, Modes["variants"]])[] = [
    [shared && fold(shared, parts), variants],
    [shared, variants],
    [fold(plain, parts), single],
  ];
  for (const [sheet, wanted] of attempts) {
    const text = sheet && printSheet(sheet);
    if (text !== undefined && readsBack(text, wanted)) return text;
  }
  return printSheet(plain);
}

/** Whether these modes differ in nothing but their patterns. */
export function canShare({ variants, usual }: Modes): boolean {
  const sheet = shareModes(variants, usual);
  return sheet !== undefined && readsBack(printSheet(sheet), variants);
}

/** The keys that hold patterns, which may differ between modes. */
const PATTERN_KEYS = ["prefregex", "failregex", "ignoreregex"] as const;

/** One sheet for all modes; undefined where they differ in more than their patterns. */
function shareModes(variants: Modes["variants"], usual: string): Sheet | undefined {
  const all = [...variants];
  const keys = new Set(all.flatMap(([, { entries }]) => entries.map(({ key }) => key)));
  const entries: Entry[] = [];
  const options: Entry[] = [{ key: "mode", value: usual }];
  for (const key of keys) {
    const own = all.map(([, { entries }]) => entries.find((entry) => entry.key === key));
    const [first] = own;
    if (own.every((entry) => JSON.stringify(entry) === JSON.stringify(first))) {
      entries.push(first!);
      continue;
    }
    if (!PATTERN_KEYS.some((pattern) => pattern === key) || own.includes(undefined)) {
      return undefined;
    }
    const lists = own.map((entry) => linesOf(entry!));
    const { head, tail } = commonEnds(lists);
    const end = lists[0]!.length - tail;
    all.forEach(([mode], index) => {
      const lines = lists[index]!.slice(head, lists[index]!.length - tail);
      options.push(entryOf(`${key}-${mode}`, lines, own[index]!));
    });
    const choice = { text: `<${key}-<mode>>`, comments: [] };
    const lines = [...lists[0]!.slice(0, head), choice, ...lists[0]!.slice(end)];
    entries.push(entryOf(key, lines, first!));
  }
  return { entries, options };
}

interface PatternLine {
  readonly text: string;
  readonly comments: readonly string[];
}

function linesOf({ value, comments = [], items = [] }: Entry): PatternLine[] {
  return typeof value === "string"
    ? [{ text: value, comments }]
    : (value as string[]).map((text, index) => ({ text, comments: items[index] ?? [] }));
}

/** An entry of these lines, in the shape of another one. */
function entryOf(key: string, lines: readonly PatternLine[], { value }: Entry): Entry {
  return typeof value === "string"
    ? { key, value: lines[0]!.text, comments: lines[0]!.comments }
    : {
      key,
      value: lines.map(({ text }) => text),
      items: lines.map(({ comments }) => comments),
    };
}

/** How many lines all lists begin and end with alike; at least one is left of each in between. */
function commonEnds(lists: readonly (readonly PatternLine[])[]): { head: number; tail: number } {
  const shortest = Math.min(...lists.map(({ length }) => length));
  const isAlike = (at: (list: readonly PatternLine[]) => PatternLine) =>
    lists.every((list) => at(list).text === at(lists[0]!).text);
  let head = 0;
  while (head < shortest - 1 && isAlike((list) => list[head]!)) head++;
  let tail = 0;
  while (tail < shortest - 1 - head && isAlike((list) => list[list.length - 1 - tail]!)) tail++;
  return { head, tail };
}

/** Names for the parts that have one; undefined where none occurs. */
function fold({ entries, options }: Sheet, parts: ReadonlyMap<string, string>): Sheet | undefined {
  const taken = new Set(options.map(({ key }) => key));
  const free = new Map([...parts].filter(([name]) => !taken.has(name)));
  const patterns = entries.filter(({ key }) => PATTERN_KEYS.some((pattern) => pattern === key));
  const all = [...patterns, ...options].flatMap((entry) => linesOf(entry).map(({ text }) => text));
  const { replace, used } = foldParts(all, free);
  if (used.size === 0) return undefined;
  const folded = (entry: Entry) =>
    entryOf(
      entry.key,
      linesOf(entry).map(({ text, comments }) => ({ text: replace(text), comments })),
      entry,
    );
  return {
    entries: entries.map((entry) => patterns.includes(entry) ? folded(entry) : entry),
    options: [
      ...options.map((entry) => entry.key === "mode" ? entry : folded(entry)),
      ...[...used].map(([key, value]) => ({ key, value })),
    ],
  };
}

function printSheet({ entries, options }: Sheet): string {
  const table = options.length === 0 ? "" : `\n[options]\n${printEntries(options)}`;
  return printEntries(entries) + table;
}

/** Whether a text stands for the same patterns in each mode; one without a name is the text as it is. */
function readsBack(text: string, variants: Modes["variants"]): boolean {
  const { filter } = parseFilter("filter.toml", text);
  if (filter === undefined) return false;
  return [...variants].every(([mode, { entries }]) => {
    const own = mode === "" ? {} : { mode };
    const options = new Options({ ...filter.options, ...own });
    return PATTERN_KEYS.every((key) => {
      const written = filter[key];
      const patterns = typeof written === "string" ? [written] : written ?? [];
      const entry = entries.find((entry) => entry.key === key);
      const wanted = entry === undefined ? [] : linesOf(entry).map(({ text }) => text);
      const found = patterns.flatMap((pattern) => options.patterns(pattern));
      return JSON.stringify(found) === JSON.stringify(wanted);
    });
  });
}
