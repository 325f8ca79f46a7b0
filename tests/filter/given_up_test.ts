/** What a pattern does that V8 cannot run in linear time, when an attacker writes the text that it is slow for. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BoundedRegex, TookTooLong } from "../../lib/filter/bounded_regex.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import { compileFilter } from "../../lib/filter/filter.ts";
import { translatePattern } from "../../lib/fail2ban/python_regex.ts";
import { CONTEXT, definitionOf, explain, hosts, scanText } from "./definitions.ts";
import type { Finding } from "../../lib/filter/failure.ts";

/** Backtracks without end where many an `a` stands before something else; the lookahead keeps V8's other engine away. */
const SLOW = String.raw`(?:a+)+(?=\.)\.`;
const HOSTILE = "a".repeat(40);

const filters: Readonly<Record<string, Partial<FilterDefinition>>> = {
  failregex: { failregex: [`^<ADDR> (?:${SLOW}|ok)$`] },
  "a failregex behind one that is fine": {
    failregex: [String.raw`^<ADDR> yes$`, `^<ADDR> (?:${SLOW}|ok)$`],
  },
  ignoreregex: { failregex: ["^<ADDR> .*$"], ignoreregex: [`^\\S+ ${SLOW}$`] },
  prefregex: {
    failregex: ["^<ADDR> .*$"],
    prefregex: `^<F-CONTENT>\\S+ (?:${SLOW}|ok)</F-CONTENT>$`,
  },
  datepattern: { failregex: ["^<ADDR> .*$"], datepattern: [`^\\S+ ${SLOW}(%Y)`, "{DATE}"] },
  "several lines": { failregex: [`^<ADDR> (?:${SLOW}|ok)$`], maxlines: 5 },
  "a pattern of fail2ban's": {
    failregex: [translated(String.raw`^<ADDR> (?:(?:a+)+(?!b)\.|ok)$`)],
  },
};

function translated(source: string): string {
  const translation = translatePattern(source);
  if (translation.kind === "refused") throw new Error(translation.reason);
  return translation.pattern;
}

for (const [what, parts] of Object.entries(filters)) {
  Deno.test(`a line that takes too long is given up and counted, and the others are judged: ${what}`, () => {
    const filter = compileFilter(definitionOf(parts));
    const lines = [
      "192.0.2.1 ok",
      `192.0.2.66 ${HOSTILE}`,
      "192.0.2.2 ok",
      `192.0.2.67 ${HOSTILE}b`,
      `192.0.2.68 ${HOSTILE}`,
      "192.0.2.3 ok",
    ];
    const found: Finding[] = [];
    scanText(filter, lines.map((line) => `${line}\n`).join(""), CONTEXT, (finding) => {
      found.push(finding);
    });
    assertEquals(hosts(found), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    assertEquals(filter.givenUp?.count, 3);
    assertEquals(filter.givenUp?.line, lines[4]);
    assertStringIncludes(filter.givenUp!.why, "took too long");

    filter.read({ time: CONTEXT.now, text: lines[1]! }, CONTEXT, (finding) => found.push(finding));
    // An entry of the journal has its time: no date is looked for.
    const [more, hits] = what === "datepattern" ? [0, 1] : [1, 0];
    assertEquals([filter.givenUp?.count, found.length], [3 + more, 3 + hits]);
  });
}

Deno.test("an explanation says of a line that it was given up, and which pattern it takes too long", () => {
  const { outcome, findings, patterns } = explain(filters["failregex"]!, `192.0.2.66 ${HOSTILE}`);
  assertEquals([outcome, findings], ["given up", []]);
  assertEquals(patterns, [{ matched: false, progress: undefined }]);
});

Deno.test("BoundedRegex finds what RegExp finds, and at the same place, where that is quick", () => {
  const source = fc.constantFrom(
    String.raw`a(?=b)b?`,
    String.raw`(a|b)*?(?!c)\b`,
    String.raw`(\w)\1`,
    String.raw`^(?:x|(?<=a)b)+(c)?$`,
    String.raw`(?<!a)(b+)c{2,40}`,
    String.raw`a|(?=)`,
  );
  const flags = fc.constantFrom("s", "sg", "sy", "si", "m", "sd", "sgd");
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "x", " ", "\n"), maxLength: 30 });
  fc.assert(fc.property(source, flags, text, fc.nat(10), (source, flags, text, from) => {
    const plain = new RegExp(source, flags);
    plain.lastIndex = from;
    const expected = plain.exec(text);
    const bounded = new BoundedRegex(source, flags);
    const found = bounded.exec(text, from);
    assertEquals(found && [found.index, ...found], expected && [expected.index, ...expected]);
    assertEquals(bounded.end, plain.lastIndex);
    assertEquals(bounded.test(text, from), expected !== null);
  }));
});

Deno.test("BoundedRegex comes to an end with whatever is slow, the same way each time", () => {
  const long = "a".repeat(65_536);
  for (
    const [source, text] of [
      [SLOW, HOSTILE],
      [SLOW, long],
      [String.raw`^(a|a)*(?!a)$`, `${HOSTILE}b`],
      [String.raw`(?:(?=.*).)*b`, long],
      [String.raw`(?:(?=(?:(?=.*).)*).)*b`, long],
      [String.raw`^(?:a*)*(a*)\1b`, long],
      [String.raw`(x+x+)+(?=y)y`, "x".repeat(60)],
    ] as const
  ) {
    const regex = new BoundedRegex(source, "s");
    for (let time = 0; time < 3; time++) {
      assertThrows(() => regex.exec(text), TookTooLong, source, source);
      assertThrows(() => regex.test(text), TookTooLong);
    }
    assertEquals(regex.exec("nothing of it"), null, source);
  }
});

Deno.test("BoundedRegex leaves what V8 can run in linear time to V8", () => {
  assertEquals(new BoundedRegex("^(?:a+)+b$", "s").exec("a".repeat(65_536)), null);
  assert(new BoundedRegex(String.raw`^(?:a+)+\.$`, "s").test(`${"a".repeat(65_000)}.`));
});
