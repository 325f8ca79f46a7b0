/** Logs at random through banjo and through fail2ban itself: sessions, pending failures, several lines, ignored ones. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileFilter } from "../../lib/filter/filter.ts";
import { definitionOf } from "../filter/definitions.ts";

/** A line's findings: whom, by which user, when, and the lines that make it. */
type Findings = readonly (readonly [string, string | null, number, readonly string[]])[];

const NOW = Date.UTC(2026, 10, 20, 12);

const SESSIONS = {
  prefregex: "^ <F-MLFID>s\\d+</F-MLFID>#\\d+: <F-CONTENT>.+</F-CONTENT>$",
  failregex: [
    "^<F-NOFAIL>from</F-NOFAIL> <HOST>$",
    "^failed for <F-USER>\\w+</F-USER>(?: from <HOST>)?$",
    "^bad$",
    "^<F-NOFAIL>tries</F-NOFAIL> <F-USER>\\w+</F-USER>$",
    "^<F-MLFGAINED>accepted</F-MLFGAINED>(?: <F-USER>\\w+</F-USER>)?$",
    "^<F-NOFAIL><F-MLFFORGET>closed</F-MLFFORGET></F-NOFAIL>$",
    "^<F-MLFFORGET>reset</F-MLFFORGET>(?: by <HOST>)?$",
  ],
  ignoreregex: ["^failed for carol"],
  maxlines: 1,
};

/**
 * No more than two patterns beyond the ignoreregex: else fail2ban asks that about all lines in sight first, so that an
 * ignored line hides the failures around it. banjo asks about the lines that matched.
 */
const LINES = {
  failregex: [
    "^ (?<session>s\\d+)#\\d+: from <HOST>$<SKIPLINES>^ \\k<session>#\\d+: bad$",
    "^ s\\d+#\\d+: failed for <F-USER>\\w+</F-USER> from <HOST>$",
    "^ s\\d+#\\d+: closed\\n s\\d+#\\d+: reset by <HOST>$",
  ],
  ignoreregex: ["failed for carol"],
  maxlines: 5,
};

const session = fc.constantFrom("s1", "s2", "s3");
// Of one family: where a session has had addresses of both, fail2ban stays with the IPv4 one, banjo takes the latest.
const host = fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3");
const user = fc.constantFrom("alice", "bob", "carol");
const message = fc.oneof(
  fc.constantFrom("bad", "closed", "reset", "accepted", "noise"),
  host.chain((host) => fc.constantFrom(`from ${host}`, `reset by ${host}`)),
  user.chain((user) => fc.constantFrom(`failed for ${user}`, `tries ${user}`, `accepted ${user}`)),
  fc.tuple(user, host).map(([user, host]) => `failed for ${user} from ${host}`),
);
// Lines are numbered: of lines that are alike but for their date, fail2ban does not know which were skipped.
const log = fc.array(fc.tuple(session, message), { minLength: 1, maxLength: 30 }).map((lines) =>
  lines.map(([session, message], second) =>
    `2026-11-20 11:59:${String(second).padStart(2, "0")} ${session}#${second}: ${message}`
  )
);

for (const [what, parts] of Object.entries({ sessions: SESSIONS, "several lines": LINES })) {
  Deno.test(`banjo finds in ${what} what fail2ban finds`, async () => {
    const logs = fc.sample(log, 300);
    const expected = await askFail2ban(parts, logs);
    assertEquals(expected.flat(2).length > 100, true, "the logs are about nothing");
    logs.forEach((log, index) => {
      const found = askBanjo(parts, log);
      const at = found.findIndex((one, line) =>
        JSON.stringify(one) !== JSON.stringify(expected[index]![line])
      );
      assertEquals(found[at], expected[index]![at], log.slice(0, at + 1).join("\n"));
    });
  });
}

function askBanjo(parts: typeof SESSIONS | typeof LINES, log: readonly string[]): Findings[] {
  const filter = compileFilter(definitionOf({ ...parts, datepattern: ["^%Y-%m-%d %H:%M:%S"] }));
  return log.map((text) => {
    const { findings } = filter.explain({ time: undefined, text }, { now: NOW, live: false });
    return findings.flatMap((finding) =>
      finding.kind === "failure"
        ? [[finding.host, finding.user ?? null, finding.time / 1000, finding.line.split("\n")]]
        : []
    ) as unknown as Findings;
  });
}

async function askFail2ban(
  parts: typeof SESSIONS | typeof LINES,
  logs: readonly (readonly string[])[],
): Promise<Findings[][]> {
  const python = (pattern: string) =>
    pattern.replaceAll("(?<", "(?P<").replace(/\\k<(\w+)>/g, "(?P=$1)");
  const definition = {
    ...parts,
    failregex: parts.failregex.map(python),
    datepattern: "^%Y-%m-%d %H:%M:%S",
  };
  const child = new Deno.Command("/usr/bin/python3", {
    args: [new URL("fail2ban_filter.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const input = new TextEncoder().encode(JSON.stringify([definition, NOW / 1000, logs]));
  const written = writer.write(input).then(() => writer.close());
  const { stdout } = await child.output();
  await written;
  return JSON.parse(new TextDecoder().decode(stdout));
}
