import { assert } from "@std/assert";
import { MAX_TEXT } from "../../lib/sources/journal_entry.ts";
import { JournalJson } from "../../lib/sources/journal_json.ts";
import { damagedBytes, fuzz } from "./fuzz.ts";

const good = [
  { MESSAGE: "Failed password for root from 192.0.2.7 port 22 ssh2", SYSLOG_IDENTIFIER: "sshd" },
  { MESSAGE: [70, 97, 255, 27, 91], _COMM: "sshd", _PID: "77" },
  { MESSAGE: null, _HOSTNAME: "server" },
  { MESSAGE: ["one", [116, 119, 111], null], _PID: ["1", "2"] },
  { MESSAGE: 'quoted "\\ \u2028\n', _SYSTEMD_UNIT: "ssh.service" },
].map((fields, index) =>
  `${
    JSON.stringify({ __CURSOR: `s=${index}`, __REALTIME_TIMESTAMP: "1795448563000123", ...fields })
  }\n`
);

Deno.test("fuzz: whatever journalctl prints is an entry that holds what it must, or malformed", async () => {
  const json = new JournalJson(["_SYSTEMD_UNIT", "_COMM"]);
  await fuzz(damagedBytes([...good, good.join("")]), (bytes) => {
    const block = new Uint8Array([...bytes, 10]);
    let malformed = 0;
    const entries = json.read(block, () => malformed++);
    const lines = block.filter((byte) => byte === 10).length;
    assert(entries.length + malformed === lines, "each line is one or the other");
    for (const { time, text, cursor, fields } of entries) {
      new Date(time).toISOString();
      assert(text.length <= MAX_TEXT && typeof cursor === "string");
      assert(Object.values(fields).every((value) => typeof value === "string"));
    }
  });
});
