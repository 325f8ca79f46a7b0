import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FirstCharacters } from "../../lib/filter/first_characters.ts";
import { parseRegex } from "../../lib/filter/regex_ast.ts";

function patternsFor(patterns: readonly string[], text: string): readonly number[] {
  const roots = patterns.map((pattern) => parseRegex(pattern).root);
  return new FirstCharacters(roots).patternsFor(text.charCodeAt(0));
}

Deno.test("FirstCharacters leaves out the patterns that begin with another character", () => {
  const patterns = ["^Failed", "^(?:error|fatal)", "^[aF]", "^x?F", "^x*", "Failed", "^é", "^\\W"];
  assertEquals(patternsFor(patterns, "Failed"), [0, 2, 3, 4, 5]);
  assertEquals(patternsFor(patterns, "fatal"), [1, 4, 5]);
  assertEquals(patternsFor(patterns, "é"), [4, 5, 6, 7]);
  assertEquals(patternsFor(patterns, ""), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("FirstCharacters never leaves out a pattern that matches", () => {
  const atom = fc.constantFrom(
    ...["a", "B", ".", "\\d", "\\W", "[^a]", "[b-z]", "\\x61", "é", "\\u2028", "^", "$", "\\b"],
    ...["(a)", "(?i:a)", "(?:a|B)", "(?:|B)", "(?:^|B)", "(?=B)", "(?!a)", "(?<=a)", "\\1", "|"],
    ...["(?:(?i:b)a)", "(?m:^a)", "(?:a|(?i:é))"],
  );
  const quantifier = fc.constantFrom("", "", "?", "*", "{0}", "{2}", "+?");
  const isPlain = (atom: string) => !/^(?:[\^$|]|\\b|\(\?<?[=!].*)$/.test(atom);
  const piece = fc.tuple(atom, quantifier).map(([atom, quantifier]) =>
    isPlain(atom) ? atom + quantifier : atom
  );
  const pattern = fc.tuple(
    fc.constantFrom("^", "^", "^(a)?", ""),
    fc.array(piece, { maxLength: 4 }),
  )
    .map(([start, pieces]) => start + pieces.join(""));
  const text = fc.string({ unit: fc.constantFrom(..."aAbBé1 \n\u2028"), maxLength: 4 });
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      if (new RegExp(pattern, "s").test(text)) {
        assert(patternsFor([pattern], text).includes(0), `${pattern} matches`);
      }
    }),
    { numRuns: 20_000 },
  );
});
