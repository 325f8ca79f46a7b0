import { BLOCK, cutLines, cutLongLine, MAX_LINE, startOfText } from "./blocks.ts";
import { type LogFile, openLog } from "./log_file.ts";
import type { FilePosition } from "./position.ts";

/** What a {@linkcode Tail} has to offer. */
export type Reading =
  | TailBlock
  /** No whole line yet. */
  | { readonly kind: "empty" }
  /** A part of a very long line was passed over; there may be more to read. */
  | { readonly kind: "skipping" }
  /** The file is shorter than it was, or begins otherwise: what has not been read of it is gone. */
  | { readonly kind: "truncated" };

/** Whole lines, and where the file stands behind them. They are only good until something else is read, of any file. */
export interface TailBlock {
  readonly kind: "block";
  readonly block: Uint8Array;
  readonly end: number;
  /** The first bytes of the file up to `end`. */
  readonly head: Uint8Array;
  /** Whether this is one line, of which the end was cut off. */
  readonly isCut: boolean;
}

/**
 * One open file, read in whole lines. It stays the same file however it is renamed, and can be read even after it
 * has been deleted.
 */
export class Tail {
  readonly device: number;
  readonly inode: number;
  /** For which followed paths it is read, that of its follower first: all that have led to it while it was open. */
  paths: readonly string[] = [];
  readonly #file: LogFile;
  /** Up to where lines have been dealt with. */
  #offset = 0;
  /** The bytes before `#offset`, {@linkcode HEAD} of them at most: other ones show that the file was written anew. */
  #head: Uint8Array = new Uint8Array();
  #hash: string | undefined;
  /** Of a line longer than a block: up to where it was searched for its end, and where it begins after NULs. */
  #long: { searched: number; start: number } | undefined;

  private constructor(file: LogFile) {
    this.#file = file;
    const info = file.statSync();
    this.device = info.dev;
    this.inode = info.ino ?? 0;
  }

  /** Opens a file to read it from its beginning. @throws {Error} where it cannot be opened. */
  static open(path: string): Tail {
    return new Tail(openLog(path));
  }

  /** What is open, for searching in it. */
  get file(): LogFile {
    return this.#file;
  }

  get offset(): number {
    return this.#offset;
  }

  get position(): FilePosition {
    this.#hash ??= hashOf(this.#head);
    return { device: this.device, inode: this.inode, offset: this.#offset, head: this.#hash };
  }

  /** Whether nobody can open this file any more, as far as can be told. */
  get isDeleted(): boolean {
    try {
      return this.#file.statSync().nlink === 0;
    } catch {
      return false;
    }
  }

  /** Goes on at a position, if this file has the same content up to there: it may be a copy. */
  resume(position: FilePosition): boolean {
    if (this.#file.statSync().size < position.offset) return false;
    const head = this.#readHead(position.offset);
    if (hashOf(head) !== position.head) return false;
    this.#moveTo(position.offset, head);
    return true;
  }

  /** Goes on at an offset, which must be the start of a line. */
  skipTo(offset: number): void {
    this.#moveTo(offset, this.#readHead(offset));
  }

  /** Starts again at the beginning. */
  restart(): void {
    this.#moveTo(0, new Uint8Array());
  }

  /**
   * Reads the next lines out of `length` bytes, which are more than the longest line has. Offers the same again until
   * {@linkcode advance} says that they were dealt with.
   *
   * @throws {Error} where the disk fails, or the path leads to what Deno does not let anybody ask about.
   */
  read(length: number): Reading {
    const from = this.#long?.searched ?? this.#offset;
    const bytes = this.#readAt(from, buffer.subarray(0, length));
    // In this order: what was read before the file was cut is noticed, too.
    if (!this.#isIntact(from + bytes.length)) return { kind: "truncated" };
    if (this.#long !== undefined) return this.#readLongLine(bytes, length);
    const lines = cutLines(bytes);
    if (lines !== undefined) {
      const head = appendHead(this.#head, bytes.subarray(0, lines.length));
      const end = this.#offset + lines.length;
      return { kind: "block", block: lines.block, end, head, isCut: lines.isCut };
    }
    if (bytes.length < length) return { kind: "empty" };
    this.#long = { searched: from, start: from };
    return this.#readLongLine(bytes, length);
  }

  /** Counts a block as dealt with. */
  advance(block: TailBlock): void {
    this.#moveTo(block.end, block.head);
  }

  close(): void {
    this.#file.close();
  }

  /** Searches on for the end of a long line; only then is the line delivered, so that a restart loses nothing. */
  #readLongLine(bytes: Uint8Array, wanted: number): Reading {
    const long = this.#long!;
    if (long.start === long.searched) long.start += startOfText(bytes);
    const end = bytes.indexOf(10);
    if (end < 0) {
      long.searched += bytes.length;
      return { kind: bytes.length < wanted ? "empty" : "skipping" };
    }
    const lineEnd = long.searched + end;
    const length = Math.max(0, Math.min(MAX_LINE, lineEnd - long.start));
    const block = cutLongLine(this.#readAt(long.start, new Uint8Array(length)));
    const head = appendHead(this.#head, this.#readAt(this.#offset, new Uint8Array(HEAD)));
    if (!this.#isIntact(lineEnd + 1)) return { kind: "truncated" };
    return { kind: "block", block, end: lineEnd + 1, head, isCut: true };
  }

  #moveTo(offset: number, head: Uint8Array): void {
    if (head !== this.#head) this.#hash = undefined;
    this.#offset = offset;
    this.#head = head;
    this.#long = undefined;
  }

  #isIntact(end: number): boolean {
    if (this.#file.statSync().size < end) return false;
    const now = this.#readAt(0, headBuffer.subarray(0, this.#head.length));
    return now.length === this.#head.length &&
      now.every((byte, index) => byte === this.#head[index]);
  }

  #readHead(offset: number): Uint8Array {
    return this.#readAt(0, new Uint8Array(Math.min(HEAD, offset)));
  }

  #readAt(offset: number, target: Uint8Array): Uint8Array {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    return target.subarray(0, this.#file.readSync(target) ?? 0);
  }
}

/** How many of a file's first bytes tell whether it is still the same. */
const HEAD = 1024;

/** One for all files: reading and judging happen without a pause. */
const buffer = new Uint8Array(BLOCK);
const headBuffer = new Uint8Array(HEAD);

function appendHead(head: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (head.length >= HEAD) return head;
  const longer = new Uint8Array(Math.min(HEAD, head.length + bytes.length));
  longer.set(head);
  longer.set(bytes.subarray(0, longer.length - head.length), head.length);
  return longer;
}

/** Two FNV-1a hashes of 32 bits: it must tell files apart, not withstand anyone. */
function hashOf(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000193) ^ (b >>> 15);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
