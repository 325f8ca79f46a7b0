import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { noFacts } from "../../lib/jail/mod.ts";
import { Recording, suggestFrom, tryAll } from "../../lib/tune/mod.ts";
import { settingsOf } from "../jail/settings.ts";

const MINUTE = 60_000;

/** Each attacker fails so often, with so many minutes between; each user fails so often in a row and then gets in. */
interface World {
  readonly attackers: readonly { readonly times: number; readonly pause: number }[];
  readonly users: readonly number[];
}

const world: fc.Arbitrary<World> = fc.record({
  attackers: fc.array(
    fc.record({
      times: fc.integer({ min: 1, max: 40 }),
      pause: fc.constantFrom(0.05, 1, 8, 30, 100),
    }),
    { maxLength: 30 },
  ),
  users: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
});

function recordingOf({ attackers, users }: World): Recording {
  const recording = new Recording();
  const fail = (host: string, time: number) =>
    recording.onFinding({ kind: "failure", time, host, line: "", pattern: 0 }, false);
  attackers.forEach(({ times, pause }, index) => {
    for (let nth = 0; nth < times; nth++) fail(`198.18.0.${index}`, nth * pause * MINUTE);
  });
  users.forEach((times, index) => {
    const host = `203.0.113.${index}`;
    for (let nth = 0; nth < times; nth++) fail(host, nth * 5_000);
    recording.onFinding({ kind: "success", time: MINUTE, session: "s", host }, false);
  });
  return recording;
}

function tune(world: World, changes: Parameters<typeof settingsOf>[0]) {
  const settings = settingsOf({ maxretry: 5, findtime: 10 * MINUTE, ...changes });
  const recording = recordingOf(world);
  const trials = tryAll(settings, recording, noFacts);
  const present = trials.find(({ maxretry, findtime }) =>
    maxretry === settings.maxretry && findtime === settings.findtime
  )!;
  return { trials, present, suggestion: suggestFrom(trials, present, recording) };
}

Deno.test("stricter thresholds never ban fewer, and what is suggested spares whom it can", () => {
  fc.assert(
    fc.property(world, (world) => {
      const { trials, present, suggestion } = tune(world, {});
      for (const one of trials) {
        for (const other of trials) {
          if (one.maxretry > other.maxretry || one.findtime < other.findtime) continue;
          assert(other.banned.isSubsetOf(one.banned));
        }
      }
      if (suggestion === undefined) {
        assert(trials.every(({ maxretry, attackers }) => maxretry < 3 || attackers < 5));
        return;
      }
      const { trial } = suggestion;
      assert(trial.maxretry >= 3);
      // Whatever does at least as well on both counts, nothing is better on one by much.
      for (const other of trials.filter(({ maxretry }) => maxretry >= 3)) {
        const isSafer = other.atRisk.length < trial.atRisk.length;
        assert(!isSafer || other.attackers < trial.attackers);
        const isAsSafe = other.atRisk.length === trial.atRisk.length;
        assert(!isAsSafe || trial.attackers >= 0.95 * other.attackers);
      }
      assert(trial === present || present.attackers < trial.attackers || present.atRisk.length > 0);
    }),
    { numRuns: 50 },
  );
});

Deno.test("thresholds that do well are left alone", () => {
  const attackers = Array.from({ length: 20 }, () => ({ times: 30, pause: 0.05 }));
  const { suggestion, present } = tune({ attackers, users: [1, 2] }, {});
  assertEquals(suggestion?.trial, present);
  assertEquals(present.atRisk, []);
});
