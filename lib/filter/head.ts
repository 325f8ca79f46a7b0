import type { DateFormat } from "./date_format.ts";
import { DIGIT_0, isDigit, type Minute } from "./date_reader.ts";

/** What stands before the message in a line that syslog wrote. */
export interface Head {
  /** The date, in milliseconds since the epoch. */
  time: number;
  /** Where the message begins; -1 where another program wrote it. */
  message: number;
  /** From where to where the sender stands, as `HOST IDENT[PID]`. No process id: both are -1. */
  senderStart: number;
  senderEnd: number;
}

/** How the lines of one minute and one host begin. */
interface Shape {
  readonly minute: Minute;
  /** How many digits the fraction has. */
  readonly digits: number;
  /** From the second, or its fraction, to the program's name. */
  readonly tail: string;
  /** Where in the tail the host begins. */
  readonly hostAt: number;
}

/**
 * Reads the heads of lines that begin as the last line did which was read with care, but for the second, its fraction,
 * the program and its process id. In a busy log nearly all do, and this takes a tenth of the time that searching a date,
 * cutting it out and matching the header takes. Any other line is left to the careful way, which alone says what a head is.
 *
 * It may be so short because nothing that it does not compare can change what the careful way would find: a built-in
 * date format does not tell one second of a minute from another, and does not look beyond the word that follows it.
 */
export class HeadReader {
  readonly #names: readonly string[];
  #shape: Shape | undefined;
  /** One for all lines: they are many. */
  readonly #head: Head = { time: 0, message: 0, senderStart: 0, senderEnd: 0 };

  /** `identifiers`: of the programs whose messages count. */
  constructor(identifiers: readonly string[]) {
    this.#names = identifiers;
  }

  /** Whether it understands these identifiers. One with a blank, colon or bracket could be read in several ways. */
  static canRead(identifiers: readonly string[]): boolean {
    return identifiers.length > 0 && identifiers.every((name) => /^[\w.\/-]+$/.test(name));
  }

  /**
   * Takes note of how a line begins, whose date stands at its start and was read as of that minute.
   */
  learn(line: string, dateEnd: number, minute: Minute): void {
    const header = HOST.exec(line.slice(dateEnd));
    if (header === null) return;
    const second = minute.before.length + 2;
    const fractionEnd = dateEnd - minute.after.length;
    this.#shape = {
      minute,
      digits: minute.point !== "" ? fractionEnd - second - 1 : 0,
      tail: line.slice(fractionEnd, dateEnd) + header[0],
      hostAt: minute.after.length + header[1]!.length,
    };
  }

  /**
   * The head of the line that begins at `start`; it stays good until the next call. undefined: the line is to be read
   * the careful way. `format` and `now` are those by which it would find and read a date.
   */
  read(
    block: string,
    start: number,
    format: DateFormat | undefined,
    now: number,
  ): Head | undefined {
    const shape = this.#shape;
    if (shape === undefined) return undefined;
    const { minute, tail } = shape;
    if (minute.format !== format || minute.now !== now) return undefined;
    if (!block.startsWith(minute.before, start)) return undefined;
    let at = start + minute.before.length;
    const tens = block.charCodeAt(at) - DIGIT_0;
    const ones = block.charCodeAt(at + 1) - DIGIT_0;
    if (!(tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9)) return undefined;
    at += 2;
    if (shape.digits > 0) {
      if (!block.startsWith(minute.point, at++)) return undefined;
      for (const end = at + shape.digits; at < end; at++) {
        if (!isDigit(block.charCodeAt(at))) return undefined;
      }
    }
    if (!block.startsWith(tail, at)) return undefined;
    const head = this.#head;
    head.time = minute.time + (tens * 10 + ones) * 1000;
    head.senderStart = at + shape.hostAt;
    at += tail.length;
    if (block.charCodeAt(at) === BLANK) return undefined;
    this.#readIdentifier(block, at, head);
    return head;
  }

  /** Reads `IDENT[PID]: `. */
  #readIdentifier(block: string, at: number, head: Head): void {
    head.message = -1;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      if (!block.startsWith(name, at)) continue;
      let end = at + name.length;
      let hasPid = false;
      if (block.charCodeAt(end) === OPENING) {
        const pid = ++end;
        while (isDigit(block.charCodeAt(end))) end++;
        if (end === pid || block.charCodeAt(end++) !== CLOSING) continue;
        hasPid = true;
      }
      if (block.charCodeAt(end) !== COLON) continue;
      if (!hasPid) head.senderStart = -1;
      head.senderEnd = hasPid ? end : -1;
      head.message = block.charCodeAt(end + 1) === BLANK ? end + 2 : end + 1;
      return;
    }
  }
}

/** Blanks, a host that no program's name can be read out of, blanks, and something else. */
const HOST = /^( +)[\w.-]*\w +(?! )/;
const BLANK = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const COLON = 0x3a;
