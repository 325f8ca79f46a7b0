import { assertEquals } from "@std/assert";
import type { Needles } from "../../lib/filter/literals.ts";
import { Prefilter } from "../../lib/filter/prefilter.ts";

function choice(...texts: string[]): Needles {
  return { texts, ignoreCase: false };
}

Deno.test("Prefilter accepts the lines that have a text of any pattern's choice", () => {
  const prefilter = new Prefilter([[choice("foo", "bar")], [choice("baz")]]);
  const lines = ["foo", "x", "", "xbarbar", "fo", "o", "baz", "foo"];
  assertEquals(lines.filter((line) => prefilter.accepts(line)), ["foo", "xbarbar", "baz", "foo"]);
});

Deno.test("Prefilter accepts every line where a pattern has no needles, unless the prefregex has", () => {
  assertEquals(new Prefilter([[choice("foo")], []]).needles, undefined);
  assertEquals(new Prefilter([[choice("foo")], []]).accepts("a"), true);
  assertEquals(new Prefilter([[choice("foo")], []], [choice("bar")]).needles, choice("bar"));
});

Deno.test("Prefilter takes letters in either case where a pattern does", () => {
  const prefilter = new Prefilter([[{ texts: ["foo"], ignoreCase: true }], [choice("Bar")]]);
  assertEquals(["FOO", "Bar", "x"].map((line) => prefilter.accepts(line)), [true, true, false]);
});

Deno.test("Prefilter learns from the first lines which choice is rare, however they are cut into blocks", () => {
  for (const size of [1, 7, 499, 500]) {
    const prefilter = new Prefilter([[choice("common"), choice("rare")]]);
    for (let lines = 0; lines < 500; lines += size) {
      assertEquals([prefilter.isLearning, prefilter.accepts("common")], [true, true]);
      prefilter.learn("common\n".repeat(size));
    }
    assertEquals([prefilter.isLearning, prefilter.accepts("common")], [false, false]);
    assertEquals(prefilter.needles, choice("rare"));
  }
});
