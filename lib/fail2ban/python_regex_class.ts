import type { Node } from "./python_regex_ast.ts";
import type { Flags } from "./python_regex_flags.ts";
import { Refusal, type Source } from "./python_regex_source.ts";

/**
 * Letters and digits beyond ASCII, which Python's `\w` takes too: the scripts, without most punctuation and symbols. An
 * exact list has 700 ranges, and the same letters come in other encodings as U+FFFD.
 */
const LETTERS = "\\xc0-\\u1fff\\u2c00-\\uffff";
/** ASCII without what `\w` takes. */
const NO_WORD = "\\0-\\/:-@\\[-^`{-\\x7f";

/** Reads an escape that stands for one character: `\n`, `\x41`, `\-`. */
export function readEscape(source: Source): Node | undefined {
  const offset = source.at;
  if (/^\\[dDsSwW]/.test(source.rest)) return undefined;
  const assertion = source.take(/\\[AZbB]/y)?.[0];
  if (assertion !== undefined) return assertionOf(assertion, offset);
  const { text, code } = readCharacter(source);
  return { kind: "char", offset, text, isLineFeed: code === 10 };
}

function assertionOf(written: string, offset: number): Node {
  switch (written) {
    case "\\A":
      return { kind: "assertion", offset, which: "start" };
    case "\\Z":
      return { kind: "assertion", offset, which: "veryEnd" };
    default:
      return { kind: "assertion", offset, which: written as "\\b" | "\\B" };
  }
}

/** Reads `\d` and the like. */
export function readClassEscape(source: Source, { a }: Flags): Node {
  const offset = source.at;
  const [written] = source.take(/\\[dDsSwW]/y)!;
  const takesLineFeed = written === "\\s" || written === "\\D" || written === "\\W";
  const wide = { "\\w": `[\\w${LETTERS}]`, "\\W": `[^\\w${LETTERS}]` }[written];
  if (a || wide === undefined) return { kind: "class", offset, text: written, takesLineFeed };
  source.note(written, offset, `written as ${wide}: letters of all scripts count`);
  return { kind: "class", offset, text: wide, takesLineFeed };
}

/** Reads `[...]`. */
export function readClass(source: Source, flags: Flags): Node {
  const offset = source.at;
  const isNegated = source.take(/\[\^/y) !== undefined;
  if (!isNegated) source.take(/\[/y);
  const members: Member[] = [];
  /** Characters of two code units, which no class of ECMAScript without flag u can hold. */
  const pairs: string[] = [];
  while (members.length + pairs.length === 0 || source.take(/\]/y) === undefined) {
    const start = source.at;
    const from = readMember(source, flags, offset, members.length === 0);
    const isRange = /^-[^\]]/.test(source.rest);
    if (!isRange) {
      (from.code! > 0xffff ? pairs : members as unknown[]).push(
        from.code! > 0xffff ? from.text : from,
      );
      continue;
    }
    source.take(/-/y);
    const to = readMember(source, flags, offset, false);
    const range = `${from.text}-${to.text}`;
    if (from.code === undefined || to.code === undefined || to.code < from.code) {
      throw new Refusal(range, start, "that is no range of characters");
    }
    if (to.code > 0xffff) {
      throw new Refusal(
        range,
        start,
        "ranges beyond U+FFFF cannot be had: write the characters one by one",
      );
    }
    const takesLineFeed = from.code <= 10 && to.code >= 10;
    members.push({ text: range, code: undefined, takesLineFeed });
  }
  const text = `[${isNegated ? "^" : ""}${members.map((member) => member.text).join("")}]`;
  const takesLineFeed = members.some((member) => member.takesLineFeed) !== isNegated;
  noteClass(source, offset, text);
  if (pairs.length === 0) return { kind: "class", offset, text, takesLineFeed };
  if (isNegated) {
    throw new Refusal(pairs[0]!, offset, "a class without characters beyond U+FFFF cannot be had");
  }
  const choices = members.length === 0 ? pairs : [text, ...pairs];
  return { kind: "class", offset, text: `(?:${choices.join("|")})`, takesLineFeed };
}

