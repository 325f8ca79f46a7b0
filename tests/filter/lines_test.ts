import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compileFilter, type Filter } from "../../lib/filter/filter.ts";
import { FilterError } from "../../lib/filter/filter_error.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { CONTEXT, definitionOf, hosts, scan, scanText } from "./definitions.ts";

const LINES = { maxlines: 4, datepattern: ["{NONE}"] };

/** What a filter finds in each of some lines. */
function read(filter: Filter, lines: readonly string[]): string[] {
  return lines.map((line) => {
    const found: string[] = [];
    scanText(filter, `${line}\n`, CONTEXT, (finding) => found.push(inShort(finding)));
    return found.join(" ");
  });
}

function inShort(finding: Finding): string {
  return finding.kind === "failure"
    ? `${finding.host} (${finding.line.split("\n").join("|")})`
    : finding.kind;
}

const LOGIN = definitionOf({
  ...LINES,
  failregex: ["^(?<id>\\d+) from <ADDR>$<SKIPLINES>^\\k<id> (?:denied|failed)$"],
});

Deno.test("a pattern may match lines that others stand between", () => {
  assertEquals(
    read(compileFilter(LOGIN), [
      "1 from 192.0.2.1",
      "2 from 192.0.2.2",
      "2 denied",
      "x",
      "1 failed",
    ]),
    ["", "", "192.0.2.2 (2 from 192.0.2.2|2 denied)", "", "192.0.2.1 (1 from 192.0.2.1|1 failed)"],
  );
});

Deno.test("lines that matched are gone, those that were skipped are not", () => {
  assertEquals(
    read(compileFilter(LOGIN), [
      "1 from 192.0.2.1",
      "2 from 192.0.2.2",
      "1 denied",
      "1 denied",
      "2 denied",
    ]),
    ["", "", "192.0.2.1 (1 from 192.0.2.1|1 denied)", "", "192.0.2.2 (2 from 192.0.2.2|2 denied)"],
  );
});

Deno.test("only the last maxlines lines are seen", () => {
  assertEquals(
    read(compileFilter(LOGIN), ["1 from 192.0.2.1", "a", "b", "1 denied"]).at(-1),
    "192.0.2.1 (1 from 192.0.2.1|1 denied)",
  );
  assertEquals(
    read(compileFilter(LOGIN), ["1 from 192.0.2.1", "a", "b", "c", "1 denied"]).at(-1),
    "",
  );
});

Deno.test("a failure over several lines is of the last one's time", () => {
  const parts = {
    ...LINES,
    datepattern: ["^%Y-%m-%d %H:%M:%S "],
    failregex: ["^login$<SKIPLINES>^<ADDR>$"],
  };
  const [failure] = scan(parts, ["2026-11-19 10:00:00 login", "2026-11-19 10:00:05 192.0.2.1"]);
  assertEquals(failure?.time, Date.parse("2026-11-19T10:00:05Z"));
});

Deno.test("in several lines ^ and $ are the ends of each, and . takes none", () => {
  const found = (failregex: string, ...lines: string[]) =>
    hosts(scan({ ...LINES, failregex: [failregex] }, lines));
  assertEquals(found("^b <ADDR>$", "a", "b 192.0.2.1"), ["192.0.2.1"]);
  assertEquals(found("^a.b <ADDR>", "a", "b 192.0.2.1"), []);
  assertEquals(found("^a[^]b <ADDR>", "a", "b 192.0.2.1"), ["192.0.2.1"]);
  assertEquals(found("^a\\nb <ADDR>\\n", "a", "b 192.0.2.1"), ["192.0.2.1"]);
  assertEquals(found("^a$\\s^b <ADDR>$", "a", "b 192.0.2.1"), ["192.0.2.1"]);
  assertEquals(found("^a[.$^]\\.\\$ <ADDR>$", "a$.$ 192.0.2.1"), ["192.0.2.1"]);
  // Neither a carriage return nor U+2028 begins a line: a client could write them.
  assertEquals(
    found("^b <ADDR>$", "a\rb 192.0.2.1", "a\u2028b 192.0.2.1", "b 192.0.2.1\u2028"),
    [],
  );
});

