import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compileFilter } from "../../lib/filter/filter.ts";
import { FilterError } from "../../lib/filter/filter_error.ts";
import { Options, withOptions } from "../../lib/filter/options.ts";
import { CONTEXT, definitionOf, hosts, scan } from "./definitions.ts";

Deno.test("an option's name in a pattern stands for its value", () => {
  const options = new Options({ daemon: "sshd", who: "<daemon>d" });
  assertEquals(options.text("^<daemon>: <who> <HOST>$"), "^sshd: sshdd <HOST>$");
});

Deno.test("the innermost option is replaced first, so that one can name another", () => {
  const options = new Options({ mode: "normal", "list-normal": "a|b", "list-strict": "a|b|c" });
  assertEquals(options.text("^(?:<list-<mode>>)$"), "^(?:a|b)$");
  assertEquals(new Options({ a: "b", b: "c", "x-c": "done" }).text("<x-<<a>>>"), "done");
});

Deno.test("what is no option stays, as do names of groups", () => {
  const options = new Options({ user: "x" });
  for (const text of ["<HOST>", "<F-USER>a</F-USER>", "<other>", "(?<user>a)\\k<user>", "(?<=<)"]) {
    assertEquals(options.text(text), text);
  }
});

Deno.test("an option of several lines makes several patterns", () => {
  const options = new Options({
    mode: "both",
    "list-one": "one <ADDR>",
    "list-both": "<list-one>\n\n  two <ADDR>",
  });
  assertEquals(options.patterns("<list-<mode>>"), ["one <ADDR>", "two <ADDR>"]);
  assertEquals(options.patterns("^x"), ["^x"]);
});

Deno.test("an option may hold no pattern, but not leave the filter without any", () => {
  const definition = { failregex: ["^a <ADDR>$", "<more>"], options: { more: "" } };
  assertEquals(compileFilter(definitionOf(definition)).failregex.length, 1);
  const message = (parts: Parameters<typeof definitionOf>[0]) =>
    assertThrows(() => compileFilter(definitionOf({ ...definition, ...parts })), FilterError)
      .message;
  assertMatch(message({ failregex: ["<more>"] }), /its options leave no pattern/);
  assertMatch(message({ prefregex: "<more>" }), /prefregex: it is empty/);
});

Deno.test("an option that refers to itself is an error that shows the circle", () => {
  const options = new Options({ a: "<b>", b: "x<c>", c: "<b>" });
  assertThrows(() => options.text("<a>"), FilterError, "option b refers to itself: b -> c -> b");
  const composed = new Options({ a: "<<b>>", b: "a" });
  assertThrows(() => composed.text("<a>"), FilterError, "refers to itself");
});

Deno.test("a name that another option makes must be an option", () => {
  const options = new Options({ mode: "agressive", "list-normal": "a", "list-aggressive": "b" });
  assertThrows(
    () => options.text("<list-<mode>>"),
    FilterError,
    "option mode: there is no option list-agressive: mode can be normal, aggressive",
  );
  assertEquals(new Options({ kind: "USER" }).text("<F-<kind>>a</F-<kind>>"), "<F-USER>a</F-USER>");
});

Deno.test("options that multiply each other are an error, not a full memory", () => {
  const values: Record<string, string> = { o0: "x".repeat(50) };
  for (let i = 1; i < 30; i++) values[`o${i}`] = `<o${i - 1}><o${i - 1}>`;
  assertThrows(() => new Options(values).text("<o29>"), FilterError);
});

Deno.test("whatever options hold, replacing them ends", () => {
  const piece = fc.constantFrom("<", ">", "a", "b", "<a>", "<b>", "<<a>>", "-", "<a-<b>>");
  const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(value, value, value, value, (a, b, ab, text) => {
    try {
      new Options({ a, b, "a-b": ab }).text(text);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
    }
  }));
});

const MODES = definitionOf({
  options: {
    mode: "normal",
    "list-normal": "^refused <ADDR>$",
    "list-strict": "<list-normal>\n^probe <ADDR>$",
  },
  failregex: ["<list-<mode>>"],
  datepattern: ["{NONE}"],
});

Deno.test("a filter's options choose its patterns", () => {
  const lines = ["refused 192.0.2.1", "probe 192.0.2.2"];
  assertEquals(hosts(scan(MODES, lines)), ["192.0.2.1"]);
  assertEquals(hosts(scan(withOptions(MODES, { mode: "strict" }), lines)), [
    "192.0.2.1",
    "192.0.2.2",
  ]);
});

Deno.test("an option that the filter does not have is an error with the nearest name", () => {
  assertThrows(() => withOptions(MODES, { mod: "strict" }), FilterError, "did you mean `mode`?");
});

Deno.test("a pattern's error names the key as written, and the pattern as replaced", () => {
  const broken = {
    ...MODES,
    failregex: ["^a <ADDR>", "<list-<mode>>"],
    options: { ...MODES.options, "list-normal": "(" },
  };
  assertThrows(() => compileFilter(broken), FilterError, "failregex 2: ");
});

Deno.test("options stand in prefregex, ignoreregex and datepattern as well", () => {
  const findings = scan(
    {
      options: { tag: "app", date: "%Y-%m-%d %H:%M:%S", own: "192\\.0\\.2\\.9" },
      datepattern: ["^<date>"],
      prefregex: "^ <tag>: <F-CONTENT>.+</F-CONTENT>$",
      failregex: ["^denied <ADDR>$"],
      ignoreregex: ["<own>"],
    },
    [1, 9].map((n) => `2026-11-20 10:00:00 app: denied 192.0.2.${n}`),
    CONTEXT,
  );
  assertEquals(hosts(findings), ["192.0.2.1"]);
  assertEquals(findings[0]?.time, Date.parse("2026-11-20T10:00:00Z"));
});
