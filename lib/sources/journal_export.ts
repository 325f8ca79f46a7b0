import { ByteText } from "./byte_text.ts";
import { ExportFields, UNFINISHED } from "./export_fields.ts";
import type { JournalEntry } from "./journal_entry.ts";

/** Is told what of journalctl's output did not become an entry. */
export interface ExportListener {
  /** Something is no entry; what follows it up to the next entry's beginning is passed over in silence. */
  onMalformed(text: string): void;
  /** An entry is longer than {@linkcode MAX_ENTRY} and left out. */
  onOversized(): void;
}

/** The longest entry that is read, in bytes. */
export const MAX_ENTRY = 8 * 1024 * 1024;

/**
 * Reads what `journalctl -o export` prints (systemd.io, "Journal Export Formats"): an entry begins with the line
 * `__CURSOR=...`, a line `NAME=value` follows for each field, and an empty line ends it. Where a value is not printable
 * text, the line `NAME` is followed by its length in eight bytes, the value and a line end, so that no text can pass for
 * a field. A field that occurs several times has several lines.
 *
 * This format and not JSON, for which journalctl takes more than twice the processor time.
 */
export class JournalExport {
  readonly #fields: ExportFields;
  readonly #listener: ExportListener;
  /** What has been read and not dealt with; it begins with a field. */
  #buffer = new Uint8Array(SMALLEST);
  #used = 0;
  /** With fewer bytes than these the entry is not whole. */
  #awaited = 0;
  /** Whether everything before the next entry's beginning is passed over. */
  #isLost = false;
  /** While a field is passed over for its length: so many bytes, and then what is left of the line. */
  #passing: number | undefined;

  /** `fields`: what the entries are to show among their `fields`. `uptime`: whether the kernel's are to have theirs. */
  constructor(fields: readonly string[], listener: ExportListener, uptime = false) {
    this.#fields = new ExportFields(fields, uptime);
    this.#listener = listener;
  }

  /**
   * The entries that one more piece of the output completes, in order.
   *
   * @throws {Error} where a value has no end: what follows may be part of it, and must not be taken for fields.
   */
  read(piece: Uint8Array): JournalEntry[] {
    const news = this.#passOver(piece);
    this.#append(news);
    // A long value is not gone through anew with each of its pieces: a line end comes behind it.
    const isValueAlone = this.#used < this.#awaited || !news.includes(NEWLINE);
    if (isValueAlone && this.#used <= MAX_ENTRY) return [];
    const text = new ByteText(this.#buffer.subarray(0, this.#used));
    const entries: JournalEntry[] = [];
    for (let start = 0;;) {
      const end = this.#fields.find(text, start);
      if (this.#fields.beginsEntry) this.#isLost = false;
      if (end === UNFINISHED) {
        this.#keepFrom(start);
        return entries;
      }
      const entry = this.#isLost ? undefined : this.#entryIn(text, start, end);
      if (entry !== undefined) entries.push(entry);
      start = end;
    }
  }

  #entryIn(text: ByteText, start: number, end: number): JournalEntry | undefined {
    const entry = this.#fields.entryIn(text);
    if (entry !== undefined && end - start <= MAX_ENTRY) return entry;
    this.#isLost = true;
    if (entry === undefined) this.#listener.onMalformed(text.slice(start, end));
    else this.#listener.onOversized();
    return undefined;
  }

  #append(news: Uint8Array): void {
    if (this.#used + news.length > this.#buffer.length) {
      const larger = new Uint8Array(2 * (this.#used + news.length));
      larger.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = larger;
    }
    this.#buffer.set(news, this.#used);
    this.#used += news.length;
  }

  /** Keeps the unfinished entry at `start`, or what is needed of one that is too long to find its end. */
  #keepFrom(start: number): void {
    const field = this.#fields.unfinished;
    if (this.#used - start > MAX_ENTRY) {
      if (!this.#isLost) this.#listener.onOversized();
      this.#isLost = true;
      start = field.start;
    }
    this.#awaited = field.end - start;
    if (this.#used - start > MAX_ENTRY) {
      this.#passing = Math.max(0, field.end - this.#used);
      this.#awaited = 0;
      start = this.#used;
    }
    const rest = this.#buffer.subarray(start, this.#used);
    this.#used = rest.length;
    if (this.#buffer.length > SMALLEST && rest.length < SMALLEST / 2) {
      this.#buffer = new Uint8Array(SMALLEST);
    }
    this.#buffer.set(rest);
  }

  /** What of a piece stands behind the field that is passed over. */
  #passOver(piece: Uint8Array): Uint8Array {
    if (this.#passing === undefined) return piece;
    const skipped = Math.min(this.#passing, piece.length);
    this.#passing -= skipped;
    const end = piece.indexOf(NEWLINE, skipped);
    if (end < 0) return piece.subarray(piece.length);
    this.#passing = undefined;
    return piece.subarray(end + 1);
  }
}

/** Twice what a pipe holds (pipe(7)): room for all of it behind the rest of an entry. */
const SMALLEST = 128 * 1024;
const NEWLINE = 10;
