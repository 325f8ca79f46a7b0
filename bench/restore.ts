/** A restart with many bans: how soon all are in force again, and how soon the agent has ended. */
import { Server } from "./agent.ts";
import { Knocking } from "./knocking.ts";
import type { Bench } from "./main.ts";
import { prepareBans } from "./many_bans.ts";
import { printTable } from "./measure.ts";

export const restore: Bench = async ({ banjo, isQuick }) => {
  const rows: (string | number)[][] = [[
    "bans",
    "s until in force, set flushed",
    "s until it runs, set intact",
    "packets let through meanwhile",
    "s to stop",
    "RSS MB",
    "state MB",
  ]];
  for (const bans of isQuick ? [1000, 10_000] : [1000, 100_000, 1_000_000]) {
    rows.push([bans, ...await measureRestore(banjo, bans)]);
  }
  printTable(rows);
};

async function measureRestore(banjo: string, bans: number): Promise<number[]> {
  await using server = await Server.create();
  const { config, state } = await prepareBans(server, bans);

  const knocking = await Knocking.begin(server.network, "attacker");
  const start = Date.now();
  const flushed = await server.startAgent(banjo, config);
  const closed = (await knocking.end() - start) / 1000;
  const memory = await flushed.memory();
  const stopping = performance.now();
  await flushed[Symbol.asyncDispose]();
  const stop = (performance.now() - stopping) / 1000;

  const before = knocking.last;
  const intact = await server.startAgent(banjo, config);
  const runs = intact.startTime / 1000;
  await intact[Symbol.asyncDispose]();
  const size = (await Deno.stat(state)).size / 1e6;
  return [closed, runs, knocking.last === before ? 0 : 1, stop, memory, size];
}
