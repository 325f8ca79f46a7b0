import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DateDetector } from "../../lib/filter/date.ts";
import { FilterError } from "../../lib/filter/filter.ts";
import { zoneNamed } from "../../lib/filter/zone.ts";
import { explain, hosts, NOW, scan } from "./definitions.ts";

interface Options {
  readonly patterns?: readonly string[];
  readonly zone?: string;
  readonly now?: number;
}

/** The ISO time of a line's date, and the line with the date cut out. */
function find(line: string, { patterns = [], zone = "UTC", now = NOW }: Options = {}) {
  const found = new DateDetector(patterns, zoneNamed(zone)).find(line, now);
  if (found === undefined) return undefined;
  const time = found.time === undefined
    ? undefined
    : new Date(found.time).toISOString().replace(".000", "");
  return [time, line.slice(0, found.start) + line.slice(found.end)];
}

function timeOf(line: string, options: Options = {}) {
  return find(line, options)?.[0];
}

Deno.test("every usual format is found, read and cut out", () => {
  const formats: Readonly<Record<string, string>> = {
    "2026-11-19 10:00:05 x": "2026-11-19T10:00:05Z",
    "2026/11/19 10:00:05 x": "2026-11-19T10:00:05Z",
    "2026.11.19 10:00:05 x": "2026-11-19T10:00:05Z",
    "2026-11-19T10:00:05.123456+01:00 x": "2026-11-19T09:00:05Z",
    "2026-11-19T10:00:05.123456789Z x": "2026-11-19T10:00:05Z",
    "2026-11-19 10:00:05,123 -0530 x": "2026-11-19T15:30:05Z",
    "Nov 19 10:00:05 x": "2026-11-19T10:00:05Z",
    "Nov  9 10:00:05 x": "2026-11-09T10:00:05Z",
    "Thu Nov 19 10:00:05 x": "2026-11-19T10:00:05Z",
    "Thu Nov 19 10:00:05.123456 2020 x": "2020-11-19T10:00:05Z",
    "Nov 19 2020 10:00:05 x": "2020-11-19T10:00:05Z",
    "19/11/2020 10:00:05 x": "2020-11-19T10:00:05Z",
    "19-11-20 10:00:05 x": "2020-11-19T10:00:05Z",
    " 5/11/2020 10:00:05 x": "2020-11-05T10:00:05Z",
    "19/Nov/2020:10:00:05 +0100 x": "2020-11-19T09:00:05Z",
    "19-Nov-2020 10:00:05.123 x": "2020-11-19T10:00:05Z",
    "11/19/2020:10:00:05 x": "2020-11-19T10:00:05Z",
    "11-19-2020 10:00:05.123 x": "2020-11-19T10:00:05Z",
    "11/19/2020 10:00:05 x": "2020-11-19T10:00:05Z",
    "1605780005 x": "2020-11-19T10:00:05Z",
    "1605780005.125 x": "2020-11-19T10:00:05.125Z",
    "10:00:05 x": "2026-11-20T10:00:05Z",
    "<11/19/20@10:00:05> x": "2020-11-19T10:00:05Z",
    "201119 10:00:05 x": "2020-11-19T10:00:05Z",
    "201119  1:00:05 x": "2020-11-19T01:00:05Z",
    "Nov 19, 2020 10:00:05 PM x": "2020-11-19T22:00:05Z",
    "Nov 19, 2020 12:00:05 AM x": "2020-11-19T00:00:05Z",
    "Nov-19-20 10:00:05 x": "2020-11-19T10:00:05Z",
    "20201119T100005Z x": "2020-11-19T10:00:05Z",
    "20201119-10:00:05 x": "2020-11-19T10:00:05Z",
    "20201119100005 x": "2020-11-19T10:00:05Z",
    "CET Nov 19 10:00:05 x": "2026-11-19T09:00:05Z",
    "+0200 Nov 19 10:00:05 2020 x": "2020-11-19T08:00:05Z",
    "@400000005fb64125075bcd15 x": "2020-11-19T09:55:49Z",
  };
  for (const [line, time] of Object.entries(formats)) assertEquals(find(line), [time, " x"], line);
});

