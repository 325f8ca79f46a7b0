/** Writes TOML as a person would. */

/** A value of banjo's configuration. */
export type TomlValue =
  | string
  | number
  | boolean
  | readonly TomlValue[]
  | { readonly [key: string]: TomlValue };

/** One key with its value, and the comments above it. `items` stands above single elements of a list. */
export interface Entry {
  readonly key: string;
  readonly value: TomlValue;
  readonly comments?: readonly string[];
  readonly items?: readonly (readonly string[])[];
}

/** Keys with their values, one a line; lists of several lines where that is easier to read. */
export function printEntries(entries: readonly Entry[]): string {
  return entries.map(({ key, value, comments = [], items = [] }) =>
    comments.map(printComment).join("") + `${printKey(key)} = ${printEntryValue(value, items)}\n`
  ).join("");
}

/** A comment, on as many lines as it takes. What a terminal could act on, or hides, becomes a blank. */
export function printComment(text: string): string {
  const words = text.replaceAll(UNSEEN, " ").split(" ");
  const lines: string[] = ["#"];
  for (const word of words) {
    if (lines.at(-1)!.length + word.length > WIDTH && lines.at(-1) !== "#") lines.push("#");
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** The first line of a file that stands for one of fail2ban's. */
export function printHeading(file: string): string {
  return printComment(`Imported from ${file} of fail2ban.`) + "\n";
}

/** Whether two values are the same in all their parts. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * A string in single quotes if it can be, for patterns are full of backslashes. What a terminal could act on, or hides, is
 * escaped: a sample may be an attacker's line.
 */
export function printString(text: string): string {
  const isPlain = text.replaceAll("\t", "").search(UNSEEN) < 0;
  if (isPlain && !text.includes("'")) {
    return /[\\"]/.test(text) ? `'${text}'` : `"${text}"`;
  }
  if (isPlain && !text.includes("'''") && !text.endsWith("'") && text.includes("\\")) {
    return `'''${text}'''`;
  }
  return printEscaped(text);
}

/** JSON's escapes are TOML's as well, but JSON leaves much as it is. */
function printEscaped(text: string): string {
  return JSON.stringify(text).replaceAll(
    UNSEEN,
    (characters) =>
      Array.from(characters, (character) => {
        const code = character.codePointAt(0)!.toString(16);
        return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
      }).join(""),
  );
}

/** Controls, formatting characters such as those that turn text round, and what ends a line or a paragraph. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const WIDTH = 118;

function printEntryValue(value: TomlValue, items: readonly (readonly string[])[]): string {
  if (!Array.isArray(value)) return printValue(value);
  const short = printValue(value);
  const hasComments = items.some((comments) => comments.length > 0);
  if (!hasComments && (value.length < 2 || short.length < 100)) return short;
  const elements = value.map((element, index) =>
    (items[index] ?? []).map((text) => indent(printComment(text))).join("") +
    `  ${printValue(element)},\n`
  );
  return `[\n${elements.join("")}]`;
}

function printValue(value: TomlValue): string {
  if (typeof value === "string") return printString(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, inner]) =>
    `${printKey(key)} = ${printValue(inner)}`
  );
  return `{ ${pairs.join(", ")} }`;
}

function printKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : printEscaped(key);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ").replace(/ +$/, "");
}
