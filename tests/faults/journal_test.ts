/** Whatever fails around an agent that reads the journal, it has decided what a simulation over the same journal does. */
import { usualOrLong } from "../long.ts";
import { testAsRoot } from "../root.ts";
import { JournalRun } from "./journal_run.ts";
import { tryRuns } from "./runs.ts";

const needs = { programs: ["nft", "perl", "unshare", "nsenter", "setpriv"] };
/** One after the other: they share the control group of a unit. */
const EXTENT = { runs: usualOrLong(4, 60), lanes: 1 };
const STEPS = usualOrLong(6, 20);
/** Of a step at most. */
const ENTRIES = usualOrLong(20, 200);

testAsRoot("bans and counters are what the journal leads to, whatever fails", needs, async () => {
  await tryRuns(
    EXTENT,
    (seed) => JournalRun.create(seed),
    (run) => run.withFaults(STEPS, ENTRIES),
  );
});
