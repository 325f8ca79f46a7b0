import type { FieldText } from "./date_format.ts";
import { parseOffset, type Zone } from "./zone.ts";

/**
 * The instant that a date's fields say, in milliseconds; undefined where there is no such date (30 February). Without
 * a year it is the latest one that is not more than a day after `now`; without a date it is today or yesterday. Only an
 * epoch's fraction counts: dates are whole seconds.
 */
export function toInstant(
  fields: readonly FieldText[],
  zone: Zone,
  now: number,
): number | undefined {
  const epoch = epochIn(fields);
  if (epoch !== undefined) return epoch;
  const said = readFields(fields);
  const { year, month, day, yearday, week, weekday, clock, offset } = said;
  const at = (midnight: number | undefined) =>
    midnight === undefined
      ? undefined
      : offset === undefined
      ? zone.toInstant(midnight + clock, now)
      : midnight + clock - offset;

  const dayless = month < 0 && day < 0 && yearday < 0 && (week < 0 || weekday < 0);
  if (dayless) {
    const local = offset === undefined ? zone.toLocal(now) : now + offset;
    const today = Math.floor(local / DAY) * DAY;
    const instant = at(today)!;
    return instant > now ? at(today - DAY) : instant;
  }
  if (year >= 0) return at(midnightIn(year, said));
  const thisYear = new Date(zone.toLocal(now)).getUTCFullYear();
  const instant = at(midnightIn(thisYear, said));
  return instant === undefined || instant > now + DAY
    ? at(midnightIn(thisYear - 1, said))
    : instant;
}

/** The instant in milliseconds that an epoch says; undefined where the date is written otherwise. */
function epochIn(fields: readonly FieldText[]): number | undefined {
  for (const { field, text } of fields) {
    switch (field) {
      case "epoch":
        return Math.round(Number(text) * 1000);
      case "lepoch":
        return Math.floor(
          Number(text) * (text.length === 16 ? 1e-3 : text.length === 13 ? 1 : 1000),
        );
      case "tai64n":
        return parseInt(text.slice(2, 17), 16) * 1000;
    }
  }
  return undefined;
}

/** What a date says of day and time; -1: it says nothing of that. */
interface Said {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly yearday: number;
  readonly week: number;
  /** The weekday that weeks begin with; 0 is Sunday. */
  readonly weekStart: number;
  readonly weekday: number;
  /** Milliseconds since midnight. */
  readonly clock: number;
  /** Milliseconds ahead of UTC; undefined where it names no zone. */
  readonly offset: number | undefined;
}

/** Later fields win. A fraction of a second does not count. */
function readFields(fields: readonly FieldText[]): Said {
  let [year, month, day, hour, minute, second] = [-1, -1, -1, 0, 0, 0];
  let offset: number | undefined;
  let isAfternoon = false;
  let [yearday, week, weekStart, weekday] = [-1, -1, 0, -1];
  for (const { field, text } of fields) {
    switch (field) {
      case "Y":
        year = +text;
        break;
      case "y":
        year = 2000 + +text;
        break;
      case "m":
        month = +text;
        break;
      case "b":
        month = MONTHS.indexOf(text.slice(0, 3).toLowerCase()) / 3 + 1;
        break;
      case "d":
        day = +text;
        break;
      case "H":
        hour = +text;
        break;
      case "I":
        hour = +text % 12;
        break;
      case "p":
        isAfternoon = /^p/i.test(text);
        break;
      case "M":
        minute = +text;
        break;
      case "S":
        second = +text;
        break;
      case "z":
        offset = parseOffset(text);
        break;
      case "j":
        yearday = +text;
        break;
      case "U":
      case "W":
        week = +text;
        weekStart = field === "U" ? 0 : 1;
        break;
      case "w":
      case "u":
        weekday = +text % 7;
        break;
      case "a":
        weekday = WEEKDAYS.indexOf(text.slice(0, 3).toLowerCase()) / 3;
        break;
    }
  }
  if (isAfternoon) hour += 12;
  const clock = ((hour * 60 + minute) * 60 + second) * 1000;
  return { year, month, day, yearday, week, weekStart, weekday, clock, offset };
}

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
const WEEKDAYS = "sunmontuewedthufrisat";
const DAY = 86_400_000;

/** The midnight, as if it were UTC, of the day that a date says, in that year. */
function midnightIn(
  year: number,
  { month, day, yearday, week, weekStart, weekday }: Said,
): number | undefined {
  if (month >= 0 || day >= 0) return midnightOf(year, Math.max(month, 1), Math.max(day, 1));
  if (yearday >= 0) return midnightOfYearday(year, yearday);
  return midnightOfWeek(year, week, weekStart, weekday);
}

function midnightOf(year: number, month: number, day: number): number | undefined {
  // Date.UTC takes years below 100 for 1900 and later; four digits name the year itself.
  const date = new Date(0);
  const midnight = date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? midnight : undefined;
}

function midnightOfYearday(year: number, yearday: number): number | undefined {
  const first = midnightOf(year, 1, 1)!;
  const midnight = first + (yearday - 1) * DAY;
  return new Date(midnight).getUTCFullYear() === year ? midnight : undefined;
}

/** Week 1 is the first that starts in the year; days before it are in week 0 (strftime(3), %U and %W). */
function midnightOfWeek(
  year: number,
  week: number,
  weekStart: number,
  weekday: number,
): number | undefined {
  const first = midnightOf(year, 1, 1)!;
  const toFirstWeek = (weekStart - new Date(first).getUTCDay() + 7) % 7;
  const intoWeek = (weekday - weekStart + 7) % 7;
  const midnight = first + (toFirstWeek + (week - 1) * 7 + intoWeek) * DAY;
  return new Date(midnight).getUTCFullYear() === year ? midnight : undefined;
}
