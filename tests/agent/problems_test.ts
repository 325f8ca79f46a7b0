import { assertEquals } from "@std/assert";
import { Problems } from "../../lib/agent/problems.ts";

Deno.test("a problem is an alarm once, and its end a recovery in the words that it had last", () => {
  const told: unknown[] = [];
  let changes = 0;
  const problems = new Problems((alarm) => {
    changes++;
    if (alarm !== undefined) told.push([alarm.event, alarm.about, alarm.problem]);
  });
  problems.set("state", null);
  problems.set("state", "The disk is full");
  problems.set("state", "The disk is still full");
  problems.set("journal", "It hangs");
  assertEquals(problems.all, ["The disk is still full", "It hangs"]);
  problems.set("state", null);
  problems.set("state", null);
  assertEquals(problems.all, ["It hangs"]);
  assertEquals(told, [
    ["alarm", "state", "The disk is full"],
    ["alarm", "journal", "It hangs"],
    ["recovery", "state", "The disk is still full"],
  ]);
  assertEquals(changes, 6);
});
