import { ownCopy } from "../own_copy.ts";
import type { ByteText } from "./byte_text.ts";
import { ENTRY_FIELDS, type JournalEntry, MAX_TEXT, UPTIME_FIELDS } from "./journal_entry.ts";

/** What {@linkcode ExportFields.find} returns where the end has yet to come. */
export const UNFINISHED = -1;

/** Finds the wanted fields of one entry after the other in the Journal Export Format, and makes entries of them. */
export class ExportFields {
  /** The names of the wanted fields: those of every entry, then the others, last those of the uptime. */
  readonly #names: readonly string[];
  /** How many of them are no field of the uptime. */
  readonly #common: number;
  /** The wanted names by their length. */
  readonly #byLength: readonly (readonly Name[])[];
  /** Where the value of each wanted field stands; of several values, the first. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Where the second and further messages stand. */
  readonly #more: { readonly start: number; readonly end: number }[] = [];
  /** Whether an empty line was found, as behind an entry. */
  #isWhole = false;
  #field = 0;
  #fieldEnd = 0;

  /** Which of the names are to be shown among an entry's `fields`. */
  readonly #isShown: readonly boolean[];
  /**
   * Of the fields that entries share, the last entry's values, and those of them that are shown. Most entries have the same
   * ones: without strings and an object for each there is half as much garbage.
   */
  readonly #values: (string | undefined)[];
  #shown: Readonly<Record<string, string>> = {};

