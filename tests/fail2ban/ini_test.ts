import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseIni } from "../../lib/fail2ban/ini.ts";
import { ConfError } from "../../lib/fail2ban/place.ts";

function read(text: string) {
  const sections: Record<string, Record<string, string>> = {};
  for (const [name, section] of parseIni("x.conf", text)) {
    sections[name] = Object.fromEntries([...section].map(([key, { text }]) => [key, text]));
  }
  return sections;
}

Deno.test("options stand in sections, after = or :, with names in lower case", () => {
  assertEquals(read("[A b]\nOne = 1\ntwo: a=b\nthree=\n[a b]\nx = é\n"), {
    "A b": { one: "1", two: "a=b", three: "" },
    "a b": { x: "é" },
  });
});

Deno.test("deeper lines continue a value, and blank lines in it are kept", () => {
  assertEquals(read("[a]\nx = 1\n  2\n\n\t3 = z\n\n\ny = 4\n"), {
    a: { x: "1\n2\n\n3 = z", y: "4" },
  });
  assertEquals(read("[a]\n  x = 1\n   2\n  y = 4\n"), { a: { x: "1\n2", y: "4" } });
});

Deno.test("comments begin with # or ; at the line's start, and with ; behind a blank", () => {
  assertEquals(read("# c\n; c\n[a] ; c\nx = 1 ; c\n  # c\n  2 # no ;no \\;\ny = a;b\n"), {
    a: { x: "1\n2 # no", y: "a;b" },
  });
});

Deno.test("every option knows its line", () => {
  const section = parseIni("x.conf", "[a]\n\nx = 1\n  2\r\ny = 3").get("a")!;
  assertEquals(section.get("x")!.place, { file: "x.conf", line: 3 });
  assertEquals(section.get("y")!.place, { file: "x.conf", line: 5 });
});

for (
  const [text, message] of [
    ["x = 1", "x.conf:1: an option stands before the first section: write [NAME] above it"],
    ["[a]\nx = 1\nX = 2", "x.conf:3: the option `x` is there twice in [a]: remove one"],
    ["[a]\n[a]", "x.conf:2: the section [a] is there twice: put its options together"],
    [
      "[a]\nx\n",
      "x.conf:2: expected [section] or `name = value`: indent the line if it continues a value",
    ],
    ["[a]\n = 1\n", "x.conf:2: there is no name in front of the `=`: write one"],
    [
      "[a]\nx = \0\n",
      "x.conf:2: the line holds a NUL character: save the file as UTF-8 text",
    ],
    [
      `[a]\nx = ${"y".repeat(1_000_000)}`,
      "x.conf:2: the line is longer than 65536 characters: shorten it",
    ],
  ] as const
) {
  Deno.test(`it is an error with its line: ${message.slice(0, 60)}`, () => {
    assertThrows(() => parseIni("x.conf", text), ConfError, message);
  });
}

Deno.test("whatever a file holds, it is read or refused with its place", () => {
  const pieces = fc.constantFrom("[a]", "[", "x", "=", ":", " ", "\n", "#", " ;", "%(", "\t", "é");
  fc.assert(fc.property(fc.array(pieces), (parts) => {
    try {
      parseIni("x.conf", parts.join(""));
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      assertEquals(error.place.line > 0, true);
    }
  }));
});
