import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BanMemory, endOfBan } from "../../lib/jail/penalty.ts";
import { settingsOf } from "./settings.ts";

const HOST = "192.0.2.7";
const plain = { factor: 2, maxtime: Infinity, rndtime: 0, memory: 1000, overalljails: false };

Deno.test("endOfBan adds bantime, or null for ever", () => {
  assertEquals(endOfBan(settingsOf({ bantime: 60 }), HOST, 1000, 7), 1060);
  assertEquals(endOfBan(settingsOf({ bantime: Infinity }), HOST, 1000, 0), null);
  assertEquals(endOfBan(settingsOf({ bantime: 1e300 }), HOST, 1000, 0), null);
});

Deno.test("endOfBan grows by factor or by the list, of which the last stays", () => {
  const lengths = (increment: typeof plain & { multipliers?: number[] }) =>
    [0, 1, 2, 3, 50].map((past) => endOfBan(settingsOf({ bantime: 10, increment }), HOST, 0, past));
  assertEquals(lengths(plain), [10, 20, 40, 80, null]);
  assertEquals(lengths({ ...plain, maxtime: 35 }), [10, 20, 35, 35, 35]);
  assertEquals(lengths({ ...plain, multipliers: [1, 5, 30] }), [10, 50, 300, 300, 300]);
  assertEquals(lengths({ ...plain, multipliers: [1, 5, 30], maxtime: 100 }), [
    10,
    50,
    100,
    100,
    100,
  ]);
});

Deno.test("endOfBan does not cap what is for ever", () => {
  const increment = { ...plain, maxtime: 5 };
  assertEquals(endOfBan(settingsOf({ bantime: Infinity, increment }), HOST, 0, 3), null);
});

Deno.test("endOfBan never shrinks with more past bans, up to the cap", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1e9 }),
    fc.double({ min: 1, max: 10, noNaN: true }),
    fc.integer({ min: 1, max: 1e10 }),
    fc.nat(100),
    (bantime, factor, maxtime, past) => {
      const settings = settingsOf({ bantime, increment: { ...plain, factor, maxtime } });
      const [shorter, longer] = [
        endOfBan(settings, HOST, 0, past)!,
        endOfBan(settings, HOST, 0, past + 1)!,
      ];
      assert(shorter <= longer && longer <= maxtime);
      assert(longer === maxtime || factor === 1 || longer >= Math.round(shorter));
    },
  ));
});

Deno.test("endOfBan adds a random part that is spread, within rndtime, and the same each time", () => {
  const settings = settingsOf({ bantime: 1000, increment: { ...plain, rndtime: 600 } });
  const parts = Array.from(
    { length: 1000 },
    (_, at) => endOfBan(settings, HOST, at, 0)! - at - 1000,
  );
  assert(parts.every((part) => part >= 0 && part <= 600));
  for (let sixth = 0; sixth < 6; sixth++) {
    const inside = parts.filter((part) => part >= sixth * 100 && part < (sixth + 1) * 100).length;
    assert(inside > 100 && inside < 250, `${inside} of 1000 in one sixth`);
  }
  assertEquals(
    parts,
    Array.from({ length: 1000 }, (_, at) => endOfBan(settings, HOST, at, 0)! - at - 1000),
  );
});

Deno.test("BanMemory forgets a host's bans together, and starts anew", () => {
  const memory = new BanMemory();
  memory.add("a", HOST, 0, 100);
  memory.add("a", HOST, 90, 200);
  assertEquals(memory.count(HOST, 200, "a"), 2);
  assertEquals(memory.count(HOST, 201, "a"), 0);
  memory.add("a", HOST, 201, 300);
  assertEquals(memory.count(HOST, 201, "a"), 1);
  memory.setForgotten("a", HOST, 210);
  assertEquals(memory.count(HOST, 211, "a"), 0);
});

Deno.test("BanMemory counts by jail or over all", () => {
  const memory = new BanMemory();
  memory.add("a", HOST, 0, 100);
  memory.add("b", HOST, 0, 100);
  memory.add("b", HOST, 0, Infinity);
  assertEquals([memory.count(HOST, 50, "a"), memory.count(HOST, 50, "b"), memory.count(HOST, 50)], [
    1,
    2,
    3,
  ]);
  assertEquals(memory.count(HOST, 500), 2);
  assertEquals(memory.count("192.0.2.8", 50), 0);
});

Deno.test("BanMemory frees what it has forgotten", () => {
  const memory = new BanMemory();
  for (let host = 0; host < 1000; host++) memory.add("a", `192.0.2.${host}`, 0, host);
  for (let step = 0; step < 64; step++) memory.sweep("a", 900);
  assertEquals([...memory.save()["a"]!].length, 100);
});
