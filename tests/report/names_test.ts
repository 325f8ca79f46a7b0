import { assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { NameReader } from "../../lib/report/mod.ts";

const NOW = Date.parse("2026-11-23T21:40:00Z");

Deno.test("user names are read from kept lines, of the journal and of files, each once and not too long", async () => {
  const { jails } = await loadConfig("/nowhere", { isOptional: true });
  const reader = new NameReader(jails);
  const failed = (name: string) =>
    `Failed password for invalid user ${name} from 192.0.2.7 port 4 ssh2`;
  assertEquals(reader.namesIn("sshd", [failed("bob"), failed("eve"), failed("bob")], NOW), [
    "bob",
    "eve",
  ]);
  assertEquals(
    reader.namesIn("sshd", [`Nov 23 01:17:32 server sshd[71]: ${failed("ann")}`], NOW),
    ["ann"],
  );
  assertEquals(reader.namesIn("sshd", [failed("a".repeat(500))], NOW)[0]!.length, 64);
  assertEquals(reader.namesIn("sshd", ["Server listening on 0.0.0.0 port 22."], NOW), []);
  // The jail takes no reports.
  assertEquals(reader.namesIn("sshd", ["reported: wrong PIN (user bob)"], NOW), []);
  assertEquals(reader.namesIn("gone", [failed("bob")], NOW), []);
});
