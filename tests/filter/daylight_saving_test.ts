/** Lines that are judged as they are written, across both switches of daylight saving time, and a clock that steps. */
import { assert, assertEquals } from "@std/assert";
import { compileFilter } from "../../lib/filter/filter.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { jailOf } from "../jail/settings.ts";
import { definitionOf, scanText } from "./definitions.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"] as const;

/** What a clock on the wall shows, in the forms that logs have. */
const forms: Readonly<Record<string, (part: (name: string) => string) => string>> = {
  "syslog, without year and zone": (part) =>
    `${part("month3")} ${part("day").replace(/^0/, " ")} ${part("time")} host app[1]: x `,
  "without zone": (part) => `${part("year")}-${part("month")}-${part("day")} ${part("time")} x `,
  "time only": (part) => `${part("time")} x `,
};

for (const timeZone of zones) {
  for (const [form, write] of Object.entries(forms)) {
    Deno.test(`dates ${form} in ${timeZone} are of the moment they are written at, around every switch`, () => {
      const filter = compileFilter(definitionOf({
        failregex: ["x <ADDR>$"],
        logtimezone: timeZone,
        ...(form === "time only" ? { datepattern: ["^%H:%M:%S"] } : {}),
      }));
      const wall = new Intl.DateTimeFormat("en-GB", {
        timeZone,
        dateStyle: "short",
        timeStyle: "medium",
      });
      const short = new Intl.DateTimeFormat("en-US", { timeZone, month: "short" });
      let judged = 0;
      for (
        const day of [
          "2026-03-08",
          "2026-03-29",
          "2026-04-05",
          "2026-10-04",
          "2026-10-25",
          "2026-11-01",
        ]
      ) {
        const noon = Date.parse(`${day}T12:00:00Z`);
        // A switch is at some hour of that day or the one before, wherever.
        for (let now = noon - 24 * HOUR; now <= noon; now += 7 * MINUTE) {
          const [date, time] = wall.format(now).split(", ") as [string, string];
          const [dd, mm, year] = date.split("/") as [string, string, string];
          const parts: Record<string, string> = {
            time,
            day: dd,
            month: mm,
            year,
            month3: short.format(now),
          };
          const found: Finding[] = [];
          const line = `${write((name) => parts[name]!)}192.0.2.7\n`;
          scanText(filter, line, { now, live: true }, (finding) => found.push(finding));
          assertEquals(
            found.map((finding) => finding.time - now),
            [0],
            `${line} at ${new Date(now)}`,
          );
          judged++;
        }
      }
      assert(judged > 1000);
    });
  }
}

for (const step of [-HOUR, HOUR]) {
  Deno.test(`a clock that steps by ${step / HOUR} h loses no failure that comes after it, and lets bans end`, () => {
    const filter = compileFilter(definitionOf({ failregex: ["^ failed <ADDR>$"] }));
    const jail = jailOf({ maxretry: 3, findtime: 10 * MINUTE, bantime: 10 * MINUTE });
    const start = Date.parse("2026-11-20T10:00:00Z");
    /** A failure that is written and judged at a time of the clock. */
    const failAt = (now: number) => {
      const kinds: string[] = [];
      const line = `${new Date(now).toISOString()} failed 192.0.2.7\n`;
      scanText(filter, line, { now, live: true }, (finding) => {
        if (finding.kind !== "failure") return;
        kinds.push(...jail.fail(finding).map(({ kind }) => kind));
      });
      return kinds;
    };
    assertEquals([0, 1].flatMap((minute) => failAt(start + minute * MINUTE)), []);
    jail.tick(start + MINUTE);
    const stepped = start + 2 * MINUTE + step;
    jail.tick(stepped);
    // Where the clock goes back, those of before the step are known to be of now at the latest.
    assertEquals(failAt(stepped), step < 0 ? ["ban"] : []);
    assertEquals(failAt(stepped + MINUTE), []);
    assertEquals(failAt(stepped + 2 * MINUTE), step < 0 ? [] : ["ban"]);
    const end = stepped + (step < 0 ? 10 : 12) * MINUTE;
    assertEquals(jail.tick(end - 1), []);
    assertEquals(jail.tick(end).map(({ kind }) => kind), ["unban"]);

    // The ban that ended lies ahead of a clock that is set back, and still its host is counted.
    jail.tick(end - HOUR);
    const kinds = [1, 2, 3].flatMap((minute) => failAt(end - HOUR + minute * MINUTE));
    assertEquals(kinds, ["ban"]);
    assertEquals(jail.status(end).failed.total, 8);
  });
}