Deno.test("a date is cut out of the middle of a line, and what stands around it stays", () => {
  const time = "2026-11-19T10:00:05Z";
  assertEquals(find("[2026-11-19T10:00:05Z] x"), [time, "[] x"]);
  assertEquals(find("192.0.2.7 - - [19/Nov/2026:10:00:05 +0000] x"), [time, "192.0.2.7 - - [] x"]);
  assertEquals(find('{"level":"info","ts":1795082405.5,"x":1}'), [
    "2026-11-19T10:00:05.500Z",
    '{"level":"info","ts":,"x":1}',
  ]);
  assertEquals(find("type=USER_AUTH msg=audit(1795082405.123:42): x"), [
    "2026-11-19T10:00:05.123Z",
    "type=USER_AUTH msg=audit(:42): x",
  ]);
  assertEquals(find("[1795082405] x"), [time, "[] x"]);
});

Deno.test("no date is found inside a number or a word", () => {
  for (
    const line of [
      "x2026-11-19 10:00:05",
      "2026-11-19 10:00:05x",
      "2026-11-19 10:00:050",
      "x 1605780005 x",
      "16057800051234 x",
      "root@400000005fb64125075bcd15",
      "x 10:00:05 x",
      "12026-11-19 10:00",
    ]
  ) assertEquals(find(line), undefined, line);
});

Deno.test("the leftmost date wins over whatever stands further on", () => {
  const line = (date: string) =>
    `192.0.2.7 - - [${date}] "GET /?2020-01-01T00:00:00Z Jan 1 00:00:00 1577836800 HTTP/1.1"`;
  for (
    const date of ["19/Nov/2026:10:00:05 +0000", "2026-11-19 10:00:05", "Thu Nov 19 10:00:05 2026"]
  ) {
    assertEquals(timeOf(line(date)), "2026-11-19T10:00:05Z", date);
  }
});

Deno.test("of formats that fit at the same place, the one preferred last wins", () => {
  const dates = new DateDetector([], zoneNamed("UTC"));
  const read = (line: string) => {
    const found = dates.find(line, NOW)!;
    dates.prefer(found);
    return new Date(found.time!).toISOString().slice(0, 10);
  };
  assertEquals(read("03-04-2026 10:00:00"), "2026-04-03");
  assertEquals(read("04-25-2026 10:00:00"), "2026-04-25");
  assertEquals(read("03-04-2026 10:00:00"), "2026-03-04");
  assertEquals(read("25-04-2026 10:00:00"), "2026-04-25");
  assertEquals(read("03-04-2026 10:00:00"), "2026-04-03");
});

Deno.test("a date without a year is at most a day ahead", () => {
  const newYear = { now: Date.parse("2027-01-01T00:00:10Z") };
  assertEquals(timeOf("Dec 31 23:59:50 x", newYear), "2026-12-31T23:59:50Z");
  assertEquals(timeOf("Jan  1 00:00:05 x", newYear), "2027-01-01T00:00:05Z");
  assertEquals(timeOf("Jan  1 23:00:00 x", newYear), "2027-01-01T23:00:00Z");
  assertEquals(timeOf("Jan  3 00:00:05 x", newYear), "2026-01-03T00:00:05Z");
  const zone = "Asia/Tokyo";
  assertEquals(
    timeOf("Jan  1 08:00:00 x", { zone, now: Date.parse("2026-12-31T23:30:00Z") }),
    "2026-12-31T23:00:00Z",
  );
});

Deno.test("29 February without a year is of the year that had one", () => {
  assertEquals(
    timeOf("Feb 29 10:00:00 x", { now: Date.parse("2028-03-01T00:00:00Z") }),
    "2028-02-29T10:00:00Z",
  );
  assertEquals(
    timeOf("Feb 29 10:00:00 x", { now: Date.parse("2029-01-01T00:00:00Z") }),
    "2028-02-29T10:00:00Z",
  );
  assertEquals(find("Feb 29 10:00:00 x", { now: Date.parse("2026-03-01T00:00:00Z") }), [
    undefined,
    " x",
  ]);
});

Deno.test("a time without a date is today's, or yesterday's if it is yet to come", () => {
  const now = Date.parse("2026-11-20T00:30:00Z");
  assertEquals(timeOf("00:10:00 x", { now }), "2026-11-20T00:10:00Z");
  assertEquals(timeOf("23:50:00 x", { now }), "2026-11-19T23:50:00Z");
  assertEquals(timeOf("09:20:00 x", { now, zone: "Asia/Tokyo" }), "2026-11-20T00:20:00Z");
});

