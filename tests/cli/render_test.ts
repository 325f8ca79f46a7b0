import { assertEquals } from "@std/assert";
import { count, formatSpan, table } from "../../lib/cli/render.ts";
import { printable } from "../../lib/printable.ts";

Deno.test("a span shows its two largest units", () => {
  assertEquals(formatSpan(0), "0s");
  assertEquals(formatSpan(59_400), "59s");
  assertEquals(formatSpan(3_600_000), "1h");
  assertEquals(formatSpan(7_325_000), "2h 2m");
  assertEquals(formatSpan(90_000_000), "1d 1h");
  assertEquals(formatSpan(-5), "0s");
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
});
