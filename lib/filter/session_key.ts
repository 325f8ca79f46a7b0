/**
 * What tells one login session from another: mostly the process that serves it, written `NAME[NUMBER]`. The name is the
 * same for thousands of them, so to keep it apart from the number spares hashing and copying it each time.
 */
export interface SessionKey {
  /** The key as written. */
  readonly text: string;
  /** All of the text, where it does not end in a number. */
  readonly name: string;
  /** -1: none. */
  readonly number: number;
}

/** The longest key, in UTF-16 code units: of a longer text only the beginning counts. */
export const MAX_KEY = 256;

/** Takes the text of a key apart. A number that is not written as numbers are is part of the name. */
export function sessionKeyOf(whole: string): SessionKey {
  const text = whole.length > MAX_KEY ? whole.slice(0, MAX_KEY) : whole;
  const end = text.length - 1;
  const start = text.charCodeAt(end) === CLOSING ? text.lastIndexOf("[", end) + 1 : 0;
  const number = start > 0 ? readNumber(text, start, end) : -1;
  return { text, name: number < 0 ? text : text.slice(0, start - 1), number };
}

/** The number that a text says between two places; -1 where there is none or it is written otherwise. */
function readNumber(text: string, start: number, end: number): number {
  if (start >= end || end - start > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9) || (digit === 0 && at === start && end - start > 1)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

const CLOSING = 0x5d;
const DIGIT_0 = 0x30;
/** More than a process id has (proc_sys_kernel(5), pid_max), and few enough for 32 bits. */
export const MOST_DIGITS = 9;
