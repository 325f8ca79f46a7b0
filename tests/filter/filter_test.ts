import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compileFilter, FilterError } from "../../lib/filter/filter.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { CONTEXT, definitionOf, explain, hosts, NOW, scan, scanText } from "./definitions.ts";

const NGINX_404 = { failregex: ['^<HOST> -.* "(?:GET|POST).* HTTP/.*" (?:404|403) '] };
const ACCESS = (host: string, status: number) =>
  `${host} - - [20/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" ${status} 146 "-" "curl"`;
const SSHD = {
  failregex: [
    String.raw`^Failed \S+ for (?:invalid user )?<F-USER>.*</F-USER> from <ADDR> port \d+ ssh2$`,
  ],
  syslogIdentifier: ["sshd", "sshd-session"],
};

Deno.test("a filter cuts the date out and matches the rest as one text", () => {
  const { findings, text } = explain(NGINX_404, ACCESS("192.0.2.7", 404));
  assertEquals(text, '192.0.2.7 - - [] "GET /x HTTP/1.1" 404 146 "-" "curl"');
  assertEquals(findings, [{
    kind: "failure",
    time: Date.parse("2026-11-20T10:00:00Z"),
    host: "192.0.2.7",
    line: ACCESS("192.0.2.7", 404),
    pattern: 0,
  }]);
});

Deno.test("a filter matches a Caddy line whose date stands in front", () => {
  const caddy = { failregex: ['^ <HOST> \\- \\- ".+" 404 \\d+$'] };
  const line = '2026/11/20 10:00:00 192.0.2.7 - - "GET / HTTP/1.1" 404 0';
  assertEquals(hosts(scan(caddy, [line])), ["192.0.2.7"]);
  assertEquals(scan(caddy, [line.replace(" 404 ", " 200 ")]), []);
});

Deno.test("a filter finds the epoch in a JSON access log, whatever dates the request contains", () => {
  const json = { failregex: ['"remote_ip":"<ADDR>".*"status":404'] };
  const line = '{"level":"info","ts":1795168800.123,"request":{"remote_ip":"2001:DB8::1",' +
    '"uri":"/?2026-01-01 00:00:00"},"status":404}';
  const [finding] = scan(json, [line]);
  assertEquals([finding?.time, hosts([finding!])], [1795168800123, ["2001:db8::1"]]);
});

Deno.test("a filter prints addresses canonically and takes no other string for a host", () => {
  const found = (text: string) => hosts(scan({ failregex: ["^from <HOST>$"] }, [`from ${text}`]));
  assertEquals(found("2001:0DB8:0::7"), ["2001:db8::7"]);
  assertEquals(found("[2001:db8::7]"), ["2001:db8::7"]);
  assertEquals(found("fe80::1%eth0"), ["fe80::1"]);
  assertEquals(found("::ffff:192.0.2.7"), ["192.0.2.7"]);
  assertEquals(found("::"), ["::"]);
  for (
    const text of [
      "999.0.2.7",
      "192.0.2",
      "1:2",
      ":::",
      "2001:db8:::7",
      "host.example.org",
      "192.0.2.07",
    ]
  ) {
    assertEquals(found(text), [], text);
  }
});

Deno.test("a filter tries the next pattern where a match has no address", () => {
  const failregex = ["^from <ADDR>", "via <ADDR>$"];
  const [finding] = scan({ failregex }, ["from 192.0.2.777 via 192.0.2.7"]);
  assertEquals(finding, {
    kind: "failure",
    time: NOW,
    host: "192.0.2.7",
    line: "from 192.0.2.777 via 192.0.2.7",
    pattern: 1,
  });
});

Deno.test("a filter hands on host names only with usedns", () => {
  const failregex = ["^from <HOST>$"];
  assertEquals(scan({ failregex }, ["from evil.example.org"]), []);
  const [named] = scan({ failregex, usedns: true }, ["from evil.example.org"]);
  assertEquals(named?.kind === "named" && named.name, "evil.example.org");
  const [failure] = scan({ failregex, usedns: true }, ["from 192.0.2.7"]);
  assertEquals(failure?.kind, "failure");
});

Deno.test("a filter reads networks", () => {
  assertEquals(
    hosts(scan({ failregex: ["^from <SUBNET>$"] }, ["from 192.0.2.7/24", "from 2001:db8::7"])),
    [
      "192.0.2.0/24",
      "2001:db8::7",
    ],
  );
  assertEquals(hosts(scan({ failregex: ["^from <ADDR>/<CIDR>$"] }, ["from 192.0.2.7/99"])), []);
});

