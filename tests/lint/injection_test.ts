import { assertEquals, assertStringIncludes } from "@std/assert";
import { compileFilter } from "../../lib/filter/filter.ts";
import type { Flaw } from "../../lib/lint/mod.ts";
import { filterOf, flawsOf, kindsOf } from "./filters.ts";

/** Patterns with the flaw, and the same mended. */
const PAIRS:
  readonly (readonly [what: string, kind: Flaw["kind"], flawed: string, mended: string])[] = [
    [
      "a catch-all before the address and no end",
      "host",
      "^User .* from <ADDR>",
      "^User .* from <ADDR>$",
    ],
    ["a lazy one", "host", "^User .*? from <ADDR>", "^User .*? from <ADDR> port \\d+$"],
    [
      "a catch-all on either side of the address",
      "host",
      "^User .* from <ADDR> said .*$",
      "^User \\S+ from <ADDR> said .*$",
    ],
    [
      "quotes that the catch-all may hold",
      "host",
      '^User "(.*?)" failed, client: <ADDR>, server: .*$',
      '^User "([^"]*)" failed, client: <ADDR>, server: .*$',
    ],
    ["words repeated", "host", "^User (?:\\S+ )*from <ADDR>", "^User \\S+ from <ADDR>"],
    [
      "one alternative out of two",
      "host",
      "^(?:Bye|User .*) from <ADDR>",
      "^(?:Bye|User \\S*) from <ADDR>",
    ],
    [
      "an optional part",
      "host",
      "^Bye(?: of .*)? from <ADDR>",
      "^Bye(?: of \\w*)? from <ADDR>",
    ],
    [
      "an id of the filter's own shape",
      "host",
      "^A .* <F-ID>[\\d.]+</F-ID>",
      "^A .* <F-ID>[\\d.]+</F-ID>$",
    ],
    ["one family only", "host", "^A .* from <IP6>", "^A .* from <IP6>$"],
    ["no anchor", "anchor", "Bad login from <ADDR>$", "^Bad login from <ADDR>$"],
    ["nothing but the address", "anchor", "<HOST>", "^<HOST>$"],
    ["a catch-all at the start", "anchor", "^.*login from <ADDR>$", "^\\w*login from <ADDR>$"],
    ["an anchor in one alternative only", "anchor", "(?:^|: )Bad <ADDR>$", "^(?:x: )?Bad <ADDR>$"],
  ];

for (const [what, kind, flawed, mended] of PAIRS) {
  Deno.test(`lint finds ${what}, shows a line that proves it, and is content with the mended pattern`, () => {
    const { forgery } = flawsOf(flawed).find((flaw) => flaw.kind === kind)!;
    assertEquals(hostIn(flawed, forgery!.line), forgery!.host);
    assertEquals(kindsOf(mended), []);
  });
}

Deno.test("a forgery is a line with the peer's address in its place, and blames another", () => {
  const [{ forgery }] = flawsOf("^User .* from <ADDR>") as [Flaw];
  assertEquals(forgery, {
    line: "User x from 192.0.2.7 from 203.0.113.9",
    host: "203.0.113.9",
  });
});

Deno.test("lint sees through a prefregex", () => {
  const prefregex = "^app: <F-CONTENT>.+</F-CONTENT>$";
  assertEquals(kindsOf("^Bad .* from <ADDR>", { prefregex }), ["host"]);
  assertEquals(kindsOf("^Bad .* from <ADDR>$", { prefregex }), []);
  assertEquals(kindsOf("Bad from <ADDR>$", { prefregex: `.*${prefregex.slice(1)}` }), ["anchor"]);
});

Deno.test("lint looks at filters for one program's messages", () => {
  assertEquals(kindsOf("Bad from <ADDR>$", { syslogIdentifier: ["app"] }), ["anchor"]);
});

Deno.test("lint looks at lines that only tell a session's address", () => {
  const pattern = "^<F-NOFAIL>Connect</F-NOFAIL> <F-MLFID>\\d+</F-MLFID> of .* from <ADDR>";
  assertEquals(kindsOf(pattern), ["host"]);
});

Deno.test("lint says where the catch-all stands and what to do", () => {
  const messages = ["^A .* <ADDR>", "^A .* <ADDR> .*$", "^A .*? <ADDR> .*$"].map((pattern) =>
    flawsOf(pattern)[0]!.message
  );
  assertStringIncludes(messages[0]!, "end the pattern with $");
  assertStringIncludes(messages[1]!, "behind the address");
  assertStringIncludes(messages[2]!, "in front of the address");
});

Deno.test("lint does not take numbers or repeated fields for text that strangers write", () => {
  assertEquals(kindsOf("^[\\d.]* <ADDR>"), []);
  assertEquals(
    kindsOf('^\\{(?:"\\w+":"(?:[^"\\\\]|\\\\.)*",)*"ip":"<ADDR>"(?:,"\\w+":"[^"]*")*\\}$'),
    [],
  );
});

Deno.test("lint is soon done with patterns of many alternatives", () => {
  const words = Array.from({ length: 300 }, (_, index) => `word${index}`).join("|");
  assertEquals(kindsOf(`^(?:${words}) (?:${words})? .* from <ADDR>`), ["host"]);
});

function hostIn(pattern: string, line: string): string | undefined {
  const entry = { time: 0, text: line };
  const { findings } = compileFilter(filterOf(pattern)).explain(entry, { now: 0, live: false });
  const [finding] = findings;
  return finding?.kind === "failure" ? finding.host : undefined;
}
