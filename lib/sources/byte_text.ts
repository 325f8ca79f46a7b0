/**
 * Bytes as text in which each stands at its own place, so that what was found in one of the two can be cut out of the
 * other. Native search in a text is several times as fast as a loop over bytes, and so is one decoding for many values.
 */
export class ByteText {
  readonly bytes: Uint8Array;
  readonly #text: string;
  readonly #isAscii: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const text = utf8.decode(bytes);
    // Every character beyond ASCII has fewer UTF-16 code units than bytes.
    this.#isAscii = text.length === bytes.length;
    this.#text = this.#isAscii ? text : singleByte.decode(bytes);
  }

  /** Where an ASCII character next stands; -1: nowhere. */
  indexOf(character: string, from: number): number {
    return this.#text.indexOf(character, from);
  }

  /** Whether a part of ASCII alone is this text. Of other parts it may say no without looking. */
  holds(text: string, start: number, end: number): boolean {
    return this.#isAscii && text.length === end - start && this.#text.startsWith(text, start);
  }

  /** A part, read as UTF-8; what is none appears as U+FFFD. */
  slice(start: number, end: number): string {
    const part = this.#text.slice(start, end);
    return this.#isAscii || !BEYOND_ASCII.test(part)
      ? part
      : utf8.decode(this.bytes.subarray(start, end));
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Makes one character of every byte, of those of ASCII the same (Encoding Standard, "windows-1252"). */
const singleByte = new TextDecoder("windows-1252");
const BEYOND_ASCII = /[^\0-\x7f]/;
