import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { checkSamples } from "../../lib/config/mod.ts";
import { draftFrom, filterOf, LineReader, tryFilter } from "../../lib/draft/mod.ts";
import { tokensOf } from "../../lib/draft/tokens.ts";
import { compileFilter } from "../../lib/filter/filter.ts";
import { lint } from "../../lib/lint/mod.ts";
import { isLong, usualOrLong } from "../long.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

function draft(...lines: readonly string[]) {
  const reader = new LineReader(NOW);
  return draftFrom(lines.map((text) => reader.read({ time: undefined, text })));
}

/** `VERDICT PATTERN` of each proposal. */
function patterns(...lines: readonly string[]): readonly string[] {
  return draft(...lines).proposals.map(({ verdict, pattern }) => `${verdict} ${pattern}`);
}

Deno.test("a line's pieces are the line", () => {
  const unit = fc.constantFrom(
    ..."ab1.:[]{}\"'\\= 	<>(),/@-",
    "192.0.2.7",
    "2001:db8::7",
    '{"a":"',
  );
  fc.assert(fc.property(fc.array(unit), (parts) => {
    const line = parts.join("");
    assertEquals(tokensOf(line).map(({ text }) => text).join(""), line);
  }));
});

Deno.test("what differs from line to line is open, what says what happened is not", () => {
  const at = (second: number) => `2026-11-23T10:00:0${second}Z`;
  assertEquals(
    patterns(
      `${at(1)} WARN auth: login failed for alice from 198.51.100.7:4022 (wrong password)`,
      `${at(2)} WARN auth: login failed for bob from 2001:db8::8 (wrong password)`,
      `${at(3)} INFO auth: login ok for carol from 198.51.100.9 in 12.5 ms`,
      `${at(3)} INFO auth: login ok for dave from 198.51.100.9 in 3 ms`,
      `${at(4)} WARN auth: login failed for root from [2001:db8::9]:4022 (wrong password)`,
    ),
    [
      String
        .raw`failure ^ WARN auth: login failed for <F-USER>\S+</F-USER> from <ADDR>:\d+ \(wrong password\)$`,
      String
        .raw`failure ^ WARN auth: login failed for <F-USER>\S+</F-USER> from <ADDR> \(wrong password\)$`,
      String
        .raw`success ^ INFO auth: login ok for <F-USER>\S+</F-USER> from <ADDR> in \d+(?:\.\d+)? ms$`,
    ],
  );
});

Deno.test("an address may be written in any way", () => {
  assertEquals(
    draft(
      "login failed for eve from 2001:DB8:0:0:0:0:0:7",
      "login failed for bob from ::ffff:192.0.2.7",
      "login failed for bob from 192.0.2.8",
    ).proposals.map(({ pattern, refused }) => [pattern, refused]),
    [["^login failed for <F-USER>\\S+</F-USER> from <ADDR>$", undefined]],
  );
});

Deno.test("a syslog header becomes the program's name, and the client is told from the server", () => {
  const lines = [
    "Nov 23 10:00:01 mail appd[11]: [eve] rejected by 203.0.113.1, client=198.51.100.7, try 3",
    "Nov 23 10:00:02 mail appd[12]: [bob] rejected by 203.0.113.1, client=198.51.100.8, try 4",
  ];
  const made = draft(...lines);
  assertEquals(made.proposals.map(({ pattern }) => pattern), [
    String.raw`^\[[^\s\]]+\] rejected by [^\s,]+, client=<ADDR>, try \d+$`,
  ]);
  const filter = filterOf("appd", made.proposals, made, "line");
  assertEquals(filter.syslogIdentifier, ["appd"]);
  assertEquals(filter.samples.map(({ host }) => host), ["192.0.2.7", "192.0.2.8"]);
});

Deno.test("access logs and JSON are told apart by status and message", () => {
  const ask = (user: string, status: number, agent: string) =>
    `198.51.100.7 - ${user} [23/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" ${status} 615 "-" "${agent}"`;
  const json = (level: string, msg: string, user: string) =>
    JSON.stringify({ ts: "2026-11-23T10:00:00Z", level, msg, user, remote_ip: "198.51.100.7" });
  assertEquals(
    patterns(ask("-", 401, "curl"), ask("bob", 401, "login failed, curl"), ask("-", 200, "x")),
    [401, 200].map((status) =>
      `${status === 401 ? "failure" : "success"} ` +
      String
        .raw`^<ADDR> - \S+ \[\] "(?:[^"\\]|\\.)*" ${status} \d+ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$`
    ),
  );
  assertEquals(
    patterns(json("warn", "login failed", 'a"b'), json("info", "login succeeded", "bob")).map((
      each,
    ) => each.split(",").slice(1, 4).join(",")),
    [["warn", "failed"], ["info", "succeeded"]].map(([level, outcome]) =>
      String
        .raw`"level":"${level}","msg":"login ${outcome}","user":"<F-USER>(?:[^"\\]|\\.)*</F-USER>"`
    ),
  );
});

