import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Gap, needlesOf, widest } from "../../lib/filter/literals.ts";
import { parseRegex } from "../../lib/filter/regex_ast.ts";

function needles(source: string, gap: Gap = "none"): (readonly string[])[] {
  return needlesOf(parseRegex(source).root, gap).map(({ texts }) => texts);
}

Deno.test("needles are the texts that a pattern cannot do without", () => {
  assertEquals(needles('" (?:404|403) '), [['" 404 ', '" 403 ']]);
  assertEquals(needles("^Failed \\S+ for (?:invalid )?user$"), [
    [" for user", " for invalid user"],
    ["Failed "],
  ]);
  assertEquals(needles("foo.*barbaz"), [["barbaz"], ["foo"]]);
  assertEquals(needles("x(?:yes)?z{3}"), [["xzzz", "xyeszzz"]]);
  assertEquals(needles("(?:warm|cold)+!"), [["warm", "cold"]]);
  assertEquals(needles("40[34]"), [["403", "404"]]);
  assertEquals(needles("(?<name>pass)word"), [["password"]]);
  assertEquals(needles("foo(?=bar)(?!baz)x"), [["foox"]]);
});

Deno.test("a pattern that can do without any rare text has no needles", () => {
  for (
    const source of [
      "",
      "\\S+",
      ".*",
      " ",
      "(?:foobar)?",
      "(?:foobar)*",
      "foobar|\\d+",
      "[^x]",
      "foo\\nbar",
      "(\\w)\\1",
    ]
  ) {
    assertEquals(needles(source), [], source);
  }
});

Deno.test("needles are cut where a date may have been", () => {
  assertEquals(needles('foo: "bar" baz', "nonword"), [['"bar"']]);
  assertEquals(needles('" 404 ', "nonword"), [[" 404 "]]);
  assertEquals(needles("foobar", "any"), []);
  assertEquals(needles(' - \\[\\] "foo', "brackets"), [['] "foo']]);
  assertEquals(needles('" 404 ', "brackets"), [['" 404 ']]);
  assertEquals(widest(["none", "brackets"]), "brackets");
  assertEquals(widest(["nonword", "brackets", "none"]), "nonword");
  assertEquals(widest([]), "none");
});

Deno.test("needles of a pattern that ignores case do so too", () => {
  const [choice] = needlesOf(parseRegex("(?i:Failed) Login").root, "none");
  assertEquals(choice, { texts: ["Failed Login"], ignoreCase: true });
});

/** Patterns out of all constructs, and texts that they are likely to match. */
const letters = fc.constantFrom(
  ...[
    "ab",
    "a:b",
    "b4",
    "a",
    "b",
    " ",
    ":",
    "4",
    "\\.",
    "\\x61",
    "[ab]",
    "[^b]",
    "\\d",
    "\\w",
    ".",
    "\\b",
    "A",
  ],
);
const pattern: fc.Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    letters,
    fc.array(tie("pattern"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    fc.array(tie("pattern"), { minLength: 2, maxLength: 3 }).map((parts) =>
      `(?:${parts.join("|")})`
    ),
    fc.tuple(tie("pattern"), fc.constantFrom("?", "*", "+", "{2}", "{1,2}", "{0}", "*?", "{2,}"))
      .map(([part, quantifier]) => `(?:${part})${quantifier}`),
    tie("pattern").map((part) => `(${part})`),
    tie("pattern").map((part) => `(?i:${part})`),
    tie("pattern").map((part) => `(?=${part})`),
    tie("pattern").map((part) => `(?!${part})`),
  ),
})).pattern;

Deno.test("every text that a pattern matches has one of each choice of its needles", () => {
  let matches = 0;
  const texts = fc.array(
    fc.constantFrom("ab", "a:b", "b4", "a", "b", "A", "B", " ", ":", "4", "."),
    {
      maxLength: 10,
    },
  );
  fc.assert(
    fc.property(
      pattern,
      fc.array(texts, { minLength: 20, maxLength: 20 }),
      (source, candidates) => {
        const choices = needlesOf(parseRegex(source).root, "none");
        if (choices.length === 0) return;
        const regex = new RegExp(source, "s");
        for (const text of candidates.map((parts) => parts.join(""))) {
          const match = regex.exec(text);
          if (match === null) continue;
          matches++;
          for (const { texts, ignoreCase } of choices) {
            const has = (needle: string) =>
              ignoreCase
                ? match[0].toLowerCase().includes(needle.toLowerCase())
                : match[0].includes(needle);
            assertEquals(texts.some(has), true, `${source} in ${text}`);
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
  assertEquals(matches > 100, true, `${matches}`);
});
