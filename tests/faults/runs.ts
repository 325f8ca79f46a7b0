/** Many runs, each by its seed. */

import { isLong } from "../long.ts";

/** A run that is taken away when it is over. */
export interface SeededRun extends AsyncDisposable {
  /** What was done, for when it came out wrong. */
  readonly story: string;
}

/** How much is run. */
export interface Extent {
  /** Seeds from 1 to this; with BANJO_SEED=17 or BANJO_SEED=17-20 those alone. */
  readonly runs: number;
  /** How many at a time: most wait more than they work. */
  readonly lanes: number;
}

/**
 * Makes and judges a run for each seed.
 *
 * @throws what came out wrong first, with its story.
 */
export async function tryRuns<Run extends SeededRun>(
  { runs, lanes }: Extent,
  create: (seed: number) => Promise<Run>,
  judge: (run: Run, seed: number) => Promise<void>,
): Promise<void> {
  const [first = 1, last = first] = Deno.env.get("BANJO_SEED")?.split("-").map(Number) ?? [1, runs];
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const work = Array.from({ length: lanes }, async () => {
    for (let seed; (seed = seeds.shift()) !== undefined;) {
      await using run = await create(seed);
      try {
        await judge(run, seed);
        if (isLong) console.log(`as it should be: ${run.story}`);
      } catch (error) {
        // One is enough.
        seeds.length = 0;
        const message = `${run.story}: ${(error as Error).message}`;
        if (isLong) console.log(`wrong: ${message}`);
        throw new Error(message, { cause: error });
      }
    }
  });
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}
