import { ownCopy } from "../own_copy.ts";

/**
 * A column of texts that are mostly short, by row: such a one stands in 24 bytes outside of V8's heap. As strings, half a
 * million lay scattered among what was garbage long ago, and the heap stayed three times as large as what was in it.
 */
export class ShortTexts {
  /** 24 bytes a row: how many characters there are, plus 1, and these; 0 for no text. */
  #bytes = new Uint8Array();
  /** Texts that are long, or not of Latin-1. */
  readonly #others = new Map<number, string>();

  get(row: number): string | undefined {
    const start = ROOM * row;
    const length = this.#bytes[start]! - 1;
    if (length < 0) return this.#others.get(row);
    const codes: ArrayLike<number> = this.#bytes.subarray(start + 1, start + 1 + length);
    // Spread out as arguments they would be iterated over, which takes four times as long.
    return String.fromCharCode.apply(null, codes as number[]);
  }

  set(row: number, text: string | undefined): void {
    const start = ROOM * row;
    if (start >= this.#bytes.length) this.#grow(start + ROOM);
    if (this.#others.size > 0) this.#others.delete(row);
    this.#bytes[start] = 0;
    if (text === undefined) return;
    if (text.length >= ROOM) {
      this.#others.set(row, ownCopy(text));
      return;
    }
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0xff) {
        this.#others.set(row, ownCopy(text));
        return;
      }
      this.#bytes[start + 1 + at] = code;
    }
    this.#bytes[start] = text.length + 1;
  }

  #grow(needed: number): void {
    this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(Math.max(64 * ROOM, 2 * needed)));
  }
}

/** Enough for `sshd-session[1234567]`. */
const ROOM = 24;
