import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseToml, TomlError } from "../../lib/config/toml.ts";

const SAMPLE = `# a comment
title = "x"

[sshd]
enabled = true
  ports = ["ssh",
           2222]
inline = { a = { b = 1 } }
dotted.key = 3

[[samples]]
line = 'a'
[[samples]]
line = 'b'
`;

Deno.test("parseToml gives the values", () => {
  assertEquals(parseToml(SAMPLE).value, {
    title: "x",
    sshd: { enabled: true, ports: ["ssh", 2222], inline: { a: { b: 1 } }, dotted: { key: 3 } },
    samples: [{ line: "a" }, { line: "b" }],
  });
});

Deno.test("locate finds keys and values, tables and elements", () => {
  const { locate } = parseToml(SAMPLE);
  const at = (line: number, column: number) => ({ line, column });
  assertEquals(locate(["title"], "key"), at(2, 1));
  assertEquals(locate(["title"]), at(2, 9));
  assertEquals(locate(["sshd"], "key"), at(4, 2));
  assertEquals(locate(["sshd", "ports"], "key"), at(6, 3));
  assertEquals(locate(["sshd", "ports", 1]), at(7, 12));
  assertEquals(locate(["sshd", "inline", "a", "b"], "key"), at(8, 18));
  assertEquals(locate(["sshd", "inline", "a", "b"]), at(8, 22));
  assertEquals(locate(["sshd", "dotted"], "key"), at(9, 1));
  assertEquals(locate(["sshd", "dotted", "key"], "key"), at(9, 8));
  assertEquals(locate(["samples", 1, "line"]), at(14, 8));
});

Deno.test("locate of what is not there finds what it would be in", () => {
  const { locate } = parseToml(SAMPLE);
  assertEquals(locate(["sshd", "ports", 7]), { line: 6, column: 11 });
  assertEquals(locate(["nothing"]), { line: 1, column: 1 });
});

Deno.test("parseToml says where a document is wrong", () => {
  const cases: readonly [string, number, number][] = [
    ["a = 1\nb =", 2, 4],
    ["a = 1\na = 2", 2, 1],
    ["[a]\n\n[a]", 3, 2],
    ["a = 'x", 1, 7],
    ["a = {\n b = 1 }", 2, 2],
  ];
  for (const [text, line, column] of cases) {
    const error = assertThrows(() => parseToml(text), TomlError, "Cannot read TOML");
    assertEquals(error.position, { line, column }, text);
  }
});

Deno.test("what is no value in TOML is told with what would be", () => {
  for (const text of ["a = yes", "a = True", "a = `x`"]) {
    assertThrows(() => parseToml(text), TomlError, "as the value true, false, a number or text");
  }
});

Deno.test("parseToml reads a byte order mark over", () => {
  assertEquals(parseToml("\uFEFFa = 1").value, { a: 1 });
});

Deno.test("parseToml keeps names that JavaScript's objects have", () => {
  const { value } = parseToml("[__proto__]\nenabled = true\n[constructor]\n");
  assertEquals(Object.keys(value), ["__proto__", "constructor"]);
  assertEquals(({} as Record<string, unknown>)["enabled"], undefined);
});

Deno.test("parseToml refuses hostile documents instead of dying of them", () => {
  const hostile = {
    lists: `a = ${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    openLists: `a = ${"[".repeat(500_000)}`,
    tables: `a = ${"{b=".repeat(10_000)}1${"}".repeat(10_000)}`,
    dots: `a.${"b.".repeat(100_000)}c = 1`,
    headers: `[a.${"b.".repeat(100_000)}c]`,
    text: `a = "${"x".repeat(1_000_000)}"`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    assertThrows(() => parseToml(text), TomlError, "Cannot read TOML", name);
  }
});

Deno.test("parseToml gives a document or a TomlError for any text", () => {
  const words = fc.constantFrom(
    "a",
    "=",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "'",
    '"',
    "\n",
    " ",
    "1",
    "#",
    "é",
    "\0",
    "\\u",
  );
  fc.assert(
    fc.property(fc.array(words).map((parts) => parts.join("")), (text) => {
      try {
        return typeof parseToml(text).value === "object";
      } catch (error) {
        return error instanceof TomlError && error.position.line >= 1 && error.position.column >= 1;
      }
    }),
    { numRuns: 500 },
  );
});
