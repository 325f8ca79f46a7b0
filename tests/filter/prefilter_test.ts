import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Needles } from "../../lib/filter/literals.ts";
import { Prefilter } from "../../lib/filter/prefilter.ts";

function choice(...texts: string[]): Needles {
  return { texts, ignoreCase: false };
}

function candidates(prefilter: Prefilter, block: string): string[] {
  const visited: string[] = [];
  for (let found = prefilter.first(block); found; found = prefilter.next(block)) {
    visited.push(block.slice(prefilter.start, prefilter.end));
  }
  return visited;
}

Deno.test("Prefilter visits the lines that have a text of every pattern's choice", () => {
  const prefilter = new Prefilter([[choice("foo", "bar")], [choice("baz")]]);
  const block = "foo\nx\n\nxbarbar\r\nfo\no\nbaz";
  assertEquals(candidates(prefilter, block), ["foo", "xbarbar\r", "baz"]);
});

Deno.test("Prefilter visits lines that are far apart", () => {
  const block = "x\n".repeat(2345) + "foo\n" + "\n".repeat(3000) + "afoo\n" + "y\n".repeat(1500);
  assertEquals(candidates(new Prefilter([[choice("foo")]]), block), ["foo", "afoo"]);
});

Deno.test("Prefilter goes to the line behind where it is told to", () => {
  const prefilter = new Prefilter([[choice("foo")]]);
  const block = "a foo\nb\n\nfoo\n";
  prefilter.first(block);
  const followed: string[] = [];
  while (prefilter.follow(block)) followed.push(block.slice(prefilter.start, prefilter.end));
  assertEquals(followed, ["b", "", "foo"]);
});

Deno.test("Prefilter visits every line where a pattern has no needles, unless the prefregex has", () => {
  assertEquals(candidates(new Prefilter([[choice("foo")], []]), "a\nfoo\n"), ["a", "foo"]);
  assertEquals(candidates(new Prefilter([[choice("foo")], []], [choice("foo")]), "a\nfoo\n"), [
    "foo",
  ]);
});

Deno.test("Prefilter takes letters in either case where a pattern does", () => {
  const prefilter = new Prefilter([[{ texts: ["foo"], ignoreCase: true }], [choice("Bar")]]);
  assertEquals(candidates(prefilter, "FOO\nBar\nx\n"), ["FOO", "Bar"]);
});

Deno.test("Prefilter learns from the first lines which choice is rare", () => {
  const prefilter = new Prefilter([[choice("common"), choice("rare")]]);
  assertEquals(candidates(prefilter, "common\n".repeat(499)).length, 499);
  assertEquals(candidates(prefilter, "common\n".repeat(3) + "common rare\n"), ["common rare"]);
  assertEquals(prefilter.accepts("common"), false);
});

Deno.test("Prefilter visits the same lines however a log is cut into blocks", () => {
  const line = fc.array(fc.constantFrom("foo", "bar", "f", "o", "b", " ", "\r"), { maxLength: 5 })
    .map((parts) => `${parts.join("")}\n`);
  fc.assert(
    fc.property(
      fc.array(line),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      (lines, sizes) => {
        const wanted = lines.map((line) => line.slice(0, -1)).filter((line) =>
          /foo|bar/.test(line)
        );
        const prefilter = new Prefilter([[choice("foo"), choice("fo")], [choice("bar")]]);
        const found: string[] = [];
        for (let at = 0, size; at < lines.length; at += size) {
          size = sizes.next().value!;
          found.push(...candidates(prefilter, lines.slice(at, at + size).join("")));
        }
        assertEquals(found, wanted);
      },
    ),
  );
});
