import { assertEquals } from "@std/assert";
import { Withheld } from "../../lib/agent/withheld.ts";
import type { Ban } from "../../lib/jail/mod.ts";

const HOUR = 3_600_000;

function withheld() {
  const problems = new Map<string, string>();
  const kept = new Withheld((source, problem) => {
    if (problem === null) problems.delete(source);
    else problems.set(source, problem);
  });
  const spare = (host: string, time: number) => {
    const ban: Ban = {
      jail: "sshd",
      host,
      since: time,
      until: null,
      failures: 5,
      bans: 1,
      lines: [],
      cause: "failures",
    };
    kept.take({ kind: "spared", time, ban, reason: "is logged in" }, time);
  };
  return { kept, spare, problems };
}

Deno.test("who is spared again and again is an alarm, until he is banned by hand or leaves off", () => {
  const { kept, spare, problems } = withheld();
  for (let time = 0; time < 9; time++) spare("192.0.2.7", time);
  spare("192.0.2.8", 9);
  assertEquals([...problems], []);
  spare("192.0.2.7", 10);
  const words = "sshd: 192.0.2.7 goes on failing and is spared, for it is logged in: " +
    "`banjo ban 192.0.2.7 --force` ends it";
  assertEquals([...problems.values()], [words]);
  spare("192.0.2.7", 11);
  kept.check(11 * HOUR);
  assertEquals([...problems.values()], [words]);
  kept.settle("192.0.2.7");
  assertEquals([[...problems], kept.spared.length], [[], 1]);

  for (let time = 0; time < 10; time++) spare("192.0.2.9", HOUR + time);
  assertEquals(problems.size, 1);
  kept.check(14 * HOUR);
  assertEquals([[...problems], kept.spared.length], [[], 0]);
});

Deno.test("alarms about spared hosts are as few as the hosts that are shown", () => {
  const { kept, spare, problems } = withheld();
  for (let host = 0; host < 300; host++) {
    for (let time = 0; time < 10; time++) spare(`192.0.${host >> 8}.${host & 255}`, time);
  }
  assertEquals([problems.size, kept.spared.length], [100, 100]);
});
