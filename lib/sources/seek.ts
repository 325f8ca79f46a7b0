import type { LogFile } from "./log_file.ts";

/** When a line was logged, in milliseconds since the epoch; undefined where it tells no date. */
export type DateOf = (line: string) => number | undefined;

/**
 * Finds where a log file's lines begin that were logged at `time` or later: the offset of the first such line, or the
 * end of the last whole line where all are older. Dates must ascend; lines without a date belong to the dated one
 * before them. undefined: no line tells a date.
 *
 * It halves the file, so of 10 GB it reads some 2 MB.
 */
export function seekTime(file: LogFile, time: number, dateOf: DateOf): number | undefined {
  let before = 0; // the file begins here, or a line that is older
  let after = file.statSync().size; // from here on everything is later, or tells no date
  let isDated = false;
  while (after - before > PROBE) {
    const middle = before + Math.floor((after - before) / 2);
    const date = firstDate(file, middle, Math.min(after, middle + PROBE), dateOf);
    isDated ||= date !== undefined;
    if (date !== undefined && date < time) before = middle;
    else after = middle;
  }
  for (const { offset, text } of linesFrom(file, before)) {
    const date = dateOf(text);
    isDated ||= date !== undefined;
    if (date !== undefined && date >= time) return offset;
    if (!isDated && offset > PROBE) return undefined;
  }
  return isDated ? endOfLines(file) : undefined;
}

/** The end of the last whole line. */
export function endOfLines(file: LogFile): number {
  for (let end = file.statSync().size; end > 0;) {
    const start = Math.max(0, end - PROBE);
    const newline = readAt(file, start, end - start).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** How many bytes are searched for a dated line. */
const PROBE = 64 * 1024;
const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The first date that a line tells which begins between two offsets. */
function firstDate(
  file: LogFile,
  from: number,
  to: number,
  dateOf: DateOf,
): number | undefined {
  for (const { offset, text } of linesFrom(file, from)) {
    if (offset >= to) return undefined;
    const date = dateOf(text);
    if (date !== undefined) return date;
  }
  return undefined;
}

/** The whole lines that begin at an offset or behind it. Those longer than a probe are passed over. */
function* linesFrom(
  file: LogFile,
  from: number,
): Generator<{ readonly offset: number; readonly text: string }> {
  let offset = from === 0 ? 0 : endOfLine(file, from - 1);
  while (offset !== undefined) {
    const bytes = readAt(file, offset, PROBE);
    let start = 0;
    for (let end; (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      yield { offset: offset + start, text: decoder.decode(bytes.subarray(start, end)) };
    }
    offset = start > 0 ? offset + start : endOfLine(file, offset);
  }
}

/** Where the line ends that an offset lies in; undefined: it has no end yet. */
function endOfLine(file: LogFile, offset: number): number | undefined {
  for (let from = offset;;) {
    const bytes = readAt(file, from, PROBE);
    if (bytes.length === 0) return undefined;
    const newline = bytes.indexOf(NEWLINE);
    if (newline >= 0) return from + newline + 1;
    from += bytes.length;
  }
}

function readAt(file: LogFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  return bytes.subarray(0, file.readSync(bytes) ?? 0);
}
