/** Whatever fails around an agent that reads a log file, in the end it has decided what it would have without. */
import { assert, assertEquals } from "@std/assert";
import { banjo } from "../banjo.ts";
import { isLong, usualOrLong } from "../long.ts";
import { testAsRoot } from "../root.ts";
import { attackOf } from "./attack.ts";
import { FaultRun, type FaultRunOptions } from "./fault_run.ts";
import { differences, historyOfSimulation, type Outcome, shortHistory } from "./outcome.ts";
import { tryRuns } from "./runs.ts";

const needs = { programs: ["nft", "unshare", "nsenter", "setpriv", "faketime"] };

testAsRoot("bans, counters and history are the same whatever fails", needs, async (t) => {
  const size = isLong ? { lines: 100_000, attackers: 2_000 } : { lines: 1_500, attackers: 60 };
  const attack = attackOf(size.lines, size);
  let expected!: Outcome;

  await t.step("as a simulation of the same log shows", async () => {
    expected = await referenceOf({ attack });
    const bans = expected.kernel.length;
    assert(bans > size.attackers / 4, `${bans} bans in the end`);
  });

  await t.step("through runs with faults", async () => {
    await tryRuns(
      { runs: usualOrLong(24, 200), lanes: 3 },
      (seed) => FaultRun.create({ attack, hasOwnClock: seed % 3 === 0 }),
      async (run, seed) => {
        const outcome = await run.withFaults(seed, usualOrLong(8, 30));
        assertEquals(differences(outcome, expected), []);
      },
    );
  });
});

testAsRoot("and with ufw as the firewall", { programs: [...needs.programs, "ufw"] }, async () => {
  // It manages three bans a second.
  const attack = attackOf(1, { lines: 300, attackers: 12 });
  const expected = await referenceOf({ attack, firewall: "ufw" });
  await tryRuns(
    { runs: usualOrLong(2, 20), lanes: 2 },
    () => FaultRun.create({ attack, firewall: "ufw" }),
    async (run, seed) => {
      const outcome = await run.withFaults(seed, usualOrLong(5, 15));
      assertEquals(differences(outcome, expected), []);
    },
  );
});

/** What a run leads to in which nothing fails, which is what a simulation of the same log shows. */
async function referenceOf(options: FaultRunOptions): Promise<Outcome> {
  await using run = await FaultRun.create(options);
  const outcome = await run.withoutFaults();
  const { json, stderr } = await banjo(
    ["simulate", "--json", "--since", "8h", "--config", run.config],
  );
  assertEquals(stderr, "");
  assertEquals(historyOfSimulation(json), shortHistory(outcome.history));
  assertEquals(outcome.kernel, bansOf(outcome));
  return outcome;
}

/** The bans of all jails, as the kernel's are told. */
function bansOf({ jails }: Outcome): readonly string[] {
  return Object.values(jails).flatMap(({ bans }) => bans).map((text) => JSON.parse(text))
    .map(({ jail, host }) => `${jail} ${host}`).sort();
}
