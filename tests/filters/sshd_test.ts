import { assertEquals } from "@std/assert";
import type { Finding } from "../../lib/filter/failure.ts";
import { findInFile, hostsOf } from "./shipped.ts";

const log = Deno.readTextFileSync(new URL("sshd.log", import.meta.url));

for (const { title, attempts, text } of connectionsIn(log)) {
  Deno.test(`sshd: ${title}: ${attempts} failed`, () => {
    assertEquals(failuresLeft(findInFile("sshd", text)).length, attempts, text);
  });
}

Deno.test("sshd[mode=aggressive]: a connection that ends before a user is named counts once, all others as without", () => {
  for (const { title, attempts, text } of connectionsIn(log)) {
    const expected = attempts === 0 && !text.includes("Accepted") ? 1 : attempts;
    const findings = findInFile("sshd", text, { mode: "aggressive" });
    assertEquals(failuresLeft(findings).length, expected, `${title}\n${text}`);
  }
});

Deno.test("sshd: the whole log blames none but those who connected", () => {
  const peers = new Set(["192.0.2.7", "192.0.2.8", "198.51.100.23", "2001:db8::7"]);
  assertEquals(new Set(hostsOf(findInFile("sshd", log))), peers);
});

Deno.test("sshd: all connections together count what each counts alone", () => {
  const alone = connectionsIn(log).reduce((sum, { attempts }) => sum + attempts, 0);
  assertEquals(failuresLeft(findInFile("sshd", log)).length, alone);
});

Deno.test("sshd: lines of many connections under one process id count each", () => {
  const lines = [1, 2, 3].map((port) =>
    `Nov 21 01:17:35 server sshd[7204]: Invalid user a from 192.0.2.7 port ${port}`
  );
  assertEquals(hostsOf(findInFile("sshd", lines.join("\n"))), [
    "192.0.2.7",
    "192.0.2.7",
    "192.0.2.7",
  ]);
});

Deno.test("sshd: lines of several hosts under one process id count each", () => {
  const lines = [7, 8, 9].map((host) =>
    `Nov 21 01:17:35 server sshd: Invalid user a from 192.0.2.${host} port 5000`
  );
  assertEquals(hostsOf(findInFile("sshd", lines.join("\n"))), [
    "192.0.2.7",
    "192.0.2.8",
    "192.0.2.9",
  ]);
});

/** The failures that the later success of their session did not take back. */
function failuresLeft(findings: readonly Finding[]): Finding[] {
  return findings.filter((finding, index) =>
    finding.kind === "failure" &&
    !findings.slice(index).some(({ kind, session }) =>
      kind === "success" && session === finding.session
    )
  );
}

/** The connections of the log: a comment `# ATTEMPTS: TITLE`, then lines. */
function connectionsIn(text: string): { title: string; attempts: number; text: string }[] {
  return text.split(/^# (?=\d)/m).slice(1).map((part, index) => {
    const [, attempts, title, lines] = /^(\d+): (.*)\n([^]*)$/.exec(part)!;
    return {
      title: `connection ${index + 1}: ${title}`,
      attempts: Number(attempts),
      text: lines!.trim(),
    };
  });
}
