import type { DateFormat, FieldText, Span } from "./date_format.ts";
import { toInstant } from "./moment.ts";
import type { Zone } from "./zone.ts";

/** A date in a line: `format` matches at `at`, and `span` is what is cut out. */
export interface Located {
  readonly format: DateFormat;
  readonly at: number;
  readonly span: Span;
}

/**
 * Turns dates into instants. Dates of the minute that was read last differ from it in their seconds only, and in a busy
 * log nearly all do: they are read without taking them apart.
 */
export class DateReader {
  readonly #zone: Zone;
  #minute: Minute | undefined;
  #isOfMinute = false;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** The minute of the date that was read last, where that is written so that others of the minute can be told. */
  get minute(): Minute | undefined {
    return this.#isOfMinute ? this.#minute : undefined;
  }

  /** The instant in milliseconds; undefined where no such date exists. */
  read(line: string, located: Located, now: number): number | undefined {
    const second = this.#secondOfMinute(line, located, now);
    this.#isOfMinute = second >= 0;
    if (second >= 0) return this.#minute!.time + second * 1000;
    const fields = located.format.fieldsAt(line, located.at);
    const time = toInstant(fields, this.#zone, now);
    const minute = time === undefined ? undefined : minuteOf(line, located, fields, time, now);
    this.#isOfMinute = minute !== undefined;
    this.#minute = minute ?? this.#minute;
    return time;
  }

  /** The second of the known minute that the date says; -1 if it says another minute, or says it otherwise. */
  #secondOfMinute(line: string, { format, span: { start, end } }: Located, now: number): number {
    const minute = this.#minute;
    if (minute === undefined || minute.format !== format || minute.now !== now) return -1;
    if (!line.startsWith(minute.before, start)) return -1;
    const at = start + minute.before.length;
    const tens = line.charCodeAt(at) - DIGIT_0;
    const ones = line.charCodeAt(at + 1) - DIGIT_0;
    if (!(tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9)) return -1;
    let after = at + 2;
    if (minute.point !== "") {
      if (!line.startsWith(minute.point, after++)) return -1;
      while (isDigit(line.charCodeAt(after))) after++;
    }
    return end - after === minute.after.length && line.startsWith(minute.after, after)
      ? tens * 10 + ones
      : -1;
  }
}

/** A minute of which a date has been read, and how that date was written around its seconds. */
export interface Minute {
  readonly format: DateFormat;
  /** The present by which it was read, for that completes dates. */
  readonly now: number;
  /** The instant of its second 0. */
  readonly time: number;
  readonly before: string;
  /** The point or comma before a fraction of the second, which does not count; empty where there is none. */
  readonly point: string;
  readonly after: string;
}

/** The code of the digit 0; the other digits follow it. */
export const DIGIT_0 = 0x30;

function minuteOf(
  line: string,
  { format, span: { start, end } }: Located,
  fields: readonly FieldText[],
  time: number,
  now: number,
): Minute | undefined {
  const seconds = fields.find(({ field }) => field === "S");
  if (
    !format.readsSecondsAlike || seconds === undefined || seconds.text.length !== 2 ||
    Number(seconds.text) > 59
  ) {
    return undefined;
  }
  const minuteStart = time - Number(seconds.text) * 1000;
  if (!isOneSided(minuteStart, fields, now)) return undefined;
  const behind = seconds.at + 2;
  const fraction = fields.find(({ field }) => field === "f");
  const hasFraction = fraction?.at === behind + 1;
  const after = hasFraction ? fraction!.at + fraction!.text.length : behind;
  return {
    format,
    now,
    time: minuteStart,
    before: line.slice(start, seconds.at),
    point: hasFraction ? line.slice(behind, behind + 1) : "",
    after: line.slice(after, end),
  };
}

/**
 * Whether all seconds of a minute are of the same day and year. What a date leaves out is taken from the present: time
 * alone is of the day before where it would be yet to come, a day without a year of the year before.
 */
function isOneSided(minuteStart: number, fields: readonly FieldText[], now: number): boolean {
  const age = now - minuteStart;
  const says = (letters: string) => fields.some(({ field }) => letters.includes(field));
  if (!says("mbdj") && (age < MINUTE || age > DAY - 2 * HOUR)) return false;
  return says("Yy") || (age >= MINUTE - DAY && age <= 363 * DAY);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_0 + 9;
}
