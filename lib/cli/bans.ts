import { isAddress, sortKeyOf } from "../address.ts";
import { type BanReport, bansBySince } from "../control/mod.ts";
import { nearest } from "../nearest.ts";
import { type Command, dirOf, sharedFlags, sinceOf, UsageError, type Words } from "./command.ts";
import { printAll } from "./pager.ts";
import {
  always,
  type Column,
  formatMinute,
  formatTime,
  outputWidth,
  spanInWords,
  Table,
} from "./render.ts";
import { printableJson } from "../printable.ts";

/** What `--sort` can say. */
const SORT_KEYS = ["since", "left", "host", "jail", "failures"] as const;

/** `banjo bans` */
export const bans: Command = {
  name: "bans",
  operands: "",
  summary: "List who is banned, since when and for how long",
  flags: {
    jail: { value: "JAIL", offers: "jails", about: "only the bans of this jail" },
    since: { value: "DURATION", about: "only bans that are no older, such as 1h" },
    sort: {
      value: "KEY",
      offers: SORT_KEYS,
      about: "by since (default), left, host, jail or failures",
    },
    wide: { about: "with seconds, and with the time when a ban ends" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 0],
  async run(words) {
    const now = Date.now();
    const jail = words.value("jail");
    const keyOf = readSort(words);
    const since = sinceOf(words, now) ?? -Infinity;
    const inTime = bansBySince(dirOf(words, "runtime"), { jail, since });
    const pages = keyOf === undefined ? inTime : sorted(inTime, keyOf);
    const lines = words.has("json")
      ? (bans: readonly BanReport[]) => bans.map((ban) => printableJson(ban))
      : linesWith(words.has("wide") ? wideColumns : narrowColumns, now);
    const nobody = words.has("json")
      ? undefined
      : since === -Infinity
      ? "Nobody is banned."
      : "Nobody was banned since then.";
    await printAll(piecesOf(pages, lines, nobody));
    return 0;
  },
};

/** What a ban is sorted by, the least first. */
type SortKey = (ban: BanReport) => string | number;

/** Bans come by `since` from the agent. */
const sortKeys: Readonly<Record<typeof SORT_KEYS[number], SortKey | undefined>> = {
  since: undefined,
  left: endOf,
  host: ({ host }) => sortKeyOf(host),
  jail: ({ jail }) => jail,
  failures: ({ failures }) => -failures,
};

function readSort(words: Words): SortKey | undefined {
  const name = words.value("sort") ?? "since";
  const known = SORT_KEYS.find((key) => key === name);
  if (known !== undefined) return sortKeys[known];
  const guess = nearest(name, SORT_KEYS);
  throw new UsageError(
    `Cannot sort by ${JSON.stringify(name)}: ` +
      (guess === undefined ? `it is one of ${SORT_KEYS.join(", ")}` : `did you mean ${guess}?`),
  );
}

/** All bans in another order: they must all be there for that, and are shown some at a time. */
async function* sorted(
  pages: AsyncIterable<readonly BanReport[]>,
  keyOf: SortKey,
): AsyncGenerator<readonly BanReport[]> {
  const list = sortBans((await Array.fromAsync(pages)).flat(), keyOf);
  for (let from = 0; from < list.length; from += PIECE) yield list.slice(from, from + PIECE);
}

const PIECE = 5_000;

/** What is alike is sorted by time. There may be a million bans: each key is made once. */
function sortBans(bans: readonly BanReport[], keyOf: SortKey): BanReport[] {
  return bans
    .map((ban) => ({ ban, key: keyOf(ban), time: Date.parse(ban.since) }))
    .sort((one, other) =>
      one.key < other.key ? -1 : one.key > other.key ? 1 : one.time - other.time
    )
    .map(({ ban }) => ban);
}

/** The bans as text; `nobody` where there are none. */
async function* piecesOf(
  pages: AsyncIterable<readonly BanReport[]>,
  linesOf: (bans: readonly BanReport[]) => readonly string[],
  nobody: string | undefined,
): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const page of pages) {
    isEmpty = false;
    yield linesOf(page).join("\n");
  }
  if (isEmpty && nobody !== undefined) yield nobody;
}

/** Bans for ever end last, all at once. */
function endOf({ until }: BanReport): number {
  return until === null ? Number.MAX_SAFE_INTEGER : Date.parse(until);
}

/** A column of bans. */
interface BanColumn extends Column {
  readonly of: (ban: BanReport, now: number) => string | number;
}

function linesWith(columns: readonly BanColumn[], now: number) {
  const table = new Table(columns, outputWidth());
  return (bans: readonly BanReport[]) =>
    table.lines(bans.map((ban) => columns.map(({ of }) => of(ban, now))));
}

/** An address is of no use where it is cut. */
const isId = (host: string): boolean => !isAddress(host);
const host: BanColumn = { head: "HOST", shrinks: isId, of: nameOf };
const jail: BanColumn = { head: "JAIL", shrinks: always, of: ({ jail }) => jail };
const failures: BanColumn = { head: "FAILURES", align: "right", of: ({ failures }) => failures };

const narrowColumns: readonly BanColumn[] = [
  host,
  jail,
  { head: "SINCE", of: ({ since }) => formatMinute(Date.parse(since)) },
  {
    head: "LEFT",
    of: (ban, now) => ban.until === null ? "for ever" : spanInWords(endOf(ban) - now),
  },
  failures,
];

const wideColumns: readonly BanColumn[] = [
  host,
  jail,
  { head: "SINCE", of: ({ since }) => formatTime(Date.parse(since)) },
  { head: "UNTIL", of: (ban) => ban.until === null ? "for ever" : formatTime(endOf(ban)) },
  {
    head: "LEFT",
    of: (ban, now) => ban.until === null ? "for ever" : spanInWords(endOf(ban) - now, 2),
  },
  failures,
];

function nameOf({ host, enforceable }: BanReport): string {
  return enforceable ? host : `${host} (on record only)`;
}