Deno.test("a filter reads syslog lines of its own programs only, and their messages only", () => {
  const failed = "Failed password for invalid user bob from 192.0.2.7 port 22 ssh2";
  for (
    const header of [
      "Nov 20 10:00:00 host sshd[123]: ",
      "Nov 20 10:00:00 sshd[123]: ",
      "Nov  2 10:00:00 2001:db8::1 sshd-session: ",
      "2026-11-20T10:00:00.123456+01:00 host.example.org sshd[1]: ",
      "<38>Nov 20 10:00:00 host sshd[123]: ",
      "Nov 20 10:00:00 2026 host sshd[123]: ",
      "sshd[123]: ",
    ]
  ) {
    const { findings, text } = explain(SSHD, header + failed);
    assertEquals([hosts(findings), text], [["192.0.2.7"], failed], header);
    const [finding] = findings;
    assertEquals(finding?.kind === "failure" && finding.user, "bob");
  }
  for (
    const header of [
      "Nov 20 10:00:00 host evil[123]: ",
      "Nov 20 10:00:00 host evil[123]: sshd[123]: ",
      "Nov 20 10:00:00 evil: sshd[123]: ",
      "Nov 20 10:00:00 evil[123]: sshd[123]: ",
      "Nov 20 10:00:00 host sshd[x]: ",
      "Nov 20 10:00:00 host x sshd[123]: ",
      "Nov 20 10:00:00 host xsshd[123]: ",
      "x sshd[1]: host sshd[1]: Nov 20 10:00:00 ",
    ]
  ) {
    assertEquals(explain(SSHD, header + failed).findings, [], header);
  }
});

Deno.test("a filter takes no date of the message for the line's", () => {
  const { date, time } = explain(
    SSHD,
    "sshd[1]: Failed none for 2020-01-01 10:00:00 from 192.0.2.7 port 22 ssh2",
  );
  assertEquals([date, time], [undefined, NOW]);
});

Deno.test("a filter reads journal entries of its own programs only", () => {
  const filter = compileFilter(definitionOf(SSHD));
  const text = "Failed password for root from 192.0.2.7 port 22 ssh2";
  const found: Finding[] = [];
  const read = (identifier?: string) =>
    filter.read(
      { time: 1000, text, ...(identifier && { identifier }), pid: "7" },
      CONTEXT,
      (finding) => {
        found.push(finding);
      },
    );
  read("sshd");
  read("evil");
  read();
  assertEquals(found, [{
    kind: "failure",
    time: 1000,
    host: "192.0.2.7",
    user: "root",
    line: text,
    pattern: 0,
  }]);
});

Deno.test("a filter sees a newline in a message as two characters", () => {
  const { text, outcome } = explain(
    SSHD,
    "sshd[1]: x\nsshd[2]: Failed password for root from 192.0.2.7 port 22 ssh2",
  );
  assertEquals([text?.slice(0, 4), outcome], ["x\\ns", "missed"]);
});

Deno.test("a filter lets ignoreregex win", () => {
  const ignoreregex = ["from 192\\.0\\.2\\.1$"];
  const failregex = ["^failed .*from <ADDR>$"];
  assertEquals(
    hosts(scan({ failregex, ignoreregex }, ["failed from 192.0.2.1", "failed from 192.0.2.2"])),
    [
      "192.0.2.2",
    ],
  );
  assertEquals(explain({ failregex, ignoreregex }, "failed from 192.0.2.1").outcome, "ignored");
  assertEquals(explain({ failregex, ignoreregex }, "went well from 192.0.2.1").outcome, "missed");
});

Deno.test("a filter applies failregex to what prefregex calls the content, and keeps its groups", () => {
  const parts = {
    prefregex: "^app\\[<ADDR>\\]: <F-CONTENT>.+</F-CONTENT> end$",
    failregex: ["^failed for <F-USER>\\w+</F-USER>$"],
  };
  const [finding] = scan(parts, [
    "app[192.0.2.7]: failed for bob end",
    "app[192.0.2.7]: failed for bob",
    "failed for bob",
  ]);
  assertEquals(finding?.kind === "failure" && [finding.host, finding.user], ["192.0.2.7", "bob"]);
});

Deno.test("a filter moves nothing into the future", () => {
  const failregex = ["^ from <ADDR>$"];
  const at = (line: string, live: boolean) =>
    scan({ failregex }, [line], { now: NOW, live }).map(({ time }) => new Date(time).toISOString());
  assertEquals(at("2026-11-20 12:00:09 from 192.0.2.7", true), ["2026-11-20T12:00:00.000Z"]);
  assertEquals(at("2026-11-20 12:00:09 from 192.0.2.7", false), ["2026-11-20T12:00:09.000Z"]);
});

