/** Looking things up in a long history: a million records take a fraction of a second, for hardly any is parsed. */
import {
  contains,
  familyOf,
  type Host,
  isAddress,
  networksAround,
  prefixLengthOf,
} from "../address.ts";
import type { BanEvent } from "../jail/mod.ts";
import { openIfThere, parseRecord } from "./history.ts";

/** What of the history is wanted; what is absent does not matter. */
export interface HistoryQuery {
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly jail?: string;
  /** Events of this host, of the networks around it, and of what lies in it. */
  readonly host?: Host;
}

/** Some events, in the order in which they were decided, and where to read on: null at the end. */
export interface HistoryPage {
  readonly events: readonly BanEvent[];
  readonly next: number | null;
}

/** A page has no more events, and no more bytes are read for one: whoever asks has others waiting. */
const MOST_EVENTS = 1000;
const MOST_BYTES = 1 << 25;
const CHUNK = 1 << 20;

/** The events wanted among the bytes of a file from `from`, where a line begins, to `end`. */
export async function searchHistory(
  path: string,
  query: HistoryQuery,
  from: number,
  end: number,
): Promise<HistoryPage> {
  const events: BanEvent[] = [];
  if (from >= end) return { events, next: null };
  using file = await openIfThere(path);
  if (file === undefined) return { events, next: null };
  const decoder = new TextDecoder();
  let buffer = new Uint8Array(CHUNK);
  let at = from;
  while (at < end && at - from < MOST_BYTES && events.length < MOST_EVENTS) {
    const bytes = await readAt(file, at, buffer.subarray(0, end - at));
    const length = bytes.lastIndexOf(NEWLINE) + 1;
    if (length > 0) {
      events.push(...eventsIn(decoder.decode(bytes.subarray(0, length)), query));
      at += length;
    } else if (bytes.length < buffer.length) {
      // The rest of a line that a crash cut short.
      return { events, next: null };
    } else buffer = new Uint8Array(2 * buffer.length);
  }
  return { events, next: at < end ? at : null };
}

/** The events wanted in whole lines of history. Lines that cannot be read are left out. */
export function eventsIn(lines: string, query: HistoryQuery): BanEvent[] {
  const { since = -Infinity } = query;
  const events: BanEvent[] = [];
  for (const { index, 1: banned } of lines.matchAll(headOf(query))) {
    if (Number(lines.slice(lines.lastIndexOf(":", index - 1) + 1, index - 1)) < since) continue;
    if (banned !== undefined && !covers(banned, query.host!)) continue;
    const start = lines.lastIndexOf("\n", index) + 1;
    const event = parseOrLeave(lines.slice(start, lines.indexOf("\n", index)));
    if (event !== undefined && isWanted(event, query)) events.push(event);
  }
  return events;
}

/** Whether an event is among those wanted. */
export function isWanted({ time, ban }: BanEvent, { since, jail, host }: HistoryQuery): boolean {
  return (since === undefined || time >= since) && (jail === undefined || ban.jail === jail) &&
    (host === undefined || covers(ban.host, host));
}

/** Whether one of two hosts lies in the other. */
function covers(banned: Host, host: Host): boolean {
  if (banned === host) return true;
  return isAddress(banned) && isAddress(host) && (contains(banned, host) || contains(host, banned));
}

/**
 * Finds lines that may be wanted by how they were printed: behind `"time":N,` stands what this matches. Log lines are
 * farther back, and their quotes are escaped. Of a network it takes any host that begins as those in it do, and gives it.
 */
function headOf({ jail, host }: HistoryQuery): RegExp {
  const jails = jail === undefined ? '[^"]*' : quote(jail);
  const around = host === undefined ? "" : networksAround(host).map(quote).join("|");
  const hosts = host === undefined
    ? ""
    : isAddress(host) && host.includes("/")
    ? `(${around}|${quote(startOf(host))}[^"]*)"`
    : `(?:${around})"`;
  return new RegExp(`"ban":\\{"jail":"${jails}","host":"${hosts}`, "g");
}

/** How all in a network begin: with its whole groups, up to one of zeros, which IPv6 may leave out. */
function startOf(network: Host): string {
  const length = prefixLengthOf(network);
  const [sign, bits] = familyOf(network) === 4 ? [".", 8] as const : [":", 16] as const;
  const groups = network.split(sign).slice(0, Math.floor(length / bits));
  const zeros = sign === "." ? -1 : groups.findIndex((group) => group === "" || group === "0");
  return groups.slice(0, zeros < 0 ? groups.length : zeros).map((group) => group + sign).join("");
}

/** A text as JSON prints it in a string, for a pattern. */
function quote(text: string): string {
  return JSON.stringify(text).slice(1, -1).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

const NEWLINE = 0x0a;

function parseOrLeave(line: string): BanEvent | undefined {
  try {
    return parseRecord(line);
  } catch {
    return undefined;
  }
}

async function readAt(file: Deno.FsFile, offset: number, into: Uint8Array): Promise<Uint8Array> {
  await file.seek(offset, Deno.SeekMode.Start);
  let read = 0;
  while (read < into.length) {
    const count = await file.read(into.subarray(read));
    if (count === null) break;
    read += count;
  }
  return into.subarray(0, read);
}
