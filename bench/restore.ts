/** A restart with many bans: how soon all are in force again, and how soon the agent has ended. */
import { compileFilter } from "../lib/filter/filter.ts";
import type { Ban } from "../lib/jail/mod.ts";
import { emptyFilter } from "../lib/config/mod.ts";
import { printSnapshot, type Snapshot } from "../lib/state/snapshot.ts";
import { addresses } from "../tests/network.ts";
import { Server } from "./agent.ts";
import { Knocking } from "./knocking.ts";
import { LogWriter } from "./log_writer.ts";
import type { Bench } from "./main.ts";
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
  const config = `${server.directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${config}/jails/bench.toml`,
    `[sshd]\nenabled = true\nfiles = ["${server.directory}/auth.log"]\nports = []\nprotocol = "all"\n`,
  );
  await Deno.writeTextFile(`${server.directory}/auth.log`, "");
  await Deno.mkdir(`${server.directory}/state`);
  const state = `${server.directory}/state/state.json`;
  writeState(state, bans);

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

/** The state of an agent that holds so many bans, the attacker's host among them, as the last. */
function writeState(path: string, count: number): void {
  const now = Date.now();
  const bans = Array.from({ length: count }, (_, index): Ban => ({
    jail: "sshd",
    host: index === count - 1
      ? addresses.attacker.ipv4
      : `10.${index >> 16 & 255}.${index >> 8 & 255}.${index & 255}`,
    since: now - index % 1000,
    until: now + 86_400_000 + index,
    failures: 5,
    bans: 1,
    lines: [],
    cause: "failures",
  }));
  const snapshot: Snapshot = {
    version: 1,
    banjo: "0.1.0",
    saved: new Date(now).toISOString(),
    history: 0,
    sources: { files: {} },
    jails: {
      sshd: {
        jail: { failed: count * 5, banned: count, failures: [], bans, ended: [] },
        filter: compileFilter(emptyFilter("sshd")).save(),
      },
    },
    memory: {},
  };
  using file = new LogWriter(path);
  for (const piece of printSnapshot(snapshot)) file.text(piece);
}
