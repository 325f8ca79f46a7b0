import { assert } from "@std/assert";
import { MAX_TEXT } from "../../lib/sources/journal_entry.ts";
import { JournalExport } from "../../lib/sources/journal_export.ts";
import { damagedBytes, fuzz } from "./fuzz.ts";

const good = [
  "MESSAGE=Failed password for root from 192.0.2.7 port 22 ssh2\nSYSLOG_IDENTIFIER=sshd\n",
  "MESSAGE\n\x05\0\0\0\0\0\0\0a\n\n\x1bb\n_COMM=sshd\n_PID=77\n",
  "_HOSTNAME=server\n",
  "MESSAGE=one\nMESSAGE=two\n_PID=1\n_PID=2\n",
  "MESSAGE=\u65e5\u672c \u2028\n_SYSTEMD_UNIT=ssh.service\n",
].map((fields, index) =>
  `__CURSOR=s=${index}\n__REALTIME_TIMESTAMP=1795448563000123\n__SEQNUM=${index}\n${fields}\n`
);

Deno.test("fuzz: whatever journalctl prints is an entry that holds what it must, or malformed", async () => {
  let refused = 0;
  await fuzz(damagedBytes([...good, good.join("")]), (bytes) => {
    const journal = new JournalExport(["_SYSTEMD_UNIT", "_COMM"], {
      onMalformed: () => {},
      onOversized: () => {},
    });
    try {
      for (let at = 0; at < bytes.length; at += 100) {
        for (const { time, text, cursor, fields } of journal.read(bytes.slice(at, at + 100))) {
          new Date(time).toISOString();
          assert(text.length <= MAX_TEXT && typeof cursor === "string");
          assert(Object.values(fields).every((value) => typeof value === "string"));
        }
      }
    } catch (error) {
      if (!(error as Error).message.includes("does not end where it should")) throw error;
      refused++;
    }
  });
  assert(refused > 0, "some lengths were damaged");
});
