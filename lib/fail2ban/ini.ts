import { ConfError, type Value } from "./place.ts";

/** The options of a section by their names, which are in lower case. */
export type Section = Map<string, Value>;

/** A line may be so long. Longer ones are no configuration, and would take long to match as a pattern. */
const LONGEST_LINE = 65_536;

/**
 * Parses the dialect of INI that fail2ban reads: Python's configparser in its strict mode.
 *
 * - `name = value` or `name: value`; names are taken in lower case, section names as they are.
 * - Lines that are indented deeper than an option continue its value. Blank lines in between are kept.
 * - `#` and `;` begin a comment at the start of a line; behind a blank only `;` does.
 *
 * @throws {ConfError} at the first line that makes no sense, and for what is there twice.
 */
export function parseIni(file: string, text: string): Map<string, Section> {
  const reading = new Reading(file);
  text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).forEach((line, index) =>
    reading.take(line, index + 1)
  );
  return reading.finish();
}

/** An option on its way to a value: its lines so far, and where they stand. */
interface Open {
  readonly name: string;
  readonly pieces: string[];
  readonly lines: number[];
}

/** A file on its way to sections. */
class Reading {
  readonly #file: string;
  readonly #sections = new Map<string, Section>();
  #section: Section | undefined;
  #sectionName = "";
  /** The option that following lines may continue. */
  #open: Open | undefined;
  #indent = 0;

  constructor(file: string) {
    this.#file = file;
  }

  take(line: string, number: number): void {
    if (line.length > LONGEST_LINE) {
      this.#refuse(number, `the line is longer than ${LONGEST_LINE} characters: shorten it`);
    }
    if (line.includes("\0")) {
      this.#refuse(number, "the line holds a NUL character: save the file as UTF-8 text");
    }
    const content = withoutComment(line);
    if (content === undefined) return;
    if (content === "") {
      this.#continue("", number);
      return;
    }
    const indent = line.search(/\S/);
    if (this.#open !== undefined && indent > this.#indent) {
      this.#continue(content, number);
      return;
    }
    this.#indent = indent;
    this.#close();
    const header = /^\[(.+)\]/.exec(content);
    if (header !== null) this.#begin(header[1]!, number);
    else this.#option(content, number);
  }

  finish(): Map<string, Section> {
    this.#close();
    return this.#sections;
  }

  #begin(name: string, line: number): void {
    if (this.#sections.has(name)) {
      this.#refuse(line, `the section [${name}] is there twice: put its options together`);
    }
    this.#section = new Map();
    this.#sectionName = name;
    this.#sections.set(name, this.#section);
  }

  #option(content: string, line: number): void {
    if (this.#section === undefined) {
      this.#refuse(line, "an option stands before the first section: write [NAME] above it");
    }
    const parts = /^([^=:]*)[=:](.*)$/s.exec(content);
    if (parts === null) {
      this.#refuse(
        line,
        "expected [section] or `name = value`: indent the line if it continues a value",
      );
    }
    const name = parts[1]!.trim().toLowerCase();
    if (name === "") this.#refuse(line, "there is no name in front of the `=`: write one");
    if (this.#section.has(name)) {
      this.#refuse(
        line,
        `the option \`${name}\` is there twice in [${this.#sectionName}]: remove one`,
      );
    }
    this.#open = { name, pieces: [parts[2]!.trim()], lines: [line] };
    // So that the name is taken, should it come again.
    this.#section.set(name, { text: "", place: { file: this.#file, line } });
  }

  #continue(piece: string, line: number): void {
    this.#open?.pieces.push(piece);
    this.#open?.lines.push(line);
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { name, pieces, lines } = this.#open;
    this.#section!.set(name, {
      text: pieces.join("\n").trimEnd(),
      place: { file: this.#file, line: lines[0]! },
      ...(lines.length > 1 && { lines }),
    });
    this.#open = undefined;
  }

  #refuse(line: number, why: string): never {
    throw new ConfError({ file: this.#file, line }, why);
  }
}

/** A line without its comment and the blanks around it; undefined if it is nothing but a comment. */
function withoutComment(line: string): string | undefined {
  const trimmed = line.trim();
  if (trimmed.startsWith("#") || trimmed.startsWith(";")) return undefined;
  const comment = /\s;/.exec(line);
  return comment === null ? trimmed : line.slice(0, comment.index).trim();
}
