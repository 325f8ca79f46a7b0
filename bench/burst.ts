/**
 * A botnet's burst: a hundred thousand attackers, five failures each, in one file. How fast they are banned, and
 * whether the agent still serves others meanwhile.
 */
import { call } from "../lib/control/mod.ts";
import { addresses } from "../tests/network.ts";
import { Server } from "./agent.ts";
import { Knocking } from "./knocking.ts";
import { LogWriter } from "./log_writer.ts";
import type { Bench } from "./main.ts";
import { printTable } from "./measure.ts";

export const burst: Bench = async ({ banjo, isQuick }) => {
  const attackers = isQuick ? 10_000 : 100_000;
  await using server = await Server.create();
  const log = `${server.directory}/auth.log`;
  const other = `${server.directory}/other.log`;
  for (const path of [log, other]) await Deno.writeTextFile(path, "");
  const config = await writeConfig(server.directory, log, other);
  await using agent = await server.startAgent(banjo, config);
  const runtime = `${server.directory}/runtime`;

  const text = writeBurst(`${server.directory}/burst.log`, attackers);
  const knocking = await Knocking.begin(server.network, "attacker");
  const probing = new AbortController();
  const answers = timeAnswers(runtime, probing.signal);

  const cpu = await agent.cpu();
  const start = performance.now();
  await Deno.writeTextFile(log, await text, { append: true });
  const attack = (async () => {
    await pause(200);
    const logged = Date.now();
    await Deno.writeTextFile(other, line(addresses.attacker.ipv4, 1), { append: true });
    return await knocking.end() - logged;
  })();
  while (performance.now() - start < LONGEST) {
    const { pending, jails } = await call(runtime, "status", {});
    const banned = jails.find(({ jail }) => jail === "burst")!.banned.now;
    if (banned === attackers && pending === 0) break;
    await pause(20);
  }
  const seconds = (performance.now() - start) / 1000;
  probing.abort();
  const slowest = Math.max(...await answers);
  const fresh = await attack;

  printTable([
    ["burst from a file", "attackers", "s until all banned", "bans/s", "CPU s", "RSS MB"],
    [
      "five failures each",
      attackers,
      seconds,
      attackers / seconds,
      await agent.cpu() - cpu,
      await agent.memory(),
    ],
  ]);
  printTable([
    ["meanwhile", "ms"],
    ["slowest answer to `status`", slowest],
    ["a fresh attacker's line in another log to the last packet that was let through", fresh],
  ]);
};

/** The text of a log in which so many addresses fail five times each, all of them before any of them again. */
function writeBurst(path: string, attackers: number): Promise<string> {
  {
    using log = new LogWriter(path);
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < attackers; index++) {
        log.line(line(addressOf(index), round * attackers + index).trimEnd());
      }
    }
  }
  return Deno.readTextFile(path);
}

/** In milliseconds: what takes longer is broken. */
const LONGEST = 120_000;

function addressOf(index: number): string {
  return `10.${index >> 16 & 255}.${index >> 8 & 255}.${index & 255}`;
}

/** A failure on a connection of its own. */
function line(address: string, connection: number): string {
  const date = new Date().toISOString().replace("Z", "000+00:00");
  return `${date} server sshd[${
    1000 + connection
  }]: Failed password for root from ${address} port 40000 ssh2\n`;
}

async function writeConfig(directory: string, log: string, other: string): Promise<string> {
  const config = `${directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${config}/jails/bench.toml`,
    `[burst]\nenabled = true\nfilter = "sshd"\nfiles = ["${log}"]\nmaxretry = 5\n\n` +
      `[other]\nenabled = true\nfilter = "sshd"\nfiles = ["${other}"]\nmaxretry = 1\nprotocol = "all"\n`,
  );
  return config;
}

/** Asks for the status again and again, and gives how long each answer took in milliseconds. */
async function timeAnswers(runtime: string, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const start = performance.now();
    await call(runtime, "status", {});
    times.push(performance.now() - start);
    await pause(10);
  }
  return times;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