interface Member {
  readonly text: string;
  /** undefined where it is more than one character. */
  readonly code: number | undefined;
  readonly takesLineFeed: boolean;
}

function readMember(source: Source, { a }: Flags, classOffset: number, isFirst: boolean): Member {
  const offset = source.at;
  const escape = source.take(/\\[dDsSwW]/y)?.[0];
  if (escape !== undefined) {
    const wide = { "\\w": `\\w${LETTERS}`, "\\W": NO_WORD }[escape];
    const takesLineFeed = escape === "\\s" || escape === "\\D" || escape === "\\W";
    return { text: a ? escape : wide ?? escape, code: undefined, takesLineFeed };
  }
  if (/^\\[AZB]/.test(source.rest)) {
    throw new Refusal(source.rest.slice(0, 2), offset, "it stands for no character");
  }
  const { text, code } = source.rest.startsWith("\\")
    ? source.take(/\\b/y) ? { text: "\\b", code: 8 } : readCharacter(source)
    : readPlain(source, classOffset, isFirst);
  return { text, code, takesLineFeed: code === 10 };
}

function readPlain(source: Source, classOffset: number, isFirst: boolean) {
  const plain = source.take(/[\ud800-\udbff][\udc00-\udfff]|[^]/y)?.[0];
  if (plain === undefined) throw new Refusal("[", classOffset, "the class has no end");
  // `[]` and `[[:` begin other things elsewhere.
  const isEscaped = plain === "]" || (plain === "[" && isFirst && /^[:.=]/.test(source.rest));
  return { text: isEscaped ? `\\${plain}` : plain, code: plain.codePointAt(0)! };
}

/** Reads an escape of one character, of those that mean the same in a class and outside. */
function readCharacter(source: Source): { text: string; code: number } {
  const offset = source.at;
  const { rest } = source;
  const respelled = (written: string, code: number) => {
    const text = code > 0xffff ? String.fromCodePoint(code) : escapeOf(code);
    if (text !== written) source.note(written, offset, `written as ${text}`);
    return { text, code };
  };
  const octal = source.take(/\\(0[0-7]{0,2}|[1-7][0-7]{0,2})/y);
  if (octal !== null && octal !== undefined) {
    const code = parseInt(octal[1]!, 8);
    if (code > 0o377) throw new Refusal(octal[0], offset, "its value is above octal 377");
    return respelled(octal[0], code);
  }
  const hex = source.take(/\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})/y);
  if (hex !== undefined) return { text: hex[0], code: parseInt(hex[1] ?? hex[2]!, 16) };
  const long = source.take(/\\U([0-9a-fA-F]{8})/y);
  if (long !== undefined) {
    const code = parseInt(long[1]!, 16);
    if (code > 0x10ffff) throw new Refusal(long[0], offset, "there is no such character");
    return respelled(long[0], code);
  }
  const bell = source.take(/\\a/y);
  if (bell !== undefined) return respelled(bell[0], 7);
  const control = source.take(/\\[fnrtv]/y)?.[0];
  if (control !== undefined) {
    return { text: control, code: { f: 12, n: 10, r: 13, t: 9, v: 11 }[control[1]!]! };
  }
  const itself = source.take(/\\([\ud800-\udbff][\udc00-\udfff]|[^a-zA-Z0-9])/y);
  if (itself !== undefined) {
    return {
      text: itself[1]!.length > 1 ? itself[1]! : itself[0],
      code: itself[1]!.codePointAt(0)!,
    };
  }
  if (rest.startsWith("\\N{")) {
    throw new Refusal(
      "\\N{",
      offset,
      "names of characters are not known: write \\u and four hex digits",
    );
  }
  const why = rest.length === 1 ? "the pattern ends after \\" : "Python knows no such escape";
  throw new Refusal(rest.slice(0, 2), offset, why);
}

/** A character by its number, as ECMAScript writes it. */
function escapeOf(code: number): string {
  const digits = code.toString(16);
  return code > 0xff ? `\\u${digits.padStart(4, "0")}` : `\\x${digits.padStart(2, "0")}`;
}

function noteClass(source: Source, offset: number, text: string): void {
  const written = source.textFrom(offset);
  if (written !== text) source.note(written, offset, `written as ${text}`);
}
