/**
 * What saving takes while a line comes now and then: of one core over a minute, more than where there is one ban, and
 * whether anything waits for it.
 */
import { call } from "../lib/control/mod.ts";
import { Server } from "./agent.ts";
import { line } from "./botnet.ts";
import type { Bench } from "./main.ts";
import { prepareBans } from "./many_bans.ts";
import { median, printTable } from "./measure.ts";

interface Extent {
  readonly bans: number;
  readonly failing: number;
}

export const saving: Bench = async ({ banjo, isQuick }) => {
  const extents: readonly Extent[] = isQuick
    ? [{ bans: 1, failing: 0 }, { bans: 10_000, failing: 50_000 }]
    : [{ bans: 1, failing: 0 }, { bans: 100_000, failing: 500_000 }, {
      bans: 1_000_000,
      failing: 500_000,
    }];
  const rows: (string | number)[][] = [[
    `a line every ${PAUSE} ms`,
    "failing",
    "s, whole rounds of saving",
    "saves",
    "CPU s",
    "% of a core more than beside one ban",
    "slowest answer to status, ms",
    "median, ms",
    "state MB",
  ]];
  let usual: number | undefined;
  for (const extent of extents) {
    const round = await measureSaving(banjo, extent, isQuick ? 15 : 60);
    const { seconds, saves, cpu, answers, megabytes } = round;
    const more = 100 * (cpu / seconds - (usual ??= cpu / seconds));
    const slowest = Math.max(...answers);
    const { bans, failing } = extent;
    const name = bans === 1 ? "1 ban" : `${bans.toLocaleString("en-US")} bans`;
    rows.push([name, failing, seconds, saves, cpu, more, slowest, median(answers), megabytes]);
  }
  printTable(rows);
};

/** Between lines, in milliseconds. */
const PAUSE = 250;

/**
 * From the end of a save to the end of one that is at least so many seconds later. From the second one on: until then what
 * starting took is given back, and what nft monitor tells of it is read.
 */
async function measureSaving(banjo: string, extent: Extent, least: number) {
  await using server = await Server.create();
  const runtime = `${server.directory}/runtime`;
  const settings = 'findtime = "1d"\nmax_tracked = 600000\n';
  const { config, state, log } = await prepareBans(server, extent.bans, { ...extent, settings });
  let version = await versionOf(state);
  const isSaved = async () => {
    const now = await versionOf(state);
    const isNew = now !== version;
    version = now;
    return isNew;
  };

  await using agent = await server.startAgent(banjo, config);
  while (await call(runtime, "status", {}).then(({ pending }) => pending > 0)) await pause(100);
  let before = NaN;
  let start = NaN;
  let answers: number[] = [];
  for (let index = 0, saves = -2;; index++) {
    const failure = line(`198.18.${index >> 8}.${index & 255}`, index);
    await Deno.writeTextFile(log, failure, { append: true });
    const asked = performance.now();
    await call(runtime, "status", {});
    answers.push(performance.now() - asked);
    if (await isSaved()) {
      saves++;
      const seconds = (performance.now() - start) / 1000;
      const cpu = await agent.cpu() - before;
      if (seconds >= least) {
        return { seconds, saves, cpu, answers, megabytes: (await Deno.stat(state)).size / 1e6 };
      }
      if (saves === 0) {
        before = await agent.cpu();
        start = performance.now();
        answers = [];
      }
    }
    await pause(PAUSE - (performance.now() - asked));
  }
}

/** A state file is replaced as a whole. */
async function versionOf(state: string): Promise<string> {
  const { ino, mtime } = await Deno.stat(state);
  return `${ino} ${mtime?.getTime()}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
