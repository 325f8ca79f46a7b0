import { nearest } from "../nearest.ts";

/**
 * Reads a length of time as people write it: `600` (seconds), `"10m"`, `"1d 12h"`, `"1.5 hours"`, `-1` or
 * `"forever"`. Parts may be joined with spaces, `+` or `-`; a number without unit is seconds.
 *
 * @returns milliseconds; Infinity for ever.
 * @throws {RangeError} if it is none; for an unknown unit with the nearest one.
 */
export function parseDuration(value: string | number): number {
  const text = String(value).trim().toLowerCase();
  if (FOREVER.has(text)) return Infinity;
  const total = Math.round(sumParts(text, value));
  if (total >= 0 && total <= LONGEST) return total;
  throw unreadable(
    value,
    total < 0 ? "it is less than nothing" : 'it is too long; write "forever"',
  );
}

/** Writes a length of time in milliseconds for people: `1d 12h`, `forever`. What is negative comes out as `0s`. */
export function formatDuration(duration: number): string {
  if (duration === Infinity) return "forever";
  let rest = Math.max(0, Math.round(duration));
  const parts: string[] = [];
  for (const [unit, size] of [["d", DAY], ["h", HOUR], ["m", MINUTE]] as const) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`);
    rest %= size;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest / SECOND}s`);
  return parts.join(" ");
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;

/** Beyond this, a date that it is added to leaves what a JavaScript date can hold. */
const LONGEST = 1000 * YEAR;

const FOREVER: ReadonlySet<string> = new Set(["forever", "-1", "infinity"]);

const UNITS: ReadonlyMap<string, number> = new Map([
  ...unit(SECOND, "s", "ss", "sec", "secs", "second", "seconds"),
  ...unit(MINUTE, "m", "mm", "min", "mins", "minute", "minutes"),
  ...unit(HOUR, "h", "hh", "hou", "hour", "hours"),
  ...unit(DAY, "d", "dd", "da", "day", "days"),
  ...unit(7 * DAY, "w", "ww", "wee", "week", "weeks"),
  ...unit(YEAR / 12, "mo", "mon", "month", "months"),
  ...unit(YEAR, "y", "yy", "yea", "year", "years"),
]);

function unit(size: number, ...names: readonly string[]): [string, number][] {
  return names.map((name) => [name, size]);
}

/** One part: what joins it to those before, a number, a unit. */
const PART = /\s*([+-]?)\s*(\d+(?:\.\d+)?|\.\d+)\s*(\p{L}*)/uy;

function sumParts(text: string, value: string | number): number {
  let total = 0;
  PART.lastIndex = 0;
  for (let at = 0; at < text.length || at === 0; at = PART.lastIndex) {
    const part = PART.exec(text);
    if (part === null) throw unreadable(value, 'expected something like 600, "10m" or "1d 12h"');
    const [, sign, number, name] = part;
    const size = name === "" ? SECOND : UNITS.get(name!);
    if (size === undefined) throw unreadable(value, unknownUnit(name!));
    total += (sign === "-" ? -1 : 1) * Number(number) * size;
  }
  return total;
}

function unknownUnit(name: string): string {
  const guess = nearest(name, UNITS.keys());
  return `there is no unit ${JSON.stringify(name)}` +
    (guess === undefined ? "; units are s, m, h, d, w, mo, y" : `; did you mean "${guess}"?`);
}

function unreadable(value: string | number, why: string): RangeError {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : value;
  return new RangeError(`Cannot read duration ${shown}: ${why}`);
}
