import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LateDates } from "../../lib/agent/late_dates.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOG = "/var/log/app.log";

Deno.test("LateDates tells of a log whose dates run with the clock hours behind it, until they do not", () => {
  const dates = new LateDates();
  const now = Date.parse("2026-11-20T12:00:00Z");
  assertEquals(dates.look(LOG, now - 5 * HOUR, now), false);
  assertEquals(dates.isDue(LOG, now + MINUTE / 2), false);
  assertEquals(dates.isDue(LOG, now + MINUTE), true);
  // Some lines are written a moment late, some have no date.
  assertEquals(dates.look(LOG, now + MINUTE - 5 * HOUR - 2_000, now + MINUTE), true);
  assertEquals(dates.look(LOG, undefined, now + 2 * MINUTE), false);
  assertEquals(dates.look("/var/log/other.log", now, now + 2 * MINUTE), false);
  assertEquals(dates.problems, [
    "/var/log/app.log: its dates are 5h behind the clock, as of another zone: set logtimezone in the jails that read it",
  ]);
  assertEquals(dates.look(LOG, now + 3 * MINUTE, now + 3 * MINUTE), true);
  assertEquals(dates.problems, []);
});

Deno.test("LateDates says nothing of logs that are old, read as a whole, or written a little late", () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: MINUTE, max: HOUR }), late: lateness() }),
  );
  fc.assert(fc.property(steps, (steps) => {
    const dates = new LateDates();
    let now = Date.parse("2026-11-20T12:00:00Z");
    let written = now - 1_000 * HOUR;
    for (const { wait, late } of steps) {
      now += wait;
      // The old log is read twice as fast as it was written.
      written += 2 * wait + MINUTE;
      dates.look("/var/log/old.log", Math.min(written, now), now);
      dates.look(LOG, now - late, now);
    }
    assertEquals(dates.problems, []);
  }));
});

function lateness() {
  return fc.integer({ min: -12 * HOUR, max: 25 * MINUTE - 1 });
}
