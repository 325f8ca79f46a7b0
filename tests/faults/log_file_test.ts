/** Whatever fails around an agent that reads a log file, in the end it has decided what it would have without. */
import { assert, assertEquals } from "@std/assert";
import { banjo } from "../banjo.ts";
import { isLong, usualOrLong } from "../long.ts";
import { testAsRoot } from "../root.ts";
import { attackOf } from "./attack.ts";
import { FaultRun } from "./fault_run.ts";
import { differences, historyOfSimulation, type Outcome, shortHistory } from "./outcome.ts";

const needs = { programs: ["nft", "unshare", "nsenter", "faketime"] };
const RUNS = usualOrLong(24, 200);
/** One alone, to look at it again: BANJO_SEED=17. */
const only = Deno.env.get("BANJO_SEED");
const SEEDS = only === undefined
  ? Array.from({ length: RUNS }, (_, index) => index + 1)
  : [Number(only)];
const STEPS = usualOrLong(8, 30);
const SIZE = isLong ? { lines: 100_000, attackers: 2_000 } : { lines: 1_500, attackers: 60 };
/** Runs at the same time: they wait more than they work. */
const LANES = 3;

testAsRoot("bans, counters and history are the same whatever fails", needs, async (t) => {
  const attack = attackOf(SIZE.lines, SIZE);
  let expected!: Outcome;

  await t.step("as a simulation of the same log shows", async () => {
    await using run = await FaultRun.create(attack);
    expected = await run.withoutFaults();
    const { json, stderr } = await banjo(
      ["simulate", "--json", "--since", "8h", "--config", run.config],
    );
    assertEquals(stderr, "");
    assertEquals(historyOfSimulation(json), shortHistory(expected.history));
    assert(
      expected.kernel.length > SIZE.attackers / 4,
      `${expected.kernel.length} bans in the end`,
    );
    assertEquals(expected.kernel, bansOf(expected));
  });

  await t.step(`through ${SEEDS.length} runs with faults`, async () => {
    const seeds = [...SEEDS];
    const lanes = Array.from({ length: LANES }, async () => {
      for (let seed; (seed = seeds.shift()) !== undefined;) {
        await using run = await FaultRun.create(attack, seed % 3 === 0);
        try {
          assertEquals(differences(await run.withFaults(seed, STEPS), expected), []);
        } catch (error) {
          // One is enough.
          seeds.length = 0;
          throw new Error(`${run.story}: ${(error as Error).message}`, { cause: error });
        }
      }
    });
    const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  });
});

/** The bans of all jails, as the kernel's are told. */
function bansOf({ jails }: Outcome): readonly string[] {
  return Object.values(jails).flatMap(({ bans }) => bans).map((text) => JSON.parse(text))
    .map(({ jail, host }) => `${jail} ${host}`).sort();
}