Deno.test("prefregex and ignoreregex of several lines have the ends of the whole", () => {
  const parts = { ...LINES, failregex: ["^b <ADDR>$"] };
  assertEquals(hosts(scan({ ...parts, prefregex: "^a\\nb" }, ["a", "b 192.0.2.1"])), ["192.0.2.1"]);
  assertEquals(hosts(scan({ ...parts, prefregex: "^b" }, ["a", "b 192.0.2.1"])), []);
  assertEquals(hosts(scan({ ...parts, prefregex: "1$" }, ["a", "b 192.0.2.1"])), ["192.0.2.1"]);
  // An ignoreregex sees the lines that matched, and no others.
  assertEquals(hosts(scan({ ...parts, ignoreregex: ["^a"] }, ["a", "b 192.0.2.1"])), ["192.0.2.1"]);
  assertEquals(hosts(scan({ ...parts, ignoreregex: ["^b .*$"] }, ["a", "b 192.0.2.1"])), []);
});

Deno.test("with prefregex, failregex sees the content of several lines", () => {
  const parts = {
    ...LINES,
    prefregex: "a: <F-CONTENT>.+</F-CONTENT>$",
    failregex: ["^bad <ADDR>$"],
  };
  assertEquals(hosts(scan(parts, ["x", "a: bad 192.0.2.1", "a: bad 192.0.2.2"])), [
    "192.0.2.1",
    "192.0.2.2",
  ]);
});

Deno.test("what is no address does not hide the lines behind it", () => {
  const parts = { ...LINES, failregex: ["^from <ADDR>$"] };
  assertEquals(hosts(scan(parts, ["from 192.0.2.777", "from 192.0.2.7"])), ["192.0.2.7"]);
});

Deno.test("lines that wait for others survive a restart", () => {
  const filter = compileFilter(LOGIN);
  read(filter, ["1 from 192.0.2.1", "x"]);
  const state = JSON.parse(JSON.stringify(filter.save()));
  assertEquals(read(compileFilter(LOGIN, state), ["1 denied"]), [
    "192.0.2.1 (1 from 192.0.2.1|1 denied)",
  ]);
});

Deno.test("hostile lines do not fill the buffer without bounds", () => {
  const filter = compileFilter(
    definitionOf({ ...LINES, maxlines: 100, failregex: ["^never <ADDR>$"] }),
  );
  for (let i = 0; i < 100; i++) scanText(filter, `${"x".repeat(60_000)}\n`, CONTEXT, () => {});
  assertEquals(JSON.stringify(filter.save()).length < 2 ** 20, true);
});

Deno.test("<SKIPLINES> without maxlines is an error that says what to set", () => {
  assertThrows(() => compileFilter({ ...LOGIN, maxlines: 1 }), FilterError, "set maxlines");
});

Deno.test("a pattern for one line finds the same however many lines it sees", () => {
  const line = fc.constantFrom(
    "x",
    "",
    "bad 192.0.2.1",
    "bad 192.0.2.999",
    "good bad 192.0.2.2",
    "bad 192.0.2.3 skip",
  );
  const failregex = ["^bad <ADDR>", "bad <ADDR>$"];
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.integer({ min: 2, max: 9 }),
      (lines, maxlines) => {
        const parts = { datepattern: ["{NONE}"], failregex, ignoreregex: ["skip"] };
        assertEquals(scan({ ...parts, maxlines }, lines), scan(parts, lines));
      },
    ),
  );
});

Deno.test("however a log is cut into blocks, several lines match the same", () => {
  const line = fc.constantFrom(
    "x",
    "1 from 192.0.2.1",
    "2 from 192.0.2.2",
    "1 denied",
    "2 failed",
    "1 failed",
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 15 }), fc.nat(15), (lines, cut) => {
    const filter = compileFilter(LOGIN);
    const found: Finding[] = [];
    for (const part of [lines.slice(0, cut), lines.slice(cut)]) {
      scanText(
        filter,
        part.map((line) => `${line}\n`).join(""),
        CONTEXT,
        (finding) => found.push(finding),
      );
    }
    assertEquals(found, scan(LOGIN, lines));
  }));
});

Deno.test("patterns of several lines run in linear time as others do, if they are made for it", () => {
  const isLinear = (failregex: string) =>
    compileFilter(definitionOf({ ...LINES, failregex: [failregex] })).failregex[0]?.isLinear;
  assertEquals(isLinear("^a .*$<SKIPLINES>^b <ADDR>$"), true);
  assertEquals(isLinear("^(a) .*$<SKIPLINES>^\\1 <ADDR>$"), false);
});

Deno.test("what several lines are explained by is what was matched", () => {
  const filter = compileFilter(
    definitionOf({
      ...LINES,
      prefregex: "^a: <F-CONTENT>.*</F-CONTENT>$",
      failregex: ["^x <ADDR>$"],
    }),
  );
  const { text, patterns } = filter.explain({ time: undefined, text: "a: x 192.0.2.1" }, CONTEXT);
  assertEquals(text, "a: x 192.0.2.1\n");
  assertEquals(patterns.map(({ matched }) => matched), [true]);
});