Deno.test("a filter gives a line without a date the time of the last one that had one", () => {
  const failregex = ["from <ADDR>$"];
  const lines = ["2026-11-20 11:58:00 x", "y", "from 192.0.2.7"];
  const time = (live: boolean) => scan({ failregex }, lines, { now: NOW, live })[0]?.time;
  assertEquals(time(false), NOW - 120_000);
  assertEquals(time(true), NOW);
});

Deno.test("a filter goes on where another one stopped", () => {
  const parts = definitionOf({ failregex: ["from <ADDR>$"] });
  const first = compileFilter(parts);
  scanText(
    first,
    "25-11-2026 10:00:00 from 192.0.2.7\n11-25-2026 10:00:00 from 192.0.2.7\n",
    CONTEXT,
    () => {},
  );
  const state = JSON.parse(JSON.stringify(first.save()));
  const times: number[] = [];
  const emit = ({ time }: Finding) => void times.push(time);
  const block = "03-04-2026 10:00:00 from 192.0.2.7\nfrom 192.0.2.7\n";
  scanText(compileFilter(parts, state), block, CONTEXT, emit);
  scanText(compileFilter(parts), block, CONTEXT, emit);
  const [march, april] = [Date.parse("2026-03-04T10:00:00Z"), Date.parse("2026-04-03T10:00:00Z")];
  assertEquals(times, [march, march, april, april]);
});

Deno.test("a filter tells where lines begin, whatever ends them", () => {
  const filter = compileFilter(definitionOf(NGINX_404));
  const found: Finding[] = [];
  scanText(filter, `x\r\n\n${ACCESS("192.0.2.7", 404)}\r\nx\n`, CONTEXT, (finding, at) => {
    found.push(finding);
    assertEquals(at, 4);
  });
  assertEquals(found.map((finding) => finding.kind === "failure" && finding.line), [
    ACCESS("192.0.2.7", 404),
  ]);
});

Deno.test("compileFilter says which pattern is wrong and what to do", () => {
  const message = (failregex: string) =>
    assertThrows(
      () => compileFilter(definitionOf({ failregex: ["<HOST>", failregex] })),
      FilterError,
    ).message;
  const wrong: Readonly<Record<string, string>> = {
    "(?P<user>x) <HOST>": "write (?<name>...)",
    "(?i)x <HOST>": "write (?i:...)",
    "x": "put <HOST>",
    "": "it is empty",
    "<HOST> <HOST>": "a tag can stand only once",
    "<HOST> (": "Unterminated group",
    "<HOST>x++": "possessive",
    "<HOST>x{,3}": "{0,n}",
    "\\A<HOST>": "write ^",
    "<HOST>\\Z": "write $",
    "(?#x)<HOST>": "comment",
    "<SKIPLINES><HOST>": "several lines",
    "<F-A-B>x</F-A-B><HOST>": "use letters, digits and _",
    "<HOST>[[:digit:]]": "[[:name:]]",
  };
  for (const [failregex, hint] of Object.entries(wrong)) {
    const text = message(failregex);
    assertEquals(
      [text.startsWith("filter test: failregex 2: "), text.includes(hint)],
      [true, true],
      text,
    );
  }
});

Deno.test("explain tells how far a pattern got, in the words of the pattern", () => {
  const failregex = ["^failed for <F-USER>\\w+</F-USER> from <ADDR> port \\d+$"];
  const { outcome, patterns } = explain({ failregex }, "failed for bob from 192.0.2.7 port x");
  const progress = {
    pattern: "^failed for <F-USER>\\w+</F-USER> from <ADDR> port ",
    end: "failed for bob from 192.0.2.7 port ".length,
  };
  assertEquals([outcome, patterns], ["missed", [{ matched: false, progress }]]);
});

Deno.test("explain tells what the parts of a pattern took", () => {
  const { patterns } = explain({ failregex: ["^<F-USER>\\w+</F-USER> <ADDR>"] }, "bob 192.0.2.7");
  assertEquals(patterns, [{ matched: true, parts: [["user", "bob"], ["addr", "192.0.2.7"]] }]);
});

Deno.test("explain counts date formats", () => {
  const filter = compileFilter(definitionOf({ failregex: ["<ADDR>"] }));
  for (const text of ["2026-11-20 10:00:00 x", "2026-11-20 10:00:01 x", "Nov 20 10:00:00 x", "x"]) {
    filter.explain({ time: undefined, text }, CONTEXT);
  }
  assertEquals(filter.dateHits(), [
    { format: "2026-11-20 10:00:00", hits: 2 },
    { format: "Nov 20 10:00:00", hits: 1 },
  ]);
});

