import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compileFilter, FilterError } from "../../lib/filter/filter.ts";
import { entriesOfKept } from "../../lib/filter/kept_line.ts";
import type { Entry } from "../../lib/sources/entry.ts";
import { CONTEXT, definitionOf, hosts } from "./definitions.ts";

const GLUED = definitionOf({
  journalText: "syslog",
  failregex: ["^(?:\\S+ )?sshd(?:\\[\\d+\\])?: (?:error: )?Failed .* from <ADDR>$"],
});

function find(definition: typeof GLUED, entry: Partial<Entry>): (string | undefined)[] {
  const { findings } = compileFilter(definition).explain({ time: 0, text: "", ...entry }, CONTEXT);
  return hosts(findings);
}

const FAILED = "Failed password from 192.0.2.7";

Deno.test("with journal_text = syslog, patterns see a header made of the journal's fields", () => {
  const { text } = compileFilter(GLUED).explain(
    { time: 0, text: "one\ntwo", identifier: "sshd", pid: "7", host: "server" },
    CONTEXT,
  );
  assertEquals(text, "server sshd[7]: one\\ntwo");
  assertEquals(find(GLUED, { text: FAILED, identifier: "sshd", pid: "7", host: "server" }), [
    "192.0.2.7",
  ]);
  assertEquals(find(GLUED, { text: FAILED, identifier: "cron", host: "server" }), []);
});

Deno.test("with journal_text = syslog, the kernel's stamp stands before its message, and is kept with it", () => {
  const filter = definitionOf({
    journalText: "syslog",
    failregex: ["^\\S+ kernel: \\[ *\\d+\\.\\d{6}\\] REFUSED SRC=<ADDR> "],
  });
  const text = "REFUSED SRC=192.0.2.7 DST=192.0.2.1";
  const kernel = { identifier: "kernel", host: "server", uptime: 123_456_789, text };
  const explained = compileFilter(filter).explain({ time: 0, ...kernel }, CONTEXT);
  assertEquals(explained.text, `server kernel: [  123.456789] ${text}`);
  assertEquals(hosts(explained.findings), ["192.0.2.7"]);
  assertEquals(find(filter, { ...kernel, uptime: 12_345_678_000_000 }), ["192.0.2.7"]);
  const kept = entriesOfKept(explained.text!, filter, 0);
  assertEquals(kept.flatMap((entry) => find(filter, entry)), ["192.0.2.7"]);
});

Deno.test("the same patterns match a file's lines", () => {
  const found = hosts(
    compileFilter(GLUED).explain(
      { time: undefined, text: `Nov 20 10:00:00 server sshd[7]: ${FAILED}` },
      CONTEXT,
    ).findings,
  );
  // A blank stays where the date was cut out.
  assertEquals(found, []);
  const lenient = {
    ...GLUED,
    failregex: GLUED.failregex.map((regex) => regex.replace("^", "^\\s*")),
  };
  assertEquals(
    hosts(
      compileFilter(lenient).explain(
        { time: undefined, text: `Nov 20 10:00:00 server sshd[7]: ${FAILED}` },
        CONTEXT,
      ).findings,
    ),
    ["192.0.2.7"],
  );
});

Deno.test("no message, and no field that an entry lacks, can take the header's place", () => {
  const name = fc.option(
    fc.constantFrom("", " ", "x", "evil: sshd", "x sshd[1]:", "server evil", "[", "a:"),
    { nil: undefined },
  );
  const message = fc.constantFrom(
    `sshd[1]: ${FAILED}`,
    `server sshd[1]: ${FAILED}`,
    `: sshd: ${FAILED}`,
    `\nserver sshd: ${FAILED}`,
    ` sshd: ${FAILED}`,
  );
  fc.assert(fc.property(message, name, name, name, (text, identifier, pid, host) => {
    assertEquals(
      find(GLUED, {
        text,
        ...(identifier && { identifier }),
        ...(pid && { pid }),
        ...(host && { host }),
      }),
      [],
    );
  }));
});

Deno.test("journal_text = syslog and syslog_identifier exclude each other", () => {
  assertThrows(
    () => compileFilter({ ...GLUED, syslogIdentifier: ["sshd"] }),
    FilterError,
    "journal_text",
  );
});
