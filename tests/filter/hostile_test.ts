import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileFilter } from "../../lib/filter/filter.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { CONTEXT, definitionOf, explain, hosts, scan, scanText } from "./definitions.ts";
import { anyText } from "../any_text.ts";

const ACCESS = ['^<HOST> -.* "(?:GET|POST).* HTTP/.*" (?:404|403) '];
const SSHD = {
  failregex: [
    String.raw`^Failed \S+ for (?:invalid user )?<F-USER>.*</F-USER> from <ADDR> port \d+ ssh2$`,
  ],
  syslogIdentifier: ["sshd"],
};

Deno.test("a user's name cannot put another address into an anchored pattern", () => {
  const line = (user: string) =>
    `Nov 20 10:00:00 host sshd[1]: Failed password for invalid user ${user} from 192.0.2.7 port 22 ssh2`;
  for (
    const user of [
      "x from 198.51.100.1 port 22 ssh2",
      "x from 198.51.100.1 port 22 ssh2\r",
      "x\u2028Failed password for root from 198.51.100.1 port 22 ssh2",
      "Nov 20 10:00:00 host sshd[1]: Failed password for root from 198.51.100.1 port 22 ssh2",
      "2026-11-20 11:00:00",
      "",
      "\0",
      "\ufffd",
    ]
  ) {
    const [finding, ...rest] = scan(SSHD, [line(user)]);
    assertEquals([hosts([finding!]), rest, finding?.time], [
      ["192.0.2.7"],
      [],
      Date.parse("2026-11-20T10:00:00Z"),
    ], user);
    assertEquals(finding?.kind === "failure" && finding.user, user === "" ? undefined : user, user);
  }
});

Deno.test("a request cannot put another date, status or address into an access log's line", () => {
  const line = (request: string) =>
    `192.0.2.7 - - [20/Nov/2026:10:00:00 +0000] "${request}" 200 1 "-" "-"`;
  for (
    const request of [
      "GET / 404 / HTTP/1.1",
      'GET /\\" 404 1 HTTP/1.1',
      "GET /?1795168800 HTTP/1.1",
      '198.51.100.1 - - [01/Jan/2020:00:00:00 +0000] \\"GET / HTTP/1.1\\" 404 1',
    ]
  ) {
    const { date, findings } = explain({ failregex: ACCESS }, line(request));
    assertEquals(date?.time, Date.parse("2026-11-20T10:00:00Z"), request);
    for (const finding of findings) assertEquals(hosts([finding]), ["192.0.2.7"]);
  }
});

Deno.test("lines of 64 KiB of anything are judged", () => {
  const length = 65_536;
  const pieces = [
    "a",
    "1",
    ".",
    ":",
    "a:",
    "1.",
    "[",
    " ",
    "-",
    "\0",
    "\ufffd",
    "\\",
    '"',
    "x y ",
    "Nov 20 ",
    "2026-11-20 ",
  ];
  const filters = [ACCESS, ["<ADDR> failed"], ["failed for .* from <ADDR>$"]];
  for (const failregex of filters) {
    const lines = pieces.map((piece) => `${piece.repeat(length / piece.length)} 404 failed`);
    assertEquals(scan({ failregex }, lines), [], failregex[0]);
  }
  const block = `${"x".repeat(length)} failed for a from 192.0.2.7\n`;
  const found: Finding[] = [];
  scanText(
    compileFilter(definitionOf({ failregex: filters[2]! })),
    block,
    CONTEXT,
    (finding) => found.push(finding),
  );
  assertEquals(hosts(found), ["192.0.2.7"]);
});

Deno.test("no line makes a filter throw, and no finding has a host that is no address", () => {
  const piece = fc.oneof(
    anyText({ maxLength: 5 }),
    fc.constantFrom(
      "Failed password for ",
      "invalid user ",
      " from ",
      "192.0.2.7",
      "999.1.1.1",
      "::1",
      " port 22 ssh2",
    ),
    fc.constantFrom(
      "Nov 31 10:00:00 ",
      "0000-00-00 00:00:00",
      "9999-12-31T23:59:59Z ",
      "@ffffffffffffffffffffffff ",
    ),
    fc.constantFrom("host ", "sshd[1]: ", "sshd[99999999999999999999]: ", "\r", "\0", "\ud800"),
  );
  const line = fc.array(piece, { maxLength: 8 }).map((pieces) =>
    pieces.join("").replaceAll("\n", "")
  );
  const filter = compileFilter(definitionOf(SSHD));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      scanText(filter, lines.map((line) => `${line}\n`).join(""), CONTEXT, (finding) => {
        assertEquals(/^(?:[\d.]+|[\da-f:]+)$/.test(hosts([finding])[0]!), true);
        assertEquals(Number.isFinite(finding.time), true);
      });
    }),
    { numRuns: 500 },
  );
});
