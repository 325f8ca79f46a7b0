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
  /** Whole lines, each ending in `\n`. Bytes that are no UTF-8 appear as U+FFFD. */
  readonly text: string;
  /** How many bytes these lines take up. */
  readonly length: number;
  /** Whether this is one line, of which the end was cut off. */
  readonly isCut: boolean;
}

/**
 * Decodes the whole lines that some bytes begin with, up to the first one longer than {@linkcode MAX_LINE}, which is
 * cut and returned by itself. undefined: there is no whole line.
 */
export function cutLines(bytes: Uint8Array): Lines | undefined {
  const first = bytes.indexOf(NEWLINE);
  if (first < 0) return undefined;
  if (first > MAX_LINE) {
    return { text: decodeLongLine(bytes.subarray(0, first)), length: first + 1, isCut: true };
  }
  const length = endOfShortLines(bytes, first + 1);
  return { text: decodeLines(bytes.subarray(0, length)), length, isCut: false };
}

/**
 * Decodes as much as is delivered of a line longer than {@linkcode MAX_LINE}. `bytes`: its beginning, or all of it,
 * without the line end.
 */
export function decodeLongLine(bytes: Uint8Array): string {
  const start = startOfText(bytes);
  return decodeLines(bytes.subarray(start, start + MAX_LINE)) + "\n";
}

/** Where the first byte is that is not NUL; the number of bytes, if there is none. */
export function startOfText(bytes: Uint8Array): number {
  const start = bytes[0] === 0 ? bytes.findIndex((byte) => byte !== 0) : 0;
  return start < 0 ? bytes.length : start;
}

/**
 * The blocks of an open file from where it stands to its end, a last line without a line end too. Memory stays
 * bounded whatever the file holds.
 */
export function* readBlocks(
  file: { readSync(buffer: Uint8Array): number | null },
): Generator<string> {
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
      yield lines.text;
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
        yield decodeLongLine(buffer);
        isSkipping = true;
        filled = 0;
      }
    }
  }
  if (filled > 0 && !isSkipping) yield decodeLongLine(buffer.subarray(0, filled));
}

const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The end of the last whole line before the first that is too long; `end` is that of the first line. */
function endOfShortLines(bytes: Uint8Array, end: number): number {
  while (bytes.length - end > MAX_LINE) {
    const next = bytes.subarray(end, end + MAX_LINE + 1).lastIndexOf(NEWLINE);
    if (next < 0) return end;
    end += next + 1;
  }
  return end + bytes.subarray(end).lastIndexOf(NEWLINE) + 1;
}

function decodeLines(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  // A program that does not append goes on at its old offset when its file has been cut: the gap reads as NULs.
  return text.includes("\0") ? text.replace(/(^|\n)\0+/g, "$1") : text;
}
