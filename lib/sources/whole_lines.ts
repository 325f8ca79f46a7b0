/** What is told of a stream of lines. */
export interface WholeLinesOptions {
  /** The longest line that is delivered, in bytes. */
  readonly longest: number;
  /** Is told of each line that is longer, which is passed over. */
  readonly onOversized: () => void;
  /** Is given the length of each piece that was read, and may wait, so that the next one is larger. */
  readonly settle?: (length: number) => Promise<void> | undefined;
}

/**
 * Whole lines out of a child's output, as many at a time as there are; what stands behind the last line's end is left
 * out. A block is only good until the next one is asked for: all are read into one buffer, since a new one for each
 * piece took as long as reading it.
 */
export async function* wholeLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { longest, onOversized, settle }: WholeLinesOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new Uint8Array(SMALLEST);
  let used = 0;
  let isSkipping = false;
  try {
    while (true) {
      // Reading takes the buffer away and gives it back in what was read.
      const { value, done } = await reader.read(buffer.subarray(used));
      if (done) return;
      buffer = new Uint8Array(value.buffer);
      const waiting = settle?.(value.length);
      if (waiting !== undefined) await waiting;

      const end = value.lastIndexOf(NEWLINE);
      const firstEnd = end < 0 ? value.length : value.indexOf(NEWLINE);
      if (!isSkipping && used + firstEnd > longest) {
        onOversized();
        isSkipping = true;
      }
      if (end < 0) {
        used = isSkipping ? 0 : used + value.length;
        if (used === buffer.length) buffer = enlarged(buffer);
        continue;
      }
      const block = buffer.subarray(isSkipping ? used + firstEnd + 1 : 0, used + end + 1);
      isSkipping = false;
      if (block.length > 0) yield block;
      const rest = value.subarray(end + 1);
      used = rest.length;
      if (buffer.length > SMALLEST && used < SMALLEST) buffer = new Uint8Array(SMALLEST);
      buffer.set(rest);
    }
  } finally {
    await reader.cancel();
  }
}

/** Twice what a pipe holds (pipe(7)): room for all of it behind the rest of a line. */
const SMALLEST = 128 * 1024;
const NEWLINE = 10;

function enlarged(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * buffer.length);
  larger.set(buffer);
  return larger;
}
