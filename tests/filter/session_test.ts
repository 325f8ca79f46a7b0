import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileFilter, type Filter } from "../../lib/filter/filter.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import {
  addLine,
  addPlainFailure,
  countsInSession,
  postpone,
  type Session,
} from "../../lib/filter/session.ts";
import { CONTEXT, definitionOf, scanText } from "./definitions.ts";

const DAEMON = definitionOf({
  syslogIdentifier: ["daemon"],
  failregex: [
    "^<F-NOFAIL>Connection</F-NOFAIL> from <ADDR>$",
    "^Failed login for <F-USER>\\w+</F-USER> from <ADDR>$",
    "^Too many attempts$",
    "^<F-NOFAIL>Trying</F-NOFAIL> user <F-USER>\\w+</F-USER>$",
    "^<F-MLFGAINED>Accepted</F-MLFGAINED> login for <F-USER>\\w+</F-USER>$",
    "^<F-NOFAIL><F-MLFFORGET>Closed</F-MLFFORGET></F-NOFAIL>$",
  ],
});

/** Reads journal messages of the process, a second apart, and tells in short what was found. */
function read(filter: Filter, pid: string, ...messages: string[]): string[] {
  return readAt(filter, pid, 0, ...messages);
}

function readAt(filter: Filter, pid: string, start: number, ...messages: string[]): string[] {
  const found: string[] = [];
  messages.forEach((text, index) => {
    const time = start + index * 1000;
    filter.read(
      { time, text, identifier: "daemon", pid },
      CONTEXT,
      (finding) => found.push(inShort(finding)),
    );
  });
  return found;
}

function inShort(finding: Finding): string {
  const host = finding.kind === "named" ? finding.name : finding.host;
  return [finding.kind, host, finding.user, finding.session].filter((part) => part !== undefined)
    .join(" ");
}

Deno.test("a harmless line tells its session's address to a failure without one", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(read(filter, "1", "Connection from 192.0.2.7", "Too many attempts"), [
    "failure 192.0.2.7 daemon[1]",
  ]);
});

Deno.test("an address is not taken over from another session", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(read(filter, "1", "Connection from 192.0.2.7"), []);
  assertEquals(read(filter, "2", "Too many attempts"), []);
});

Deno.test("a failure waits for its session's address", () => {
  const filter = compileFilter(DAEMON);
  const messages = ["Too many attempts", "Connection from 192.0.2.7", "Connection from 192.0.2.7"];
  const found: Finding[] = [];
  for (const text of messages) {
    filter.read(
      { time: 0, text, identifier: "daemon", pid: "1" },
      CONTEXT,
      (finding) => found.push(finding),
    );
  }
  assertEquals(found, [{
    kind: "failure",
    time: 0,
    host: "192.0.2.7",
    line: "Too many attempts\nConnection from 192.0.2.7",
    pattern: 0,
    session: "daemon[1]",
  }]);
});

Deno.test("a success names its session, its user and the address that the session knows", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(
    read(
      filter,
      "1",
      "Failed login for bob from 192.0.2.7",
      "Accepted login for bob",
      "Accepted login for bob",
    ),
    [
      "failure 192.0.2.7 bob daemon[1]",
      "success 192.0.2.7 bob daemon[1]",
      "success 192.0.2.7 bob daemon[1]",
    ],
  );
  assertEquals(read(filter, "2", "Accepted login for bob"), ["success bob daemon[2]"]);
});

Deno.test("a success clears what was waiting for an address", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(
    read(filter, "1", "Too many attempts", "Accepted login for bob", "Connection from 192.0.2.7"),
    ["success bob daemon[1]"],
  );
});

Deno.test("a closed session is forgotten", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(read(filter, "1", "Connection from 192.0.2.7", "Closed", "Too many attempts"), []);
});

Deno.test("a session is forgotten after five minutes of log time", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(readAt(filter, "1", 0, "Connection from 192.0.2.7"), []);
  assertEquals(readAt(filter, "1", 300_000, "Too many attempts"), ["failure 192.0.2.7 daemon[1]"]);
  assertEquals(readAt(filter, "1", 300_001, "Too many attempts"), []);
});

Deno.test("a second user makes harmless lines of a session count", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(
    read(
      filter,
      "1",
      "Connection from 192.0.2.7",
      "Trying user alice",
      "Trying user alice",
      "Trying user bob",
    ),
    ["failure 192.0.2.7 bob daemon[1]"],
  );
});

Deno.test("a pattern may name its session itself", () => {
  const filter = compileFilter(definitionOf({
    failregex: [
      "^<F-MLFID>\\w+</F-MLFID>: <F-NOFAIL>client</F-NOFAIL> <ADDR>$",
      "^<F-MLFID>\\w+</F-MLFID>: rejected$",
    ],
  }));
  const found: string[] = [];
  const block =
    "A1: client 192.0.2.1\nB2: client 192.0.2.2\nB2: rejected\nA1: rejected\nC3: rejected\n";
  scanText(filter, block, CONTEXT, (finding) => found.push(inShort(finding)));
  assertEquals(found, ["failure 192.0.2.2 B2", "failure 192.0.2.1 A1"]);
});