Deno.test("a date that does not exist has no time", () => {
  assertEquals(find("2026-02-30 10:00:00 x"), [undefined, " x"]);
  assertEquals(find("31/Apr/2026:10:00:00 +0000 x"), [undefined, " x"]);
  for (
    const line of [
      "2026-13-01 10:00:00 x",
      "2026-01-32 10:00:00 x",
      "2026-01-01 24:00:00 x",
      "0000-01-01 10:00:00 x",
    ]
  ) {
    assertEquals(find(line), undefined, line);
  }
  assertEquals(timeOf("0050-01-01 x", { patterns: ["%Y-%m-%d"] }), "0050-01-01T00:00:00Z");
});

Deno.test("a leap second is the second after", () => {
  assertEquals(timeOf("2016-12-31T23:59:60Z x"), "2017-01-01T00:00:00Z");
});

Deno.test("zones: by name, by abbreviation, by offset, with daylight saving time", () => {
  const time = (zone: string, line = "2026-07-01 12:00:00 x") => timeOf(line, { zone });
  assertEquals(time("Europe/Zurich"), "2026-07-01T10:00:00Z");
  assertEquals(
    time("Europe/Zurich", "2026-12-01 12:00:00 x"),
    "2026-12-01T11:00:00Z",
  );
  assertEquals(time("CET"), "2026-07-01T11:00:00Z");
  assertEquals(time("+0545"), "2026-07-01T06:15:00Z");
  assertEquals(time("-03:30"), "2026-07-01T15:30:00Z");
  assertEquals(time("UTC+0100"), "2026-07-01T11:00:00Z");
  assertEquals(time("GMT"), "2026-07-01T12:00:00Z");
  assertEquals(time("Asia/Tokyo", "2026-07-01 12:00:00 +0000 x"), "2026-07-01T12:00:00Z");
  assertThrows(() => zoneNamed("Europe/Nowhere"), FilterError, "there is no zone");
  assertThrows(() => zoneNamed("+9999"), FilterError, "there is no zone");
});

Deno.test("a time that clocks skip is the one an hour later", () => {
  assertEquals(timeOf("2026-03-29 02:30:00 x", { zone: "Europe/Berlin" }), "2026-03-29T01:30:00Z");
  assertEquals(timeOf("2026-03-29 01:59:59 x", { zone: "Europe/Berlin" }), "2026-03-29T00:59:59Z");
  assertEquals(timeOf("2026-03-29 03:00:00 x", { zone: "Europe/Berlin" }), "2026-03-29T01:00:00Z");
});

Deno.test("a time that clocks show twice is the second one, unless that is yet to come", () => {
  const zone = "Europe/Berlin";
  const line = "2026-10-25 02:30:00 x";
  assertEquals(
    timeOf(line, { zone, now: Date.parse("2026-10-25T00:30:05Z") }),
    "2026-10-25T00:30:00Z",
  );
  assertEquals(
    timeOf(line, { zone, now: Date.parse("2026-10-25T01:30:05Z") }),
    "2026-10-25T01:30:00Z",
  );
  assertEquals(timeOf("2026-10-25 01:59:59 x", { zone }), "2026-10-24T23:59:59Z");
  assertEquals(timeOf("2026-10-25 03:00:00 x", { zone }), "2026-10-25T02:00:00Z");
});

Deno.test("local times are what the zone's clock shows, for every zone and instant", () => {
  const zones = fc.constantFrom(
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
  );
  const instants = fc.integer({ min: Date.parse("2000-01-01"), max: Date.parse("2037-01-01") });
  fc.assert(fc.property(zones, instants, (name, instant) => {
    const zone = zoneNamed(name);
    const read = zone.toInstant(zone.toLocal(instant), instant);
    assertEquals(zone.toLocal(read), zone.toLocal(instant));
    const shown = new Temporal.ZonedDateTime(BigInt(instant) * 1_000_000n, name).toPlainDateTime();
    assertEquals(zone.toLocal(instant), shown.toZonedDateTime("UTC").epochMilliseconds);
  }));
});

Deno.test("dates of the same minute are read as those of another one are", () => {
  const dates = new DateDetector([], zoneNamed("UTC"));
  const times = fc.tuple(
    fc.integer({
      min: Date.parse("2026-11-20T09:58:00Z") / 1000,
      max: Date.parse("2026-11-20T10:02:00Z") / 1000,
    }),
    fc.constantFrom("", ".123456", ",5"),
    fc.constantFrom("", "Z", "+00:00", " +0000", "+01:00"),
    fc.constantFrom("T", " "),
    fc.constantFrom("", "[", "x "),
  );
  fc.assert(fc.property(times, ([seconds, fraction, zone, separator, before]) => {
    const iso = new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", separator);
    const found = dates.find(`${before}${iso}${fraction}${zone} x`, NOW);
    assertEquals(found?.time, seconds * 1000 - (zone === "+01:00" ? 3_600_000 : 0));
    assertEquals([found?.start, found?.end], [
      before.length,
      (before + iso + fraction + zone).length,
    ]);
  }));
});

