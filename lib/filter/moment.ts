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
  let [year, month, day, hour, minute, second] = [-1, -1, -1, 0, 0, 0];
  let offset: number | undefined;
  let afternoon: boolean | undefined;
  let [yearday, week, weekStart, weekday] = [-1, -1, 0, -1];
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
        afternoon = /^p/i.test(text);
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
      case "f":
        break;
    }
  }
  if (afternoon === true) hour += 12;
  const clock = ((hour * 60 + minute) * 60 + second) * 1000;
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
  const midnightIn = (year: number) => {
    if (month >= 0 || day >= 0) return midnightOf(year, Math.max(month, 1), Math.max(day, 1));
    if (yearday >= 0) return midnightOfYearday(year, yearday);
    return midnightOfWeek(year, week, weekStart, weekday);
  };
  if (year >= 0) return at(midnightIn(year));
  const thisYear = new Date(zone.toLocal(now)).getUTCFullYear();
  const instant = at(midnightIn(thisYear));
  return instant === undefined || instant > now + DAY ? at(midnightIn(thisYear - 1)) : instant;
}

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
const WEEKDAYS = "sunmontuewedthufrisat";
const DAY = 86_400_000;

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