Deno.test("in a file, a session is a process on a host; without a process id there is none", () => {
  const filter = compileFilter(DAEMON);
  const found: string[] = [];
  const block = ["a daemon[1]", "b daemon[1]", "a daemon"].map((sender, index) =>
    `Nov 20 10:00:00 ${sender}: Connection from 192.0.2.${index}\n`
  ).concat(
    ["a daemon[1]", "b daemon[1]", "a daemon", "c daemon[1]"].map((sender) =>
      `Nov 20 10:00:01 ${sender}: Too many attempts\n`
    ),
  ).join("");
  scanText(filter, block, CONTEXT, (finding) => found.push(inShort(finding)));
  assertEquals(found, ["failure 192.0.2.0 a daemon[1]", "failure 192.0.2.1 b daemon[1]"]);
});

Deno.test("sessions survive a restart", () => {
  const filter = compileFilter(DAEMON);
  read(filter, "1", "Connection from 192.0.2.7");
  const state = JSON.parse(JSON.stringify(filter.save()));
  assertEquals(read(compileFilter(DAEMON, state), "1", "Too many attempts"), [
    "failure 192.0.2.7 daemon[1]",
  ]);
});

Deno.test("a flood of sessions with long names does not grow the state without bounds", () => {
  const filter = compileFilter(definitionOf({
    failregex: ["^<F-MLFID>\\S+</F-MLFID> <F-USER>\\S+</F-USER>(?: <ADDR>)?$"],
  }));
  const long = "x".repeat(2000);
  for (let i = 0; i < 3000; i++) scanText(filter, `${i}${long} ${long}\n`, CONTEXT, () => {});
  const { sessions } = filter.save();
  assertEquals(sessions.length >= 1000 && sessions.length <= 2000, true);
  assertEquals(sessions.at(-1)?.[0].startsWith("2999x"), true);
  assertEquals(JSON.stringify(sessions).length < 2000 * 2000, true);
});

Deno.test("a failure carries the lines of its session that make it, the oldest first", () => {
  const filter = compileFilter(DAEMON);
  const lines: string[][] = [];
  for (
    const text of [
      "Connection from 192.0.2.7",
      "Trying user alice",
      "Too many attempts",
      "Too many attempts",
      "Trying user alice",
      "Too many attempts",
    ]
  ) {
    filter.read(
      { time: 0, text, identifier: "daemon", pid: "1" },
      CONTEXT,
      (finding) => lines.push(finding.kind === "failure" ? finding.line.split("\n") : []),
    );
  }
  assertEquals(lines, [
    ["Connection from 192.0.2.7", "Trying user alice", "Too many attempts"],
    ["Too many attempts"],
    ["Trying user alice", "Too many attempts"],
  ]);
});

Deno.test("a login after several users is a failure, and no success", () => {
  const filter = compileFilter(DAEMON);
  assertEquals(
    read(
      filter,
      "1",
      "Connection from 192.0.2.7",
      "Trying user alice",
      "Accepted login for bob",
    ),
    ["failure 192.0.2.7 bob daemon[1]"],
  );
});

Deno.test("a session keeps few lines, cut short", () => {
  const filter = compileFilter(definitionOf({
    failregex: ["^<F-MLFID>\\w+</F-MLFID> <F-NOFAIL>x</F-NOFAIL>+$"],
  }));
  for (let i = 0; i < 1000; i++) scanText(filter, `A ${"x".repeat(5000)}\n`, CONTEXT, () => {});
  assertEquals(JSON.stringify(filter.save()).length < 8000, true);
});

const NEW_SESSION: Session = {
  host: undefined,
  address: undefined,
  user: undefined,
  severalUsers: false,
  pending: [],
  harmless: [],
  counted: undefined,
  once: [],
  inAdvance: false,
};

/** What any line does to its session. */
const sessionLine = fc.record({
  host: fc.constantFrom(undefined, "192.0.2.1", "2001:db8::1"),
  address: fc.constantFrom(undefined, undefined, "192.0.2.9"),
  user: fc.constantFrom(undefined, "", "root", "x".repeat(300)),
  isHarmless: fc.boolean(),
  isSuccess: fc.boolean(),
  once: fc.boolean(),
  pattern: fc.nat(2),
});

type SessionLineOf = typeof sessionLine extends fc.Arbitrary<infer T> ? T : never;

/** Takes a line in with all that it may mean; gives its failure's lines where it counts. */
function take(session: Session, line: string, next: SessionLineOf) {
  const meaning = addLine(session, { line, ...next });
  if (meaning.kind !== "failure") return undefined;
  if (session.host === undefined) return postpone(session, meaning.lines);
  const { pattern, once } = next;
  return countsInSession(session, { host: session.host, pattern, once })
    ? meaning.lines
    : undefined;
}

Deno.test("a failure that says all itself is taken in quickly as it is with care", () => {
  const next = fc.record({
    host: fc.constantFrom("192.0.2.1", "2001:db8::1"),
    user: fc.constantFrom(undefined, "", "root", "admin", "x".repeat(300)),
  });
  fc.assert(
    fc.property(fc.array(sessionLine, { maxLength: 4 }), next, (before, { host, user }) => {
      const session = { ...NEW_SESSION };
      before.forEach((line, index) => take(session, `line ${index}`, line));
      const quick = { ...session };
      if (!addPlainFailure(quick, host, user)) return assertEquals(quick, session);
      const plain = { host, user, address: undefined, pattern: 3, once: false };
      const lines = take(session, "next", { ...plain, isHarmless: false, isSuccess: false });
      assertEquals(lines, ["next"]);
      assertEquals(quick, session);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a first failure that says all itself is taken in quickly", () => {
  assert(addPlainFailure({ ...NEW_SESSION }, "192.0.2.1", "root"));
});
