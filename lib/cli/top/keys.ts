/** Keys out of what a terminal sends. Pure. */

/** A character, or the name of a key that has none. */
export type Key =
  | "up"
  | "down"
  | "page-up"
  | "page-down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "interrupt"
  | (string & Record<never, never>);

/** Keys, and the beginning of one that has not come in whole yet. */
export interface Keys {
  readonly keys: readonly Key[];
  readonly rest: string;
}

/** Reads what was sent: control sequences as xterm and VT100 send them (ECMA-48, 5.4), and characters. */
export function readKeys(sent: string): Keys {
  const keys: Key[] = [];
  let at = 0;
  while (at < sent.length) {
    const sequence = SEQUENCE.exec(sent.slice(at))?.[0];
    if (sequence !== undefined) {
      const name = NAMES[sequence];
      if (name !== undefined) keys.push(name);
      at += sequence.length;
      continue;
    }
    if (sent[at] === "\x1b") {
      if (INCOMPLETE.test(sent.slice(at))) break;
      keys.push("escape");
    } else keys.push(NAMES[sent[at]!] ?? sent[at]!);
    at++;
  }
  return { keys, rest: sent.slice(at) };
}

// deno-lint-ignore no-control-regex
const SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])/;
// deno-lint-ignore no-control-regex
const INCOMPLETE = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;

const NAMES: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\x03": "interrupt",
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[5~": "page-up",
  "\x1b[6~": "page-down",
  "\x1b[H": "home",
  "\x1b[1~": "home",
  "\x1bOH": "home",
  "\x1b[F": "end",
  "\x1b[4~": "end",
  "\x1bOF": "end",
};
