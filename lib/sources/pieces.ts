/**
 * A child's output in pieces, as large as there is something to read. A piece is only good until the next one is asked
 * for: all are read into one buffer, since a new one for each took as long as reading it.
 */
export async function* piecesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(PIPE);
  try {
    for (;;) {
      // Reading takes the buffer away and gives it back in what was read.
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } finally {
    await reader.cancel();
  }
}

/** What a pipe holds (pipe(7)). */
const PIPE = 64 * 1024;
