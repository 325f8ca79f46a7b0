import type { Subject, TranslationNote } from "./python_regex.ts";

/** Why a pattern cannot be translated. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly construct: string;
  readonly offset: number;

  constructor(construct: string, offset: number, reason: string) {
    super(reason);
    this.construct = construct;
    this.offset = offset;
  }
}

/** A pattern as it is being read, and what is to be said about it. */
export class Source {
  readonly subject: Subject;
  readonly notes: TranslationNote[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string, subject: Subject) {
    this.#text = text;
    this.subject = subject;
  }

  get at(): number {
    return this.#at;
  }

  /** What has not been read yet. */
  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** Reads what matches here; the expression is sticky. */
  take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  skip(length: number): void {
    this.#at += length;
  }

  /** What has been read since then. */
  textFrom(offset: number): string {
    return this.#text.slice(offset, this.#at);
  }

  note(
    construct: string,
    offset: number,
    text: string,
    kind: TranslationNote["kind"] = "respelled",
  ) {
    this.notes.push({ kind, construct, offset, text });
  }
}
