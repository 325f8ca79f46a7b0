import { ENTRY_FIELDS, type JournalEntry, makeEntry } from "./journal_entry.ts";

/**
 * Reads what `journalctl -o json` prints (systemd.journal-fields(7), "Journal JSON Format").
 *
 * Nearly every line is one object whose values are strings without escapes. Such a line is gone through once, byte by
 * byte, and only the values that are wanted become strings; all others go to JSON.parse, with the same result.
 * JSON.parse for each line took six times as long, for journalctl prints the fields in another order each time, and
 * V8 makes a new shape of object for each order.
 */
export class JournalJson {
  /** The names of the wanted fields: those of every entry, then the others. */
  readonly #names: readonly string[];
  /** The fields to show, by their place in the names. */
  readonly #shown: readonly (readonly [name: string, slot: number])[];
  /** The wanted names by their length. */
  readonly #byLength: readonly (readonly Name[])[];
  /** Where in the block the value of each wanted field stands. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  /** `fields`: what the entries are to show among their `fields`. */
  constructor(fields: readonly string[]) {
    this.#names = [...new Set([...ENTRY_FIELDS, ...fields])];
    this.#shown = fields.map((name) => [name, this.#names.indexOf(name)]);
    const names = this.#names.map((name, slot) => ({
      slot,
      bytes: new TextEncoder().encode(name),
    }));
    this.#byLength = Array.from(
      { length: Math.max(...names.map(({ bytes }) => bytes.length)) + 1 },
      (_, length) => names.filter(({ bytes }) => bytes.length === length),
    );
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
  }

  /** The entries in a block of whole lines, in order. Each line that is none goes to `onMalformed`. */
  read(block: Uint8Array, onMalformed: (line: string) => void): JournalEntry[] {
    const text = decoder.decode(block);
    const entries: JournalEntry[] = [];
    // Every character beyond ASCII has fewer UTF-16 code units than bytes; without any, places in both are the same.
    const isAscii = text.length === block.length;
    for (let start = 0; start < text.length;) {
      let end = isAscii ? this.#locate(block, start) : NOT_PLAIN;
      const isPlain = end !== NOT_PLAIN;
      if (!isPlain) end = text.indexOf("\n", start);
      const entry = isPlain ? this.#entryIn(text) : this.#parse(text.slice(start, end));
      if (entry === undefined) onMalformed(text.slice(start, end));
      else entries.push(entry);
      start = end + 1;
    }
    return entries;
  }

  /**
   * Notes where the wanted values of the line at `start` stand, and returns where the line ends; {@linkcode NOT_PLAIN}
   * if it is anything but an object of plain strings. Of a field that occurs twice, the last counts, as in JSON.parse.
   */
  #locate(bytes: Uint8Array, start: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    starts.fill(ABSENT);
    if (bytes[start] !== BRACE) return NOT_PLAIN;
    let at = start;
    do {
      if (bytes[++at] !== QUOTE) return NOT_PLAIN;
      const name = ++at;
      while (IS_PLAIN[bytes[at]!]) at++;
      const slot = this.#slotOf(bytes, name, at);
      if (bytes[at] !== QUOTE || bytes[++at] !== COLON || bytes[++at] !== QUOTE) return NOT_PLAIN;
      const value = ++at;
      while (IS_PLAIN[bytes[at]!]) at++;
      if (bytes[at] !== QUOTE) return NOT_PLAIN;
      if (slot !== ABSENT) {
        starts[slot] = value;
        ends[slot] = at;
      }
    } while (bytes[++at] === COMMA);
    return bytes[at] === CLOSING_BRACE && bytes[at + 1] === NEWLINE ? at + 1 : NOT_PLAIN;
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

  /** The entry whose values {@linkcode JournalJson.#locate} has found in a block. */
  #entryIn(text: string): JournalEntry | undefined {
    const values: (string | undefined)[] = [];
    for (let slot = 0; slot < this.#names.length; slot++) {
      const start = this.#starts[slot]!;
      values.push(start === ABSENT ? undefined : text.slice(start, this.#ends[slot]));
    }
    return this.#entryOf(values);
  }

  /** The entry in any line of JSON. */
  #parse(line: string): JournalEntry | undefined {
    const object = parseObject(line);
    if (object === undefined) return undefined;
    return this.#entryOf(
      this.#names.map((name) =>
        Object.hasOwn(object, name) ? textOf(object[name], name) : undefined
      ),
    );
  }

  /** `values`: of the wanted fields, in the order of their names. */
  #entryOf(values: readonly (string | undefined)[]): JournalEntry | undefined {
    const fields: Record<string, string> = {};
    for (const [name, slot] of this.#shown) {
      const value = values[slot];
      if (value !== undefined) fields[name] = value;
    }
    return makeEntry(values, fields);
  }
}

interface Name {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

const ABSENT = -1;
const NOT_PLAIN = -1;
const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const BRACE = 123;
const CLOSING_BRACE = 125;

/** Which bytes stand for themselves within a string of JSON (RFC 8259, 7). */
const IS_PLAIN = Uint8Array.from(
  { length: 256 },
  (_, byte) => Number(byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH),
);

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const object = JSON.parse(line);
    return typeof object === "object" && object !== null ? object : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A field's value is a string; an array of bytes where it is not printable UTF-8; null where journalctl held it
 * back; or an array of those where the field occurs several times, and then MESSAGE is all of them, a line each. A
 * list of numbers is one value, not several.
 */
function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  if (value.length === 0 || typeof value[0] === "number") {
    return decoder.decode(Uint8Array.from(value));
  }
  if (name !== "MESSAGE") return textOf(value[0], name);
  return value.map((one) => textOf(one, name)).join("\n");
}