Deno.test("datepattern: words", () => {
  const both = (line: string, ...patterns: string[]) => find(line, { patterns });
  assertEquals(both("2026-11-19 10:00:05 x", "^{DATE}"), ["2026-11-19T10:00:05Z", " x"]);
  assertEquals(both("x 2026-11-19 10:00:05", "^{DATE}"), undefined);
  assertEquals(both("[19/Nov/2026:10:00:05 +0000] x", "^\\[{DATE}\\]"), [
    "2026-11-19T10:00:05Z",
    " x",
  ]);
  assertEquals(both("[19/Nov/2026:10:00:05 +0000] x", "^\\[({DATE})\\]"), [
    "2026-11-19T10:00:05Z",
    "[] x",
  ]);
  const bracketed = new DateDetector(["\\[(%Y-%m-%d %H:%M)\\]"], zoneNamed("UTC"));
  const { start, end } = bracketed.find("x [2026-11-19 10:00] y", NOW)!;
  assertEquals([bracketed.gap, start, end], ["brackets", 3, 19]);
  for (const other of ["\\[(%Y)-%m\\]", "^\\[(%Y)\\]", "\\[(%Y)\\)", "\\[(%Y)\\]?"]) {
    assertEquals(new DateDetector([other], zoneNamed("UTC")).gap, "any", other);
  }
  assertEquals(both("[2026-11-19 10:00:05] x", "{^LN-BEG}"), ["2026-11-19T10:00:05Z", "[] x"]);
  assertEquals(both("x 2026-11-19 10:00:05", "{^LN-BEG}"), undefined);
  assertEquals(both("[1605780005] x", "{^LN-BEG}EPOCH"), ["2020-11-19T10:00:05Z", "[] x"]);
  assertEquals(both("1605780005 x", "{EPOCH}"), ["2020-11-19T10:00:05Z", " x"]);
  assertEquals(both("x audit(1605780005.5:1)", "EPOCH"), [
    "2020-11-19T10:00:05.500Z",
    "x audit(:1)",
  ]);
  assertEquals(both("x 1605780005 x", "EPOCH"), undefined, "any number could be some");
  assertEquals(both("x 1605780005 x", "{EPOCH}"), ["2020-11-19T10:00:05Z", "x  x"]);
  assertEquals(both("x1605780005x (1605780006)", "{epoch}"), [
    "2020-11-19T10:00:06Z",
    "x1605780005x ()",
  ]);
  assertEquals(both("1605780005123 x", "LEPOCH"), ["2020-11-19T10:00:05.123Z", " x"]);
  assertEquals(both("[1605780005123456] x", "LEPOCH"), ["2020-11-19T10:00:05.123Z", "[] x"]);
  assertEquals(both('{"ts":1605780005,"x":1}', '"ts":{EPOCH}'), [
    "2020-11-19T10:00:05Z",
    '{,"x":1}',
  ]);
  assertEquals(both("2026-11-19 10:00:05 x", "{NONE}"), undefined);
  assertEquals(both("x2026-11-19 10:00:05x", "{UNB}%Y-%m-%d %H:%M:%S"), [
    "2026-11-19T10:00:05Z",
    "xx",
  ]);
  assertEquals(both("x2026-11-19 10:00:05x", "**%Y-%m-%d %H:%M:%S**"), [
    "2026-11-19T10:00:05Z",
    "xx",
  ]);
  assertEquals(both("a 2020-01-01 00:00:00 b 19.11.2026 1h", "%d\\.%m\\.%Y %kh", "{DEFAULT}"), [
    "2026-11-19T01:00:00Z",
    "a 2020-01-01 00:00:00 b ",
  ]);
});