Deno.test("scan finds what explain finds, line by line, with and without needles in the lines", () => {
  const patterns = fc.constantFrom(
    '^<HOST> -.* "(?:GET|POST).* HTTP/.*" (?:404|403) ',
    "^ ?(?i:failed) \\w+ from <ADDR>",
    "x{2,3}y?z <ADDR>",
    "^\\[\\] <ADDR> \\[ERROR\\]",
    "(?:a|bc|[de]f)- -<ADDR>",
    "<ADDR>",
    "foo\\.? <ADDR> \\x62ar$",
    "(\\w)\\1 <ADDR>",
  );
  const piece = fc.constantFrom(
    ...[
      "192.0.2.7",
      "2001:db8::1",
      " ",
      "-",
      '"GET /',
      " HTTP/1.1",
      '" ',
      "404 ",
      " 403 ",
      "FAILED",
      "failed",
      "x",
    ],
    ...[
      "xx",
      "y",
      "z ",
      "[",
      "]",
      "[ERROR]",
      "a",
      "bc",
      "ef",
      "foo",
      "foo.",
      "bar",
      "\r",
      "\0",
      "\ufffd",
      "\u2028",
    ],
    ...[
      "2026-11-20 10:00:00",
      "Nov 20 10:00:00",
      "20/Nov/2026:10:00:00 +0000",
      "03-04-2026 10:00:00",
      "é",
      "10",
    ],
    ...["11-25-2026 10:00:00", "1795168800", "from ", " - - "],
  );
  const matching = fc.constantFrom(
    '192.0.2.7 - - [] "GET / HTTP/1.1" 404 1',
    " FAILED login from 192.0.2.7",
    "failed x from 2001:db8::1",
    "xxyz 192.0.2.7",
    "[] 192.0.2.7 [ERROR] x",
    "bcf- -192.0.2.7",
    "foo. 192.0.2.7 bar",
    "aa 192.0.2.7",
  );
  // A date at any place of a text that matches without it.
  const dated = fc.tuple(matching, fc.nat(40), piece).map(([text, at, piece]) =>
    text.slice(0, at) + piece + text.slice(at)
  );
  const line = fc.oneof(dated, fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")));
  const ends = fc.constantFrom("\n", "\r\n");
  fc.assert(
    fc.property(
      fc.uniqueArray(patterns, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(line, ends), { minLength: 10, maxLength: 30 }),
      fc.constantFrom([], ["^{DATE}"], ["%Y-%m-%d %H:%M:%S"], ["{UNB}\\[?({DATE})"], ["{NONE}"]),
      fc.boolean(),
      (failregex, lines, datepattern, live) => {
        const definition = definitionOf({ failregex, datepattern });
        const [scanned, explained]: [Finding[], Finding[]] = [[], []];
        const context = { now: NOW, live };
        scanText(
          compileFilter(definition),
          lines.map((parts) => parts.join("")).join(""),
          context,
          (finding) => {
            scanned.push(finding);
          },
        );
        const filter = compileFilter(definition);
        for (const [text, end] of lines) {
          // As they are decoded, and cut.
          const bare = text.replace(/^\0+/, "");
          const whole = end === "\n" && bare.endsWith("\r") ? bare.slice(0, -1) : bare;
          explained.push(...filter.explain({ time: undefined, text: whole }, context).findings);
        }
        assertEquals(scanned, explained);
      },
    ),
    { numRuns: 500 },
  );
});

for (
  const [what, pattern, why] of [
    [
      "repeats that multiply",
      "(?:(?:a{1000}){1000}){1000}",
      "its counted repeats make it 1.00e+9 characters long, more than 100000",
    ],
    [
      "groups without end",
      `${"(".repeat(2000)}a${")".repeat(2000)}`,
      "more than 100 groups stand within each other",
    ],
  ] as const
) {
  Deno.test(`a pattern with ${what} is an error, not the end of the process`, () => {
    const compile = (parts: Parameters<typeof definitionOf>[0]) => () =>
      compileFilter(definitionOf(parts));
    assertThrows(
      compile({ failregex: [`^${pattern} <HOST>$`] }),
      FilterError,
      `failregex 1: ${why}: correct the pattern`,
    );
    assertThrows(
      compile({ failregex: ["^ <HOST>$"], datepattern: [`^${pattern} %Y`] }),
      FilterError,
      `${why}: correct the pattern`,
    );
  });
}
