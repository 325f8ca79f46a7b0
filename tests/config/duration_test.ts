import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../lib/config/duration.ts";

const HOUR = 3_600_000;

Deno.test("parseDuration reads what people write", () => {
  const cases: readonly [string | number, number][] = [
    [600, 600_000],
    ["600", 600_000],
    ["10m", 600_000],
    ["1d 12h", 36 * HOUR],
    ["1440m", 24 * HOUR],
    [-1, Infinity],
    ["-1", Infinity],
    ["forever", Infinity],
    [" Forever ", Infinity],
    [Infinity, Infinity],
    [0, 0],
    ["0.5h", HOUR / 2],
    ["1.5 hours", 1.5 * HOUR],
  ];
  for (const [written, expected] of cases) {
    assertEquals(parseDuration(written), expected, String(written));
  }
});

Deno.test("parseDuration reads a year, a month and sums as fail2ban does", () => {
  const cases: readonly [string, number][] = [
    ["1mo", 2_629_800],
    ["1y6mo", 47_336_400],
    ["1year-6mo", 15_778_800],
    ["1h30", 3630],
    ["1d 6h", 108_000],
    ["1M", 60],
    ["2 weeks + 1 day", 15 * 86_400],
  ];
  for (const [written, seconds] of cases) {
    assertEquals(parseDuration(written), seconds * 1000, written);
  }
});

Deno.test("parseDuration knows every unit by its short and long names", () => {
  const names = {
    1: "s ss sec secs second seconds",
    60: "m mm min mins minute minutes",
    3600: "h hh hou hour hours",
    86400: "d dd da day days",
    604800: "w ww wee week weeks",
    2629800: "mo mon month months",
    31557600: "y yy yea year years",
  };
  for (const [seconds, units] of Object.entries(names)) {
    for (const unit of units.split(" ")) {
      assertEquals(parseDuration(`2${unit}`), 2000 * Number(seconds), unit);
    }
  }
});

Deno.test("parseDuration names the unit that was meant", () => {
  assertThrows(() => parseDuration("5 weaks"), RangeError, 'did you mean "weeks"?');
  assertThrows(() => parseDuration("1 dey"), RangeError, 'did you mean "day"?');
  assertThrows(() => parseDuration("3 fortnights"), RangeError, "units are s, m, h, d, w, mo, y");
});

Deno.test("parseDuration refuses what is no length of time", () => {
  for (const nonsense of ["", " ", "m", "10m,", "--1", "1.h", "+", "ten", "1e3x", NaN]) {
    assertThrows(() => parseDuration(nonsense), RangeError, "Cannot read duration");
  }
  assertThrows(() => parseDuration(-2), RangeError, "less than nothing");
  assertThrows(() => parseDuration("1h -2h"), RangeError, "less than nothing");
  assertThrows(() => parseDuration("1001y"), RangeError, "too long");
  assertThrows(() => parseDuration(1e300), RangeError, "Cannot read duration");
});

Deno.test("parseDuration gives a length of time or a RangeError, whatever it is given", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.double(), fc.integer()), (written) => {
    try {
      const duration = parseDuration(written);
      return duration === Infinity || (Number.isSafeInteger(duration) && duration >= 0);
    } catch (error) {
      return error instanceof RangeError;
    }
  }));
});

Deno.test("formatDuration writes for people", () => {
  assertEquals(formatDuration(36 * HOUR), "1d 12h");
  assertEquals(formatDuration(600_000), "10m");
  assertEquals(formatDuration(3_661_000), "1h 1m 1s");
  assertEquals(formatDuration(1500), "1.5s");
  assertEquals(formatDuration(0), "0s");
  assertEquals(formatDuration(-5), "0s");
  assertEquals(formatDuration(Infinity), "forever");
});

Deno.test("parseDuration reads what formatDuration writes", () => {
  fc.assert(fc.property(fc.oneof(fc.nat(), fc.nat(3e13), fc.constant(Infinity)), (duration) => {
    assertEquals(parseDuration(formatDuration(duration)), duration);
  }));
});
