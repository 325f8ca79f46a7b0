import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { compileFilter, type Context } from "../../lib/filter/filter.ts";
import { countLines } from "../../lib/filter/sieve.ts";
import { definitionOf, NOW, scanText } from "./definitions.ts";

/** What a filter finds in lines when they come as one block, and when each is judged by itself, with care. */
function bothWays(
  parts: Partial<FilterDefinition>,
  lines: readonly string[],
  context: Context,
  end = "\n",
): [together: unknown, oneByOne: unknown] {
  const together: [number, Finding][] = [];
  const scanning = compileFilter(definitionOf(parts));
  const block = lines.map((line) => line + end).join("");
  scanText(scanning, block, context, (finding, at) => {
    together.push([countLines(new TextEncoder().encode(block).subarray(0, at)), finding]);
  });
  const oneByOne: [number, Finding][] = [];
  const careful = compileFilter(definitionOf(parts));
  for (const [number, text] of lines.entries()) {
    for (const finding of careful.explain({ time: undefined, text }, context).findings) {
      oneByOne.push([number, finding]);
    }
  }
  return [[together, scanning.save()], [oneByOne, careful.save()]];
}

const FILTER: Partial<FilterDefinition> = {
  failregex: [
    "^Failed password for <F-USER>.*</F-USER> from <ADDR>",
    "^<F-NOFAIL>Hello</F-NOFAIL> <ADDR>",
    "^:? *sshd: <ADDR>",
    "Accepted <ADDR>$",
  ],
  syslogIdentifier: ["sshd", "sshd-session", "sudo"],
};
const FIRST = "Nov 20 10:00:00 host sshd[1]: Failed password for root from 192.0.2.1";

/** Dates that are nearly alike, and what is nearly a date. */
const date = fc.oneof(
  fc.tuple(
    fc.constantFrom("Nov 20 ", "Nov  9 ", "Dec 31 ", "Nov 21 ", ""),
    fc.constantFrom("10:00:", "11:59:", "12:00:", "10:0:"),
    fc.constantFrom("00", "07", "59", "60", "61", "7", "075", "75"),
    fc.constantFrom("", ".1", ".12", ".123", ".123456", ".1234567890", ",12", " 2026", " 2025"),
  ),
  fc.tuple(
    fc.constantFrom("2026-11-20T10:00:", "2026-11-20 10:00:", "2026-02-30T10:00:"),
    fc.constantFrom("00", "07", "59", "60"),
    fc.constantFrom("", ".123456", ".12345", ".12345x", ",123456"),
    fc.constantFrom("", "Z", "+00:00", "+00", "+01:00", " UTC", " GMT", "+00:0", "+00:000"),
  ),
).map((parts) => parts.join(""));

const head = fc.tuple(
  fc.constantFrom("", "<38>", " ", "["),
  date,
  fc.constantFrom(" ", "  ", "", ": "),
  fc.constantFrom("host ", "host  ", "UTC ", "2025 ", "sshd ", "sshd:a ", "a.b-c ", ""),
  fc.constantFrom("sshd", "sshd-session", "sudo", "CRON", "sshd-", "xsshd"),
  fc.constantFrom("[1]", "[2]", "[02]", "[12345678901]", "[]", "[x]", "[1", ""),
  fc.constantFrom(": ", ":", ":  ", " ", ""),
).map((parts) => parts.join(""));

const message = fc.constantFrom(
  "Failed password for root from 192.0.2.1",
  "Failed password for 2001:db8::7 from 2001:DB8::7",
  "Failed password for Nov 20 10:00:00 from 999.0.2.1",
  "Hello 192.0.2.1",
  "Hello",
  "sshd: 192.0.2.2",
  ": sshd: 192.0.2.3",
  "x Accepted 192.0.2.4",
  "",
);

/** Heads of which most differ in nothing but what may differ. */
const alike = fc.tuple(
  fc.constantFrom("00", "07", "59", "75"),
  fc.constantFrom("", "", "", ".123", ".456", ".1234"),
  fc.constantFrom("host", "host", "host", "host ", "sshd:a"),
  fc.constantFrom("sshd[1]", "sshd[1]", "sshd[01]", "sshd-session[1]", "sudo", "CRON[1]"),
).map(([second, fraction, host, program]) =>
  `Nov 20 10:00:${second}${fraction} ${host} ${program}: `
);

const line = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(head, message).map((parts) => parts.join("")) },
  { weight: 5, arbitrary: fc.tuple(alike, message).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.string().map((text) => text.replace(/[\r\n]/g, "")) },
);

const context = fc.record({
  now: fc.constantFrom(
    NOW,
    Date.parse("2026-11-20T10:00:30Z"),
    Date.parse("2026-11-19T10:00:30Z"),
    Date.parse("2027-11-19T10:00:30Z"),
  ),
  live: fc.boolean(),
});

Deno.test("lines are judged alike in a block, where most heads are only compared, and one by one", () => {
  fc.assert(
    fc.property(fc.array(line), context, fc.constantFrom("\n", "\r\n"), (lines, context, end) => {
      const [together, oneByOne] = bothWays(FILTER, [FIRST, ...lines], context, end);
      assertEquals(together, oneByOne);
    }),
    { numRuns: 500 },
  );
});

Deno.test("heads are read alike in any pattern of dates, with prefregex, sessions and several lines", () => {
  const variants: Partial<FilterDefinition>[] = [
    { datepattern: ["{^LN-BEG}", "{DATE}"] },
    { datepattern: [String.raw`^%b %d %H:%M:(?:07|%S)`] },
    { datepattern: ["{NONE}"] },
    { prefregex: "^(?:Failed|Hello) <F-CONTENT>.*</F-CONTENT>$", failregex: ["<ADDR>$"] },
    { failregex: ["^Failed .* from <ADDR>\\nHello"], maxlines: 2 },
    { syslogIdentifier: ["a b", "sshd"] },
    { syslogIdentifier: ["sshd", "a:sshd"] },
    { ignoreregex: ["192.0.2.1"] },
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...variants),
      fc.array(line),
      context,
      (variant, lines, context) => {
        const parts = { ...FILTER, ...variant };
        const [together, oneByOne] = bothWays(parts, [FIRST, ...lines], context);
        assertEquals(together, oneByOne);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("a message that is repeated is judged as it is by itself, whoever sends it", () => {
  const parts: Partial<FilterDefinition> = {
    ...FILTER,
    // Whether the first one counts depends on the sender, for only a session can tell whose it is.
    failregex: [
      "^Failed(?! for 192)",
      "^Failed for <ADDR>",
      "^<F-NOFAIL>Failed</F-NOFAIL>.* <ADDR>",
    ],
    ignoreregex: ["ignored"],
  };
  const line = fc.tuple(
    fc.constantFrom("sshd[1]", "sshd[2]", "sudo"),
    fc.constantFrom(
      "Failed password 192.0.2.1",
      "Failed for 192.0.2.2",
      "Failed for 999.0.2.2 by 192.0.2.3",
      "Failed, ignored 192.0.2.4",
    ),
  ).map(([program, message]) => `Nov 20 10:00:01 host ${program}: ${message}`);
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const [together, oneByOne] = bothWays(parts, lines, { now: NOW, live: false });
      assertEquals(together, oneByOne);
    }),
    { numRuns: 500 },
  );
});
