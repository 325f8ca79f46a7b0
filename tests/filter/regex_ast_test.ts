import { assertEquals, assertThrows } from "@std/assert";
import { type Node, parseRegex, withoutNames } from "../../lib/filter/regex_ast.ts";

/** A tree in short, as nested arrays. */
function inShort(node: Node): unknown {
  switch (node.kind) {
    case "char":
      return String.fromCharCode(node.code);
    case "class":
      return node.ranges.map(([from, to]) => String.fromCharCode(from, to)).join("");
    case "assertion":
      return { assertion: node.source };
    case "look":
      return { look: inShort(node.body) };
    case "group":
      return { group: node.name ?? node.index ?? null, body: inShort(node.body) };
    case "backreference":
      return { to: node.to };
    case "quantifier":
      return { min: node.min, max: node.max, body: inShort(node.body) };
    case "sequence":
      return node.items.map(inShort);
    case "alternation":
      return { or: node.branches.map(inShort) };
  }
}

const tree = (source: string) => inShort(parseRegex(source).root);

Deno.test("parseRegex reads every construct", () => {
  assertEquals(tree("a|bc|"), { or: ["a", ["b", "c"], []] });
  assertEquals(tree("(a)(?:b)(?<n>c)"), [
    { group: 1, body: "a" },
    { group: null, body: "b" },
    { group: "n", body: "c" },
  ]);
  assertEquals(tree("a*b+?c{2}d{2,}e{2,3}"), [
    { min: 0, max: Infinity, body: "a" },
    { min: 1, max: Infinity, body: "b" },
    { min: 2, max: 2, body: "c" },
    { min: 2, max: Infinity, body: "d" },
    { min: 2, max: 3, body: "e" },
  ]);
  assertEquals(tree("^\\ba$"), [{ assertion: "^" }, { assertion: "\\b" }, "a", { assertion: "$" }]);
  assertEquals(tree("(?=a)(?<!b)"), [{ look: "a" }, { look: "b" }]);
  assertEquals(tree("[a-cx\\d\\]-]"), "--09]]acxx");
  assertEquals(tree("[b-\\d]"), "--09bb");
  assertEquals(tree("\\x41\\u0042\\cA\\0\\t\\-\\12"), ["A", "B", "\x01", "\0", "\t", "-", "\n"]);
  assertEquals(tree("(a)\\1\\2\\k"), [{ group: 1, body: "a" }, { to: 1 }, "\x02", "k"]);
  assertEquals(tree("(?<n>a)\\k<n>"), [{ group: "n", body: "a" }, { to: "n" }]);
  assertEquals(tree("a{,2}]}"), ["a", "{", ",", "2", "}", "]", "}"]);
  assertEquals(tree("(?i:a)(?-i:b)"), [{ group: null, body: "a" }, { group: null, body: "b" }]);
});

Deno.test("parseRegex refuses what it cannot read, with the place", () => {
  for (const source of ["(a", "a)", "[a", "(?Pa)"]) {
    assertThrows(() => parseRegex(source), SyntaxError, "at ");
  }
});

Deno.test("parseRegex sees a class's characters as the engine does", () => {
  for (
    const source of [
      "[^\\s]",
      "[\\w.-]",
      "[^]",
      "[]",
      "[\\b]",
      "\\W",
      "[a\\-z]",
      "[^a-y\\d]",
      "[+--]",
    ]
  ) {
    const root = parseRegex(source).root as Extract<Node, { kind: "class" }>;
    const regex = new RegExp(`^${source}$`);
    for (let code = 0; code < 0x3100; code++) {
      const isIn = root.ranges.some(([from, to]) => code >= from && code <= to);
      assertEquals(isIn, regex.test(String.fromCharCode(code)), `${source} and ${code}`);
    }
  }
});

Deno.test("withoutNames keeps what a pattern matches and its groups' numbers", () => {
  const bare = (source: string) => withoutNames(source, parseRegex(source));
  assertEquals(bare("(?<a>x)(?<b>y)\\k<a>1"), "(x)(y)(?:(?:\\1))1");
  const source = "(?:(?<a>x)|(?<a>y))(?<b>-)\\k<a>";
  for (const text of ["x-x", "y-y", "x-y"]) {
    const [named, numbered] = [new RegExp(source).exec(text), new RegExp(bare(source)).exec(text)];
    assertEquals(numbered && [...numbered], named && [...named], text);
  }
});
