/** Entries as `journalctl -o export` prints them. */

/** A field as a line of text, or with its length before it, which any value can have. */
export interface ExportedField {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly isBinary: boolean;
}

/** An entry's bytes, with the empty line that ends it. */
export function exported(fields: readonly ExportedField[]): Uint8Array<ArrayBuffer> {
  return joined([...fields.flatMap(fieldParts), encoder.encode("\n")]);
}

/** Several pieces as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function fieldParts({ name, value, isBinary }: ExportedField): Uint8Array[] {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  const newline = encoder.encode("\n");
  if (!isBinary) return [encoder.encode(`${name}=`), bytes, newline];
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return [encoder.encode(`${name}\n`), length, bytes, newline];
}

const encoder = new TextEncoder();