Deno.test("datepattern: codes", () => {
  const time = (line: string, pattern: string) => timeOf(line, { patterns: [pattern] });
  assertEquals(time("x 19.11.26 1:02:03 x", "%d\\.%m\\.%y %H:%M:%S"), "2026-11-19T01:02:03Z");
  assertEquals(
    time("thursday, 19 november 2026, 3:04 pm", "%A, %d %B %Y, %I:%M %p"),
    "2026-11-19T15:04:00Z",
  );
  assertEquals(time("2026-323 10:00", "%Y-%j %H:%M"), "2026-11-19T10:00:00Z");
  assertEquals(time("2026 46 4", "%Y %W %w"), "2026-11-19T00:00:00Z");
  assertEquals(time("Thu Nov 19 10:00:05 2026", "%c"), "2026-11-19T10:00:05Z");
  assertEquals(time("100% 2026-11-19", "%% %Y-%m-%d"), "2026-11-19T00:00:00Z");
  assertEquals(time("2026-11-19 10:00:05 EST", "%Y-%m-%d %H:%M:%S %Z"), "2026-11-19T15:00:05Z");
  assertEquals(
    time("2026-11-19 10:00:05 UTC+01", "%Y-%m-%d %H:%M:%S %Exz"),
    "2026-11-19T09:00:05Z",
  );
  assertEquals(
    time("2026-11-19 10:00:05 CET+02", "%Y-%m-%d %H:%M:%S %ExZ"),
    "2026-11-19T09:00:05Z",
  );
  assertEquals(time("x=(19/11/2026) y", "x=\\((%d/%m/%Y)\\)"), "2026-11-19T00:00:00Z");
});

Deno.test("datepattern: what is wrong is said", () => {
  const message = (pattern: string) =>
    assertThrows(() => new DateDetector([pattern], zoneNamed("UTC")), FilterError).message;
  assertEquals(message("%Y-%Q").includes("%Q is no date code"), true);
  assertEquals(message("foo").includes("says no time"), true);
  assertEquals(message("(%Y").includes("Unterminated group"), true);
});

Deno.test("a text of the pattern may straddle the date that was cut out", () => {
  const line = 'from 192.0.2.7 " 2026-11-20 10:00:00 404 ';
  assertEquals(explain({ failregex: ['^from <ADDR> "  404 $'] }, line).outcome, "matched");
  assertEquals(hosts(scan({ failregex: ['^from <ADDR> "  404 $'] }, [line])), ["192.0.2.7"]);
  const unbounded = { failregex: ["^from <ADDR> foobar$"], datepattern: ["{UNB}%Y-%m-%d"] };
  assertEquals(hosts(scan(unbounded, ["from 192.0.2.7 foo2026-11-20bar"])), ["192.0.2.7"]);
});

Deno.test("datepattern: a group may be referred to, so that separators are alike", () => {
  const time = (line: string, pattern: string) => timeOf(line, { patterns: [pattern] });
  const pattern = "^%Y(?<sep>[-/])%m\\k<sep>%d %H:%M:%S";
  assertEquals(time("2026/11/19 10:00:05 x", pattern), "2026-11-19T10:00:05Z");
  assertEquals(time("2026-11-19 10:00:05 x", pattern), "2026-11-19T10:00:05Z");
  assertEquals(time("2026-11/19 10:00:05 x", pattern), undefined);
  assertEquals(time("-19/11-2026 x", "(([-/])%d/%m\\2%Y)"), "2026-11-19T00:00:00Z");
});

Deno.test("datepattern: a leading flag makes letters' case alike", () => {
  const time = (line: string, pattern: string) => timeOf(line, { patterns: [pattern] });
  assertEquals(time("at 2026-11-19 X", "(?i)AT %Y-%m-%d x"), "2026-11-19T00:00:00Z");
  assertEquals(time("2026-11-19T10:00:05z", "(?iu)%Y-%m-%dt%H:%M:%S%z"), "2026-11-19T10:00:05Z");
});

Deno.test("datepattern: an empty group says that such lines have no date, and nothing is cut", () => {
  const dates = new DateDetector(["^%Y-%m-%d", "^WARNING:()**"], zoneNamed("UTC"));
  const found = dates.find("WARNING: 2026-11-19", NOW);
  assertEquals([found?.start, found?.end, found?.time], [8, 8, undefined]);
  const parts = {
    datepattern: ["^%Y-%m-%d %H:%M:%S", "^WARNING:()**"],
    failregex: ["^WARNING: <ADDR>"],
  };
  const [failure] = scan(parts, [
    "2026-11-19 10:00:05 started",
    "WARNING: 192.0.2.7 2026-11-18 10:00:00",
  ]);
  assertEquals(failure?.time, Date.parse("2026-11-19T10:00:05Z"));
});
