import { assertEquals } from "@std/assert";
import {
  count,
  formatSpan,
  formatTime,
  ordinal,
  spanInWords,
  table,
  withLocalTimes,
} from "../../lib/cli/render.ts";
import { printable } from "../../lib/printable.ts";

Deno.test("a span shows its two largest units", () => {
  assertEquals(formatSpan(0), "0s");
  assertEquals(formatSpan(59_400), "59s");
  assertEquals(formatSpan(3_600_000), "1h");
  assertEquals(formatSpan(7_325_000), "2h 2m");
  assertEquals(formatSpan(90_000_000), "1d 1h");
  assertEquals(formatSpan(-5), "0s");
});

Deno.test("times in the agent's words are shown in local time", () => {
  const time = formatTime(Date.UTC(2026, 10, 22, 10));
  assertEquals(withLocalTimes("logged in at 2026-11-22T10:00:00.000Z"), `logged in at ${time}`);
  assertEquals(withLocalTimes("is logged in"), "is logged in");
});

Deno.test("columns of a table line up, numbers to the right", () => {
  assertEquals(
    table([{ head: "A" }, { head: "N", align: "right" }], [["long one", 7], ["b", 12345]]),
    "A             N\nlong one      7\nb         12345",
  );
});

Deno.test("hostile text in a table cannot move the cursor", () => {
  assertEquals(table([{ head: "A" }], [["x\x1b[2Jy"]]), "A\nx\\x1b[2Jy");
});

Deno.test("printable text stays, what a terminal could act on does not", () => {
  assertEquals(printable("Größe 漢字 🪕"), "Größe 漢字 🪕");
  assertEquals(
    printable("a\x1b]0;t\x07\n\u202eb\ud800"),
    "a\\x1b]0;t\\x07\\x0a\\u{202e}b\\u{d800}",
  );
});

Deno.test("nouns follow their number", () => {
  assertEquals([count(1, "ban"), count(0, "ban"), count(2, "ban")], ["1 ban", "0 bans", "2 bans"]);
  assertEquals([count(1, "address"), count(1350, "address")], ["1 address", "1,350 addresses"]);
});

Deno.test("a span in words is rounded to its largest unit, or two", () => {
  for (
    const [span, one, two] of [
      [0, "0 seconds", "0 seconds"],
      [1_400, "1 second", "1 second"],
      [59_600, "1 minute", "1 minute"],
      [90_000, "2 minutes", "1 minute 30 seconds"],
      [3_599_000, "1 hour", "59 minutes 59 seconds"],
      [3_600_000, "1 hour", "1 hour"],
      [7_325_000, "2 hours", "2 hours 2 minutes"],
      [86_399_000, "1 day", "1 day"],
      [20 * 86_400_000 + 3_600_000, "20 days", "20 days 1 hour"],
      [-5_000, "0 seconds", "0 seconds"],
    ] as const
  ) {
    assertEquals([spanInWords(span), spanInWords(span, 2)], [one, two], String(span));
  }
});

Deno.test("ordinals are those of English", () => {
  const numbers = [1, 2, 3, 4, 11, 12, 13, 21, 22, 111, 101];
  assertEquals(
    numbers.map(ordinal),
    ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th", "101st"],
  );
});
