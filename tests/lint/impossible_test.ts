import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRegex } from "../../lib/filter/regex_ast.ts";
import { whyImpossible } from "../../lib/lint/impossible.ts";

const isImpossible = (pattern: string) => whyImpossible(parseRegex(pattern).root) !== undefined;

Deno.test("whyImpossible finds patterns that want text before the line's start or behind its end", () => {
  for (const pattern of ["a^b", "(?:a+)^", "a$b", "(?:a$)b", "^(?:x|y)(?:^a|^b)", "\\d{2}^"]) {
    assert(isImpossible(pattern), pattern);
  }
});

Deno.test("whyImpossible finds patterns that want a line end or no character at all", () => {
  for (const pattern of ["a\\nb", "a[\\n]", "a(?:\\n|[])", "[]"]) {
    assert(isImpossible(pattern), pattern);
  }
});

Deno.test("whyImpossible has nothing against what may be missing, or has another way", () => {
  for (
    const pattern of ["a?^b", "a*^b", "(?:a^|)b", "a(?:$|b)", "^$", "a\\n?", "[\\n ]", "(?:^|a)b"]
  ) {
    assertEquals(isImpossible(pattern), false, pattern);
  }
});

Deno.test("whyImpossible is right: what it finds matches no line", () => {
  const atom = fc.constantFrom("a", "b", "^", "$", "[]", "\\n", "[ab]", "\\b");
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie("pattern"), tie("pattern")).map((both) => both.join("")),
      fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(tie("pattern"), fc.constantFrom("?", "*", "+", "{2}")).map(([a, q]) =>
        `(?:${a})${q}`
      ),
    ),
  }));
  fc.assert(fc.property(pattern, fc.stringMatching(/^[ab ]{0,6}$/), (source, line) => {
    fc.pre(isImpossible(source));
    assertEquals(new RegExp(source, "s").test(line), false, `${source} on ${line}`);
  }));
});