  /** `fields`: what the entries are to show among their `fields`. `uptime`: whether the kernel's are to have theirs. */
  constructor(fields: readonly string[], uptime: boolean) {
    const common = new Set<string>([...ENTRY_FIELDS, ...fields]);
    this.#common = common.size;
    this.#names = [...common, ...uptime ? UPTIME_FIELDS : []];
    this.#isShown = this.#names.map((name) => fields.includes(name));
    this.#values = this.#names.map(() => undefined);
    const names = this.#names.map((name, slot) => ({
      slot,
      bytes: new TextEncoder().encode(name),
    }));
    this.#byLength = Array.from(
      { length: Math.max(...names.map(({ bytes }) => bytes.length)) + 1 },
      (_, length) => names.filter(({ bytes }) => bytes.length === length),
    );
    this.#starts = new Int32Array(names.length).fill(ABSENT);
    this.#ends = new Int32Array(names.length);
  }

  /** Whether what was found last begins as an entry does. */
  get beginsEntry(): boolean {
    return this.#starts[CURSOR] !== ABSENT;
  }

  /** Where the field begins that was there only in part, and where its value ends; 0: that is not known. */
  get unfinished(): { readonly start: number; readonly end: number } {
    return { start: this.#field, end: this.#fieldEnd };
  }

  /**
   * Finds the wanted fields from `start` on, and returns where they end: behind an empty line, as an entry does; before
   * the next entry's beginning; or behind a line that is no field.
   *
   * @throws {Error} where a value has no end: what follows may be part of it, and must not be taken for fields.
   */
  find(text: ByteText, start: number): number {
    const { bytes } = text;
    const starts = this.#starts;
    starts.fill(ABSENT);
    this.#more.length = 0;
    this.#isWhole = false;
    this.#fieldEnd = 0;
    // Native search for the ends of names and lines: to look at each byte here took twice as long as all the rest.
    let at = start;
    while (at < bytes.length) {
      this.#field = at;
      const lineEnd = text.indexOf("\n", at);
      if (lineEnd < 0) return UNFINISHED;
      if (lineEnd === at) {
        this.#isWhole = true;
        return at + 1;
      }
      const equals = text.indexOf("=", at);
      const isText = equals >= 0 && equals < lineEnd;
      const nameEnd = isText ? equals : lineEnd;
      if (!isText && !isName(bytes, at, nameEnd)) return lineEnd + 1;
      const slot = this.#slotOf(bytes, at, nameEnd);
      if (slot === CURSOR && at > start) return at;
      const value = nameEnd + 1 + (isText ? 0 : LENGTH);
      if (value > bytes.length) return UNFINISHED;
      const end = isText ? lineEnd : this.#fieldEnd = value + lengthBefore(value, bytes);
      if (end >= bytes.length) return UNFINISHED;
      if (bytes[end] !== NEWLINE) throw new Error(ENDLESS);
      if (slot !== ABSENT) this.#note(slot, value, end);
      at = end + 1;
    }
    this.#field = at;
    return UNFINISHED;
  }

  /** The entry whose fields were found last; undefined: they make none. */
  entryIn(text: ByteText): JournalEntry | undefined {
    const time = this.#isWhole ? this.#timeIn(text.bytes) : NaN;
    if (!this.beginsEntry || !(time <= LATEST)) return undefined;
    let message = this.#valueIn(text, MESSAGE) ?? "";
    for (const { start, end } of this.#more) message += "\n" + text.slice(start, end);
    this.#updateValues(text);
    const truncated = message.length > MAX_TEXT;
    const entry: { -readonly [K in keyof JournalEntry]: JournalEntry[K] } = {
      time,
      text: truncated ? message.slice(0, MAX_TEXT) : message,
      cursor: this.#valueIn(text, CURSOR)!,
      fields: this.#isShown[MESSAGE] ? { ...this.#shown, MESSAGE: message } : this.#shown,
      truncated,
    };
    const identifier = this.#values[IDENTIFIER] ?? this.#values[COMM];
    const pid = this.#values[PID];
    const host = this.#values[HOST];
    if (identifier !== undefined) entry.identifier = identifier;
    if (pid !== undefined) entry.pid = pid;
    if (host !== undefined) entry.host = host;
    if (identifier === "kernel" && pid === undefined) {
      const uptime = this.#uptimeIn(text.bytes);
      if (uptime !== undefined) entry.uptime = uptime;
    }
    return entry;
  }

  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return ABSENT;
    for (const { slot, bytes: name } of candidates) {
      let at = 0;
      while (at < name.length && name[at] === bytes[start + at]) at++;
      if (at === name.length) return slot;
    }
    return ABSENT;
  }

  #note(slot: number, start: number, end: number): void {
    if (this.#starts[slot] === ABSENT) {
      this.#starts[slot] = start;
      this.#ends[slot] = end;
    } else if (slot === MESSAGE) {
      this.#more.push({ start, end });
    }
  }

  #valueIn(text: ByteText, slot: number): string | undefined {
    const start = this.#starts[slot]!;
    return start === ABSENT ? undefined : text.slice(start, this.#ends[slot]!);
  }

  /** Milliseconds since the epoch; NaN: there is no time. */
  #timeIn(bytes: Uint8Array): number {
    return Math.floor(this.#numberIn(bytes, TIME) / 1000);
  }

  /** In microseconds; undefined: it is not wanted, or not told. */
  #uptimeIn(bytes: Uint8Array): number | undefined {
    for (let slot = this.#common; slot < this.#names.length; slot++) {
      const uptime = this.#numberIn(bytes, slot);
      if (!Number.isNaN(uptime)) return uptime;
    }
    return undefined;
  }

  /** NaN: the field is not there, or no number. */
  #numberIn(bytes: Uint8Array, slot: number): number {
    const start = this.#starts[slot]!;
    const end = this.#ends[slot]!;
    let number = start !== ABSENT && start < end ? 0 : NaN;
    for (let at = start; at < end; at++) {
      const isDigit = bytes[at]! >= ZERO && bytes[at]! <= NINE;
      number = isDigit ? 10 * number + bytes[at]! - ZERO : NaN;
    }
    return number;
  }

  /** Takes over what differs from the last entry's values. */
  #updateValues(text: ByteText): void {
    let isShownAnew = false;
    for (let slot = IDENTIFIER; slot < this.#common; slot++) {
      const start = this.#starts[slot]!;
      const last = this.#values[slot];
      const isSame = last === undefined
        ? start === ABSENT
        : start !== ABSENT && text.holds(last, start, this.#ends[slot]!);
      if (isSame) continue;
      const value = this.#valueIn(text, slot);
      this.#values[slot] = value && ownCopy(value);
      if (this.#isShown[slot]) isShownAnew = true;
    }
    if (!isShownAnew) return;
    const shown: Record<string, string> = {};
    for (let slot = IDENTIFIER; slot < this.#common; slot++) {
      const value = this.#values[slot];
      if (value !== undefined && this.#isShown[slot]) shown[this.#names[slot]!] = value;
    }
    this.#shown = shown;
  }
}

interface Name {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

const ABSENT = -1;
/** The places of {@linkcode ENTRY_FIELDS}; those before the identifier are each entry's own. */
const [CURSOR, TIME, MESSAGE, IDENTIFIER, COMM, PID, HOST] = [0, 1, 2, 3, 4, 5, 6] as const;

const NEWLINE = 10;
const ZERO = 48;
const NINE = 57;
const LETTER_A = 65;
const LETTER_Z = 90;
const UNDERSCORE = 95;

/** The latest time that a date can be (ECMAScript, "Time Values and Time Range"). */
const LATEST = 8.64e15;

/** The bytes that a value's length takes up, the lowest first. */
const LENGTH = 8;

/** journald takes no field that is longer than 768 MiB. */
const LONGEST_VALUE = 2 ** 30;

const ENDLESS = "Cannot read journalctl's output: a value does not end where it should";

/** Whether it can be the name of a field (sd_journal_print(3)). */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes.subarray(start, end).every((byte) =>
    byte >= ZERO && byte <= NINE || byte >= LETTER_A && byte <= LETTER_Z || byte === UNDERSCORE
  );
}

function lengthBefore(value: number, bytes: Uint8Array): number {
  let length = 0;
  for (let at = value - 1; at >= value - LENGTH; at--) length = length * 256 + bytes[at]!;
  if (length > LONGEST_VALUE) throw new Error(ENDLESS);
  return length;
}
