import { assertEquals } from "@std/assert";
import type { HistoryReport } from "../../lib/control/mod.ts";
import { MOST_LINES, Past } from "../../lib/report/past.ts";

const HOUR = 3_600_000;

/** An event of the history; `time` in hours. */
function event(time: number, rest: Partial<HistoryReport> = {}): HistoryReport {
  const date = (hours: number) => new Date(hours * HOUR).toISOString();
  return {
    time: date(time),
    event: "ban",
    reason: null,
    jail: "test",
    host: "192.0.2.7",
    since: date(time),
    until: date(time + 10),
    failures: 5,
    bans: 1,
    cause: "failures",
    lines: [`line of ${time}`],
    ...rest,
  };
}

const noNames = () => [];

Deno.test("a ban that is lifted ends then, one that runs out when it was to end", () => {
  const past = new Past(noNames, 10);
  past.take(event(1));
  past.take(event(2, { host: "192.0.2.8" }));
  past.take(event(5, { event: "unban", reason: "manual" }));
  past.take(event(12, { event: "unban", reason: "expired", host: "192.0.2.8" }));
  past.take(event(20));
  assertEquals(past.bans.map(({ until }) => until! / HOUR), [5, 12, 30]);
});

Deno.test("a ban that another takes the place of ends with the other's beginning", () => {
  const past = new Past(noNames, 10);
  past.take(event(1, { until: null }));
  past.take(event(3));
  past.take(event(3, { jail: "other" }));
  assertEquals(past.bans.map(({ until }) => until! / HOUR), [3, 13, 13]);
});

Deno.test("bans that were taken over from the firewall are not told twice", () => {
  const past = new Past(noNames, 10);
  past.take(event(1));
  past.take(event(2, { cause: "adopted" }));
  assertEquals(past.bans.length, 1);
});

Deno.test("of too many bans the oldest go, and it is known from when on they are all there", () => {
  const past = new Past(noNames, 80);
  for (let hour = 0; hour < 90; hour++) past.take(event(hour));
  assertEquals([past.bans.length, past.cutAt], [90, null]);
  past.take(event(90));
  assertEquals([past.bans.length, past.cutAt], [80, 11 * HOUR]);
  past.forgetBefore(20 * HOUR);
  assertEquals([past.bans.length, past.cutAt], [71, null]);
});

Deno.test("only the newest bans keep their line", () => {
  const past = new Past(noNames, 10_000);
  for (let hour = 0; hour < MOST_LINES + 2; hour++) past.take(event(hour));
  assertEquals(past.bans.findIndex(({ line }) => line !== null), 2);
});
