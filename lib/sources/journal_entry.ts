import type { Entry } from "./entry.ts";

/** One entry of the systemd journal. */
export interface JournalEntry extends Entry {
  /**
   * `__REALTIME_TIMESTAMP` in milliseconds: when journald wrote the entry. Nobody but journald sets it, whereas
   * `_SOURCE_REALTIME_TIMESTAMP` is the sender's word, often absent, and may lie in the past.
   */
  readonly time: number;
  /** `__CURSOR`: where in the journal this entry stands. */
  readonly cursor: string;
  /** All that journalctl tells of it. Of a field that occurs several times, the first; of MESSAGE, all lines. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether the message was longer than {@linkcode MAX_TEXT} and has been cut. */
  readonly truncated: boolean;
}

/** The longest text of an entry, in UTF-16 code units. Real log messages stay far below; hostile ones need not. */
export const MAX_TEXT = 64 * 1024;

/**
 * Reads one line of `journalctl -o json` (systemd.journal-fields(7), "Journal JSON Format"). undefined: it is none.
 */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  const fields = parseFields(line);
  const { __CURSOR: cursor, MESSAGE: text = "", _PID: pid, _HOSTNAME: host } = fields ?? {};
  const time = Math.floor(Number(fields?.__REALTIME_TIMESTAMP) / 1000);
  if (fields === undefined || cursor === undefined || Number.isNaN(time)) return undefined;

  const truncated = text.length > MAX_TEXT;
  const entry: { -readonly [K in keyof JournalEntry]: JournalEntry[K] } = {
    time,
    text: truncated ? text.slice(0, MAX_TEXT) : text,
    cursor,
    fields,
    truncated,
  };
  const identifier = fields.SYSLOG_IDENTIFIER ?? fields._COMM;
  if (identifier !== undefined) entry.identifier = identifier;
  if (pid !== undefined) entry.pid = pid;
  if (host !== undefined) entry.host = host;
  return entry;
}

function parseFields(line: string): Record<string, string> | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null) return undefined;
  // Nearly always all values are strings, and this test costs far less than looking at each.
  if (!line.includes('":[') && !line.includes('":null')) return fields as Record<string, string>;
  for (const name in fields) fields[name] = textOf(fields[name], name === "MESSAGE");
  return fields as Record<string, string>;
}

/**
 * A field's value is a string; an array of bytes where it is not printable UTF-8; null where journalctl held it
 * back; or an array of those where the field occurs several times. A list of numbers is one value, not several.
 */
function textOf(value: unknown, isMessage: boolean): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  if (value.length === 0 || typeof value[0] === "number") {
    return decoder.decode(Uint8Array.from(value));
  }
  if (!isMessage) return textOf(value[0], false);
  return value.map((one) => textOf(one, true)).join("\n");
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
