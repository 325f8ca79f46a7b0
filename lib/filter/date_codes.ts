import { zoneNames } from "./zone_names.ts";

/** What a part of a date says; the letters are strftime's. */
// deno-fmt-ignore
export type Field =
  | "Y" | "y" | "m" | "b" | "d" | "H" | "I" | "M" | "S" | "f" | "p" | "a" | "j" | "U" | "W" | "w" | "u" | "z"
  | "epoch" | "lepoch" | "tai64n";

/** How a `%`-code or a `{WORD}` is read: `lead` is matched before the field itself. */
export interface Code {
  readonly field: Field;
  readonly lead?: string;
  readonly shape: string;
}

/** The `%`-codes of a date pattern, without the `%`: strftime's, and their strict forms `Ex...`. */
export const codes: Readonly<Record<string, Code>> = {
  Y: { field: "Y", shape: String.raw`\d{4}` },
  ExY: { field: "Y", shape: String.raw`(?:19|20)\d\d` },
  y: { field: "y", shape: String.raw`\d\d` },
  Exy: { field: "y", shape: String.raw`\d\d` },
  m: { field: "m", shape: "1[0-2]|0[1-9]|[1-9]" },
  Exm: { field: "m", shape: "1[0-2]|0[1-9]" },
  // A day padded with a blank, as syslog writes it. Behind a word the blank is a separator and stays.
  d: { field: "d", shape: String.raw`3[01]|[12]\d|0[1-9]|[1-9]|(?<!\w) [1-9]` },
  Exd: { field: "d", shape: String.raw`3[01]|[12]\d|0[1-9]` },
  H: { field: "H", shape: String.raw`2[0-3]|[01]\d|\d` },
  ExH: { field: "H", shape: String.raw`2[0-3]|[01]\d` },
  k: { field: "H", lead: " ?", shape: String.raw`2[0-3]|[01]\d|\d` },
  Exk: { field: "H", shape: String.raw`2[0-3]|[01]\d| \d` },
  I: { field: "I", shape: "1[0-2]|0[1-9]|[1-9]" },
  l: { field: "I", lead: " ?", shape: "1[0-2]|0[1-9]|[1-9]" },
  Exl: { field: "I", shape: "1[0-2]|0[1-9]| [1-9]" },
  M: { field: "M", shape: String.raw`[0-5]\d|\d` },
  ExM: { field: "M", shape: String.raw`[0-5]\d` },
  S: { field: "S", shape: String.raw`6[01]|[0-5]\d|\d` },
  ExS: { field: "S", shape: String.raw`6[01]|[0-5]\d` },
  f: { field: "f", shape: String.raw`\d{1,9}` },
  p: { field: "p", shape: "[AP]M" },
  b: { field: "b", shape: "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec" },
  B: {
    field: "b",
    shape: "January|February|March|April|May|June|July|August|September|October|November|December",
  },
  a: { field: "a", shape: "Mon|Tue|Wed|Thu|Fri|Sat|Sun" },
  A: { field: "a", shape: "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday" },
  j: { field: "j", shape: String.raw`36[0-6]|3[0-5]\d|[12]\d\d|0\d\d|\d\d|[1-9]` },
  U: { field: "U", shape: String.raw`5[0-3]|[0-4]\d|\d` },
  W: { field: "W", shape: String.raw`5[0-3]|[0-4]\d|\d` },
  w: { field: "w", shape: "[0-6]" },
  u: { field: "u", shape: "[1-7]" },
  z: { field: "z", shape: `Z|UTC|GMT|${offset()}` },
  Z: { field: "z", shape: names() },
  Exz: { field: "z", shape: `(?:${names()})(?:${offset()})?|${offset()}` },
  ExZ: { field: "z", shape: names() },
};

/** Codes that stand for several. */
export const composites: Readonly<Record<string, string>> = {
  c: "%a %b %d %H:%M:%S %Y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

/** The words of a date pattern that stand for one field. */
export const words: Readonly<Record<string, Code>> = {
  EPOCH: { field: "epoch", shape: String.raw`\d{10,11}(?:\.\d{1,9})?` },
  LEPOCH: { field: "lepoch", shape: String.raw`\d{16}|\d{13}|\d{10,11}(?:\.\d{1,9})?` },
  TAI64N: { field: "tai64n", shape: "@[0-9a-f]{24}" },
};

function offset(): string {
  return String.raw`[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?`;
}

function names(): string {
  return zoneNames.toSorted((a, b) => b.length - a.length).join("|");
}