Deno.test("of lines that tell of the same attempts one shape stands for all", () => {
  const lines = [7, 8, 9, 9].flatMap((host, nth) => [
    `2026-11-23T10:00:0${nth}Z srv appd[${nth}]: Invalid user eve from 198.51.100.${host}`,
    `2026-11-23T10:00:0${nth}Z srv appd[${nth}]: Failed password for eve from 198.51.100.${host}`,
  ]);
  const repeats = (...lines: readonly string[]) =>
    draft(...lines).proposals.map(({ repeats }) => repeats);
  assertEquals(repeats(...lines), [1, undefined]);
  // Where one has failed more often than the other shape tells, they tell of different things.
  const more = [1, 2].map(() => lines[0]!.replace(".7", ".8"));
  assertEquals(repeats(...lines, ...more), [undefined, undefined]);
});

Deno.test("a host's name beside its address and the mark of a session may be any", () => {
  assertEquals(
    patterns(
      "2026-11-23T10:00:00Z denied mail.example.org[198.51.100.7] session 4Zk2Tt0pQx9RrW81",
      "2026-11-23T10:00:00Z denied mail.example.org[198.51.100.8] session 4Zk2Tt0pQx9RrW81",
    ),
    [String.raw`failure ^ denied [^\s[]+\[<ADDR>\] session \S+$`],
  );
});

Deno.test("where no word tells failures from successes, nothing is called a failure", () => {
  const { proposals } = draft(
    "2026-11-23T10:00:00Z request by eve from 198.51.100.7",
    "2026-11-23T10:00:01Z request by bob from 198.51.100.8",
    "2026-11-23T10:00:02Z nobody in particular",
  );
  assertEquals(proposals.map(({ verdict, addresses }) => [verdict, addresses]), [["unclear", 2]]);
});

Deno.test("a pattern that a stranger could misuse, or that says nothing, is refused", () => {
  const { proposals } = draft("198.51.100.7", "198.51.100.8");
  assertMatch(proposals[0]!.refused!, /says what happened/);
});

Deno.test("whatever users are called, a draft is safe, matches its lines and passes its samples", () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9_.@'"\\<>[\]()=,;:|+*?^$-]{1,12}$/);
  const sentence = fc.constantFrom(
    (user: string, host: string) => `login failed for ${user} from ${host}`,
    (user: string, host: string) => `denied user="${user}" ip=${host}`,
    (user: string, host: string) => `${host}: invalid password (${user})`,
    (user: string, host: string) => `[auth] <${user}> refused, peer ${host} port 22`,
    (user: string, host: string) => `{"msg":"login failed","user":"${user}","ip":"${host}"}`,
  );
  fc.assert(
    fc.property(sentence, fc.array(word, { minLength: 1, maxLength: 6 }), (say, users) => {
      const lines = users.map((user, index) =>
        `2026-11-23T10:00:00Z ${say(user, `198.51.100.${index + 1}`)}`
      );
      const made = draft(...lines);
      for (const proposal of made.proposals.filter(({ refused }) => refused === undefined)) {
        const filter = filterOf("test", [proposal], made, "line");
        assertEquals(lint(filter).filter(({ kind }) => kind !== "sample"), []);
        assertEquals(checkSamples(filter), []);
        const { matched } = tryFilter(filter, [proposal], made);
        assert(matched >= proposal.shape.lines.length, proposal.pattern);
        const compiled = compileFilter(filter);
        for (const { line, host } of proposal.shape.lines) {
          const { findings } = compiled.explain({ time: undefined, text: line }, {
            now: NOW,
            live: false,
          });
          assertEquals(findings.map((finding) => finding.kind === "failure" && finding.host), [
            host,
          ]);
        }
      }
    }),
    { numRuns: usualOrLong(40, 3000), ...isLong ? {} : { seed: 7 } },
  );
});
