/** A restart with many bans: how soon all are in force again, and how soon the agent has ended. */
import { call } from "../lib/control/mod.ts";
import { Server } from "./agent.ts";
import { line } from "./botnet.ts";
import { Knocking } from "./knocking.ts";
import type { Bench } from "./main.ts";
import { prepareBans } from "./many_bans.ts";
import { printTable } from "./measure.ts";
import { printPeer } from "./restore_peer.ts";

export const restore: Bench = async ({ banjo, isQuick }) => {
  const rows: (string | number)[][] = [[
    "bans",
    "the set",
    "s until it runs",
    "CPU s until then",
    "CPU s in its first second",
    "s until a new attacker is banned",
    "s until all are in force",
    "CPU s until then, with nft",
    "s to stop",
    "RSS MB",
  ]];
  const sizes: (string | number)[][] = [[
    "bans",
    "state MB",
    "pings let through with the set intact",
  ]];
  for (const bans of isQuick ? [1000, 10_000] : [1000, 100_000, 1_000_000]) {
    const { flushed, intact, megabytes, hasGap } = await measureRestore(banjo, bans);
    rows.push([bans, "flushed", ...flushed], ["", "intact", ...intact]);
    sizes.push([bans, megabytes, hasGap ? "some" : "none"]);
  }
  printTable(rows);
  printTable(sizes);
  await printPeer(isQuick ? 100 : 1000);
};

async function measureRestore(banjo: string, bans: number) {
  await using server = await Server.create();
  const { config, state } = await prepareBans(server, bans, { settings: "maxretry = 1\n" });

  const knocking = await Knocking.begin(server.network, "attacker");
  const flushed = await measureStart(server, banjo, config, "198.18.0.1", () => knocking.end());
  const before = knocking.last;
  const intact = await measureStart(server, banjo, config, "198.18.0.2");
  const megabytes = (await Deno.stat(state)).size / 1e6;
  return { flushed, intact, megabytes, hasGap: knocking.last !== before };
}

/** Starts an agent to whose log somebody's failure has just been written, and stops it. `closed` gives when the last ban was in force. */
async function measureStart(
  server: Server,
  banjo: string,
  config: string,
  attacker: string,
  closed?: () => Promise<number>,
): Promise<number[]> {
  const runtime = `${server.directory}/runtime`;
  const log = `${server.directory}/auth.log`;
  await Deno.writeTextFile(log, line(attacker, 4711), { append: true });
  const start = Date.now();
  const agent = server.spawnAgent(banjo, config);
  const second = pause(1000).then(() => agent.cpu());
  await agent.runs();
  const cpu = await agent.cpu();
  const fresh = (async () => {
    while (!await isInForce(runtime, attacker)) await pause(20);
    return agent.age / 1000;
  })();
  while (await call(runtime, "status", {}).then(({ pending }) => pending > 0)) await pause(20);
  const settled = agent.age / 1000;
  const all = await agent.cpu("with children");
  const inForce = closed === undefined ? settled : (await closed() - start) / 1000;
  const figures = [await second, await fresh, inForce, all];
  const memory = await agent.memory();
  const stopping = performance.now();
  await agent[Symbol.asyncDispose]();
  const stop = (performance.now() - stopping) / 1000;
  return [agent.startTime / 1000, cpu, ...figures, stop, memory];
}

async function isInForce(runtime: string, host: string): Promise<boolean> {
  const { jails } = await call(runtime, "explain", { host });
  return jails.some(({ ban }) => ban?.firewall?.holds === true);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
