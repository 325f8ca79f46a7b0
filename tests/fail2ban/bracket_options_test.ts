import { assertEquals, assertThrows } from "@std/assert";
import { parseReference, parseReferences } from "../../lib/fail2ban/bracket_options.ts";
import { splitWords } from "../../lib/fail2ban/journal_words.ts";
import { ConfError } from "../../lib/fail2ban/place.ts";

const place = { file: "x.conf", line: 3 };

Deno.test("options stand in one pair of brackets or in several, in quotes or bare", () => {
  const { name, options } = parseReference(
    `sshd[mode=aggressive, a="1, [x]", b='say "so"'][c.d=5,\n e-f=]`,
    place,
  );
  assertEquals(name, "sshd");
  assertEquals(Object.fromEntries(options), {
    "mode": "aggressive",
    "a": "1, [x]",
    "b": 'say "so"',
    "c.d": "5",
    "e-f": "",
  });
});

Deno.test("references are parted by blanks and line breaks outside of brackets", () => {
  const list = parseReferences(
    `ufw[a="x y]\n z", b=1]\n  mail-whois[name=x,\n dest=y]   plain one[a=b][c=d]`,
    place,
  );
  assertEquals(list.map(({ name }) => name), ["ufw", "mail-whois", "plain", "one"]);
  assertEquals(list[0]!.options.get("a"), "x y]\n z");
  assertEquals([...list[3]!.options.keys()], ["a", "c"]);
});

Deno.test("what is wrong in brackets is an error with its place", () => {
  for (
    const text of ["x[a]", "x[a=b]c[d", "x[a=b]]", "[a=b]", `x[${" ".repeat(60_000)}`]
  ) {
    assertThrows(() => parseReference(text, place), ConfError, "x.conf:3: expected");
  }
});

Deno.test("a journalmatch is split into words as a shell does", () => {
  assertEquals(splitWords(`_A=1 + _B='x y'  "_C=a \\"b\\"" \\ d`, place), [
    "_A=1",
    "+",
    "_B=x y",
    '_C=a "b"',
    " d",
  ]);
  assertThrows(() => splitWords("_A='x", place), ConfError, "a quote is never closed");
});
