/** Whatever goes through the agent, what it holds does not grow with it. */
import { assert } from "@std/assert";
import { isLong, soakMinutes } from "../long.ts";
import { testAsRoot } from "../root.ts";
import { type Sample, Soak } from "./soak.ts";

const needs = { programs: ["nft", "perl", "logger", "unshare", "nsenter", "setpriv"] };
/** How often it is told how it stands, in seconds. */
const TELL = 60;

/** Of the time: first V8 warms up and the sets of bans fill; then comes what the end is compared with. */
const WARM = 0.25;
/** What may be more in the end: of memory at rest, for V8 collects garbage when it sees fit. */
const PLAY = { bytes: 24 * 1024 * 1024, descriptors: 4, children: 2 };
/** What no agent under this load should ever hold, garbage included. */
const MOST = { bytes: 1024 * 1024 * 1024, descriptors: 100, children: 10 };

testAsRoot(
  "a load without end takes no more and no more memory and descriptors",
  needs,
  async () => {
    await using soak = await Soak.start();
    const samples: Sample[] = [];
    const end = soakMinutes * 60;
    let warm: Sample | undefined;
    for (let next = TELL; (samples.at(-1)?.seconds ?? 0) < end;) {
      const sample = await soak.round();
      samples.push(sample);
      if (!isLong) continue;
      if (warm === undefined && sample.seconds > WARM * end) warm = await soak.rest();
      if (sample.seconds < next) continue;
      next += TELL;
      console.log(describe(sample, soak));
    }
    for (const measure of ["bytes", "descriptors", "children"] as const) {
      const values = samples.map((sample) => sample[measure]);
      assert(Math.max(...values) < MOST[measure], `${measure}: ${values}`);
    }
    if (warm === undefined) return;
    const last = await soak.rest();
    console.log(`at rest: ${describe(warm, soak)}; ${describe(last, soak)}`);
    for (const measure of ["bytes", "descriptors", "children"] as const) {
      const [before, after] = [warm[measure], last[measure]];
      assert(after <= before + PLAY[measure], `${measure} grew from ${before} to ${after}`);
    }
  },
);

function describe(sample: Sample, { done }: Soak): string {
  const { seconds, cpu, bytes, descriptors, children } = sample;
  const minutes = Math.round(seconds / 60);
  return `${minutes} min: ${done.rounds} rounds, ${done.lines} lines, ${
    (bytes / 1024 / 1024).toFixed(1)
  } MB, ${cpu.toFixed(1)} s of CPU, ${descriptors} descriptors, ${children} children`;
}
