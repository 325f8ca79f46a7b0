import { isAddress } from "../address.ts";
import { causeInWords, endInWords, historyEvents, type HistoryReport } from "../control/mod.ts";
import { readHostOrId } from "./ban.ts";
import { type Command, dirOf, sharedFlags, sinceOf, type Words } from "./command.ts";
import { printAll } from "./pager.ts";
import {
  always,
  type Column,
  count,
  formatMinute,
  formatSpan,
  formatTime,
  ordinal,
  outputWidth,
  type Row,
  Table,
  table,
} from "./render.ts";
import { printable, printableJson } from "../printable.ts";

/** How far back the history is shown where neither an address nor --since is given, in milliseconds: a week. */
const DEFAULT_SINCE = 7 * 86_400_000;

/** `banjo history [IP]` */
export const history: Command = {
  name: "history",
  operands: "[IP]",
  offers: "banned",
  summary: "List bans of the past, of all or of one address or network",
  details: "Ends of bans are listed where they came early; --json has them all, and the log lines.",
  flags: {
    jail: { value: "JAIL", offers: "jails", about: "only the bans of this jail" },
    since: { value: "DURATION", about: "how far back (default 7d, with IP all of it)" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 1],
  async run(words) {
    const wanted = queryOf(words, Date.now());
    const events = historyEvents(dirOf(words, "runtime"), wanted);
    await printAll(words.has("json") ? jsonOf(events) : tableOf(events, nobodyOf(wanted)));
    return 0;
  },
};

async function* jsonOf(events: AsyncIterable<HistoryReport>): AsyncGenerator<string> {
  for await (const some of inPieces(events)) {
    yield some.map((event) => printableJson(event)).join("\n");
  }
}

async function* tableOf(
  events: AsyncIterable<HistoryReport>,
  nobody: string,
): AsyncGenerator<string> {
  const width = outputWidth();
  const table = new Table(COLUMNS, width);
  let isEmpty = true;
  for await (const some of inPieces(events)) {
    const rows = rowsOf(some, width);
    if (rows.length === 0) continue;
    isEmpty = false;
    yield table.lines(rows).join("\n");
  }
  if (isEmpty) yield nobody;
}

/** A few at first, which are soon there, and then more at a time. */
async function* inPieces<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let piece: T[] = [];
  for await (const item of items) {
    if (piece.push(item) < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

const PIECE = 200;

/** Bans, and where they were lifted early, in a table; undefined where there are none. */
export function historyTable(
  events: readonly HistoryReport[],
  width: number,
): string | undefined {
  const rows = rowsOf(events, width);
  return rows.length === 0 ? undefined : table(COLUMNS, rows, width);
}

const COLUMNS: readonly Column[] = [
  { head: "TIME" },
  { head: "EVENT" },
  { head: "JAIL", shrinks: always },
  { head: "HOST", shrinks: (host) => !isAddress(host) },
  { head: "FOR" },
  { head: "BAN" },
  { head: "WHY" },
];

/** In fewer columns there is no room for seconds. */
const ROOMY = 100;

function rowsOf(events: readonly HistoryReport[], width: number): readonly Row[] {
  return events.filter(({ reason }) => reason !== "expired").map((event) => [
    (width < ROOMY ? formatMinute : formatTime)(Date.parse(event.time)),
    event.event,
    event.jail,
    event.host,
    ...detailsOf(event),
  ]);
}

/** How long, for which time, and why. */
function detailsOf({ reason, cause, failures, bans, since, until }: HistoryReport): Row {
  if (reason !== null) return ["", "", endInWords[reason]];
  const length = until === null ? "ever" : formatSpan(Date.parse(until) - Date.parse(since));
  const why = cause === "failures" ? count(failures, "failure") : causeInWords[cause];
  return [length, ordinal(bans), why];
}

/** What of the history is asked for. */
type Wanted = Parameters<typeof historyEvents>[1];

function queryOf(words: Words, now: number): Wanted {
  const host = words.operands[0] === undefined ? undefined : readHostOrId(words.operands[0]);
  const jail = words.value("jail");
  const since = sinceOf(words, now) ?? (host === undefined ? now - DEFAULT_SINCE : undefined);
  return {
    ...(host === undefined ? {} : { host }),
    ...(jail === undefined ? {} : { jail }),
    ...(since === undefined || since === -Infinity ? {} : { since }),
  };
}

/** That there was nothing of it. */
function nobodyOf({ host, jail, since }: Wanted): string {
  return [
    host === undefined
      ? "Nobody was banned"
      : `${printable(host)} was ${since === undefined ? "never" : "not"} banned`,
    ...(jail === undefined ? [] : [` by ${printable(jail)}`]),
    ...(since === undefined ? [] : [` since ${formatMinute(since)}`]),
    ".",
  ].join("");
}
