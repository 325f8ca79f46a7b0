/** Whole lines out of bytes, the way every reader of log files sees them. */

/**
 * The longest line that is delivered whole, in bytes; of a longer one only the beginning is. Real log lines stay far
 * below, and an attacker's must not fill the memory.
 */
export const MAX_LINE = 64 * 1024;

/**
 * How much is read at a time, in bytes. Measured: with 64 KiB and 256 KiB reading and decoding goes at 2.8 to
 * 4.4 GB/s, with 512 KiB and more at 1.0 to 1.4 GB/s, for then the text no longer fits the processor's cache. A text of
 * 128 KiB is a large object to V8, and old as soon as one collection has met it: with blocks of 256 KiB a backlog of
 * 8 GB made the agent's memory grow from 119 to 231 MB; with these it stays at 78.
 */
export const BLOCK = 120 * 1024;

/** What {@linkcode cutLines} found at the beginning of some bytes. */
export interface Lines {
  /** Whole lines, each ending in `\n`. */
  readonly block: Uint8Array;
  /** How many bytes these lines take up. */
  readonly length: number;
  /** Whether this is one line, of which the end was cut off. */
  readonly isCut: boolean;
}

/**
 * The whole lines that some bytes begin with, up to the first one longer than {@linkcode MAX_LINE}, which is cut and
 * returned by itself. undefined: there is no whole line.
 */
export function cutLines(bytes: Uint8Array): Lines | undefined {
  const first = bytes.indexOf(NEWLINE);
  if (first < 0) return undefined;
  if (first > MAX_LINE) {
    return { block: cutLongLine(bytes.subarray(0, first)), length: first + 1, isCut: true };
  }
  const length = endOfShortLines(bytes, first + 1);
  return { block: bytes.subarray(0, length), length, isCut: false };
}

/**
 * As much as is delivered of a line longer than {@linkcode MAX_LINE}. `bytes`: its beginning, or all of it, without the
 * line end.
 */
export function cutLongLine(bytes: Uint8Array): Uint8Array {
  const start = startOfText(bytes);
  const text = bytes.subarray(start, start + MAX_LINE);
  const line = new Uint8Array(text.length + 1);
  line.set(text);
  line[text.length] = NEWLINE;
  return line;
}

/** Where the first byte is that is not NUL; the number of bytes, if there is none. */
export function startOfText(bytes: Uint8Array): number {
  const start = bytes[0] === 0 ? bytes.findIndex((byte) => byte !== 0) : 0;
  return start < 0 ? bytes.length : start;
}

/**
 * The blocks of an open file from where it stands to its end, a last line without a line end too. Memory stays
 * bounded whatever the file holds: a block is only good until the next one is asked for.
 */
export function* readBlocks(
  file: { readSync(buffer: Uint8Array): number | null },
): Generator<Uint8Array> {
  const buffer = new Uint8Array(BLOCK);
  let filled = 0;
  let isSkipping = false;
  for (let count; (count = file.readSync(buffer.subarray(filled))) !== null;) {
    filled += count;
    let start = 0;
    if (isSkipping) {
      start = buffer.subarray(0, filled).indexOf(NEWLINE) + 1;
      if (start === 0) {
        filled = 0;
        continue;
      }
      isSkipping = false;
    }
    for (let lines; (lines = cutLines(buffer.subarray(start, filled)));) {
      yield lines.block;
      start += lines.length;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
    if (filled === BLOCK) {
      const text = startOfText(buffer);
      if (text > 0 && text + MAX_LINE > BLOCK) {
        buffer.copyWithin(0, text);
        filled -= text;
      } else {
        yield cutLongLine(buffer);
        isSkipping = true;
        filled = 0;
      }
    }
  }
  if (filled > 0 && !isSkipping) yield cutLongLine(buffer.subarray(0, filled));
}

const NEWLINE = 10;

/** The end of the last whole line before the first that is too long; `end` is that of the first line. */
function endOfShortLines(bytes: Uint8Array, end: number): number {
  while (bytes.length - end > MAX_LINE) {
    const next = bytes.subarray(end, end + MAX_LINE + 1).lastIndexOf(NEWLINE);
    if (next < 0) return end;
    end += next + 1;
  }
  return end + bytes.subarray(end).lastIndexOf(NEWLINE) + 1;
}
