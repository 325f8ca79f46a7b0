import { assertEquals, assertStringIncludes } from "@std/assert";
import { lint } from "../../lib/lint/mod.ts";
import { shippedConfig } from "../filters/shipped.ts";
import { filterOf, flawsOf, kindsOf } from "./filters.ts";

for (const [name, filter] of shippedConfig.filters) {
  Deno.test(`lint has nothing to say against the shipped filter ${name}`, () => {
    assertEquals(lint(filter), []);
  });
}

Deno.test("lint asks for samples, once for a filter that has none", () => {
  const filter = filterOf(["^a <ADDR>$", "^b <ADDR>$"]);
  assertEquals(lint(filter).map(({ kind, pattern }) => [kind, pattern]), [["sample", undefined]]);
});

Deno.test("lint names each pattern that no sample matches", () => {
  const samples = [
    { message: "a 192.0.2.7", host: "192.0.2.7", match: true },
    { message: "c 192.0.2.7", match: false },
  ];
  const filter = filterOf(["^a <ADDR>$", "^b <ADDR>$"], { samples });
  assertEquals(lint(filter).map(({ kind, pattern }) => [kind, pattern]), [["sample", 1]]);
});

Deno.test("lint takes a sample for a match though an ignoreregex or an earlier pattern takes it", () => {
  const samples = [{ message: "a 192.0.2.7", match: false }];
  const filter = filterOf(["^a <ADDR>$", "^[a-z] <ADDR>$"], { samples, ignoreregex: ["^a"] });
  assertEquals(lint(filter), []);
});

Deno.test("lint looks at samples as the filter sees them: of its programs, without date and header", () => {
  const samples = [{ line: "Nov 21 01:29:12 server app[1]: a 192.0.2.7", match: true }];
  assertEquals(lint(filterOf("^a <ADDR>$", { samples, syslogIdentifier: ["app"] })), []);
  assertEquals(
    lint(filterOf("^a <ADDR>$", { samples, syslogIdentifier: ["other"] })).map(({ kind }) => kind),
    ["sample"],
  );
});

Deno.test("lint names patterns that the linear-time engine cannot take", () => {
  for (const pattern of ["^(?!b)a <ADDR>$", "^(a)\\1 <ADDR>$", "^(?:a{1,900}){2,50} <ADDR>$"]) {
    assertEquals(kindsOf(pattern), ["linear"], pattern);
  }
  assertEquals(kindsOf("^a{1,3} <ADDR>$"), []);
});

Deno.test("lint judges patterns with the filter's options filled in", () => {
  const [flaw, ...others] = flawsOf("^<who> from <ADDR>", { options: { who: "user .*" } });
  assertEquals(others, []);
  assertEquals(flaw?.kind, "host");
  assertStringIncludes(flaw!.message, ".*");
});

Deno.test("lint finds the name of an option that is none, where others are like it", () => {
  const options = { "list-normal": "^x <ADDR>$", "list-strict": "^y <ADDR>$", html: "z" };
  const [flaw, ...others] = flawsOf(["^<list-strct> <ADDR>$", "<list-strict>"], { options });
  assertEquals([flaw?.kind, flaw?.pattern, others], ["impossible", 0, []]);
  assertStringIncludes(
    flaw!.message,
    "<list-strct> is no option of the filter and stands for itself: there are <list-normal>, <list-strict>",
  );
  const meant = ["^<htm> <ADDR>$", "^<a-b> <ADDR>$", "^(?<list>x)\\k<list> <ADDR>$"];
  assertEquals(kindsOf(meant, { options }).includes("impossible"), false);
});

Deno.test("lint tells flaws in the order of the patterns", () => {
  const flaws = flawsOf(["a <ADDR>$", "^(?!b)a <ADDR>$", "a .* <ADDR>"]);
  assertEquals(flaws.map(({ kind, pattern }) => [pattern, kind]), [
    [0, "anchor"],
    [1, "linear"],
    [2, "anchor"],
    [2, "host"],
  ]);
});
