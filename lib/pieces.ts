/**
 * A child's output in pieces, as large as there is something to read, until the signal. A piece is only good until the next
 * one is asked for: all are read into one buffer. A new one for each took as long as reading it, and what nft monitor says of a
 * hundred thousand bans came in pieces of 4 KB with 64 KB each: 200 MB, which malloc never gave back.
 */
export async function* piecesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader({ mode: "byob" });
  const stop = () => void reader.cancel();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
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
    signal?.removeEventListener("abort", stop);
    await reader.cancel();
  }
}

/** What a pipe holds (pipe(7)). */
const PIPE = 64 * 1024;
