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
  const seconds = isQuick ? 15 : 60;
  const rows: (string | number)[][] = [[
    `${seconds} s with a line every ${PAUSE} ms`,
    "failing",
    "saves",
    "CPU s",
    "% of a core more than beside one ban",
    "slowest answer to status, ms",
    "median, ms",
    "state MB",
  ]];
  let idle: number | undefined;
  for (const extent of extents) {
    const { saves, cpu, answers, megabytes } = await measureSaving(banjo, extent, seconds);
    const more = 100 * (cpu - (idle ??= cpu)) / seconds;
    const slowest = Math.max(...answers);
    const { bans, failing } = extent;
    const name = `${bans.toLocaleString("en-US")} bans`;
    rows.push([name, failing, saves, cpu, more, slowest, median(answers), megabytes]);
  }
  printTable(rows);
};

/** Between lines, in milliseconds. */
const PAUSE = 250;

async function measureSaving(banjo: string, extent: Extent, seconds: number) {
  await using server = await Server.create();
  const runtime = `${server.directory}/runtime`;
  const settings = 'findtime = "1d"\nmax_tracked = 600000\n';
  const { config, state, log } = await prepareBans(server, extent.bans, { ...extent, settings });

  await using agent = await server.startAgent(banjo, config);
  while (await call(runtime, "status", {}).then(({ pending }) => pending > 0)) await pause(100);
  // What starting took is over, and the first save.
  await pause(10_000);
  const before = await agent.cpu();
  const answers: number[] = [];
  let saves = 0;
  let version = await versionOf(state);
  const end = performance.now() + 1000 * seconds;
  for (let index = 0; performance.now() < end; index++) {
    await Deno.writeTextFile(log, line(`198.18.${index >> 8}.${index & 255}`, index), {
      append: true,
    });
    const asked = performance.now();
    await call(runtime, "status", {});
    answers.push(performance.now() - asked);
    const now = await versionOf(state);
    if (now !== version) saves++;
    version = now;
    await pause(PAUSE - (performance.now() - asked));
  }
  const cpu = await agent.cpu() - before;
  return { saves, cpu, answers, megabytes: (await Deno.stat(state)).size / 1e6 };
}

/** A state file is replaced as a whole. */
async function versionOf(state: string): Promise<number | null> {
  return (await Deno.stat(state)).ino;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
