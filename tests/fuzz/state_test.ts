import { assertEquals } from "@std/assert";
import { parseRecord, printRecord } from "../../lib/state/history.ts";
import { NewerSnapshotError, parseSnapshot, printSnapshot } from "../../lib/state/snapshot.ts";
import { jailOf } from "../jail/settings.ts";
import { banOf, instantOf } from "../state/instants.ts";
import { damaged, fuzz } from "./fuzz.ts";

const snapshot = {
  version: 1 as const,
  banjo: "0.1.0",
  saved: "2026-11-20T12:00:00.000Z",
  history: 7,
  ...instantOf(3),
};

Deno.test("fuzz: a state file is refused, or it is one that jails can go on from", async () => {
  await fuzz(damaged([[...printSnapshot(snapshot)].join("")]), (text) => {
    const read = parseSnapshot(text);
    assertEquals(parseSnapshot([...printSnapshot(read)].join("")), read);
    for (const { jail } of Object.values(read.jails)) {
      const restored = jailOf({}, jail);
      restored.tick(Date.now());
      restored.save();
    }
  }, { refusals: [SyntaxError, NewerSnapshotError] });
});

Deno.test("fuzz: a line of the history is refused, or it can be printed again", async () => {
  const ban = banOf(1_795_448_563_000);
  const unban = { ...ban, kind: "unban" as const, reason: "manual" as const };
  const good = [printRecord(ban), printRecord(unban)].map((line) => line.trim());
  await fuzz(damaged(good), (line) => {
    const record = parseRecord(line);
    assertEquals(parseRecord(printRecord({ ...record })).time, record.time);
  }, { refusals: [SyntaxError] });
});
