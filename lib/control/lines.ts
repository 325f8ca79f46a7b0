/** A message was longer than the reader takes. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

/**
 * The lines of a byte stream, without their ends. At most `limit` bytes are held for an unfinished line.
 * @throws {LineTooLong} when a line grows beyond `limit`.
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield decoder.decode(join(parts));
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      held += chunk.length - start;
      if (held > limit) throw new LineTooLong(`Cannot read a message of more than ${limit} bytes`);
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
