/**
 * A botnet's burst: a hundred thousand attackers, five failures each, in one file and in a journal. How fast they are
 * banned, whether the agent still serves others meanwhile, and how others do with fewer of them.
 */
import { call } from "../lib/control/mod.ts";
import { addresses } from "../tests/network.ts";
import { type Agent, Server } from "./agent.ts";
import { failure, FAILURES, failures, line } from "./botnet.ts";
import { printPeers } from "./burst_peers.ts";
import { Knocking } from "./knocking.ts";
import { DATA } from "./installed.ts";
import { bareReading, journalOf } from "./journal.ts";
import type { Bench, Scene } from "./main.ts";
import { median, printTable } from "./measure.ts";

export const burst: Bench = async (scene) => {
  const attackers = scene.isQuick ? 10_000 : 100_000;
  await fromFile(scene, attackers);
  await fromJournal(scene, attackers);
  await printPeers(scene);
};

async function fromFile({ banjo }: Scene, attackers: number): Promise<void> {
  await using server = await Server.create();
  const log = `${server.directory}/log/auth.log`;
  const other = `${server.directory}/log/other.log`;
  await Deno.mkdir(`${server.directory}/log`);
  for (const path of [log, other]) await Deno.writeTextFile(path, "");
  const config = await writeConfig(
    server.directory,
    `[burst]\nenabled = true\nfilter = "sshd"\nfiles = ["${log}"]\nmaxretry = ${FAILURES}\n` +
      `max_bans_per_minute = false\n\n` +
      `[other]\nenabled = true\nfilter = "sshd"\nfiles = ["${other}"]\nmaxretry = 1\nprotocol = "all"\n` +
      `max_bans_per_minute = false\n`,
  );
  await using agent = await server.startAgent(banjo, config);
  const text = new TextEncoder().encode(
    Array.from(failures(attackers), ({ address, connection }) => line(address, connection)).join(
      "",
    ),
  );
  const knocking = await Knocking.begin(server.network, "attacker");

  const cpu = await agent.cpu();
  const start = performance.now();
  await Deno.writeFile(log, text, { append: true });
  const amidst = Promise.withResolvers<void>();
  const attack = (async () => {
    await amidst.promise;
    const logged = Date.now();
    await Deno.writeTextFile(other, line(addresses.attacker.ipv4, 1), { append: true });
    return await knocking.end() - logged;
  })();
  const answers = await untilBanned(`${server.directory}/runtime`, "burst", attackers, (banned) => {
    if (banned > attackers / 4) amidst.resolve();
  });
  const seconds = (performance.now() - start) / 1000;
  const used = await agent.cpu() - cpu;
  const fresh = await attack;

  printTable([
    ["burst from a file", "attackers", "s until all banned", "bans/s", "CPU s", ...MEMORY],
    ["five failures each", attackers, seconds, attackers / seconds, used, ...await memoryOf(agent)],
  ]);
  printTable([
    ["meanwhile", "ms"],
    ["slowest answer to `status`", Math.max(...answers)],
    ["median answer to `status`", median(answers)],
    ["an attacker's line in another log, amid the bans, to his last packet let through", fresh],
  ]);
}

/** The same attackers in journal files: a backlog, which journalctl delivers as fast as it can. */
async function fromJournal({ banjo }: Scene, attackers: number): Promise<void> {
  const entries = FAILURES * attackers;
  const folder = `${DATA}/journal-burst-${entries}`;
  const directory = await journalOf(folder, entries, messages(attackers));
  const before = await bareReading(directory);
  await using server = await Server.create();
  // The journal is made once: what it holds counts, however old it is by now.
  const config = await writeConfig(
    server.directory,
    `[sshd]\nenabled = true\nmaxretry = ${FAILURES}\nfindtime = "3650d"\nbantime = "3650d"\n`,
  );
  await Deno.writeTextFile(`${config}/banjo.toml`, `[agent]\njournal.directory = "${directory}"\n`);
  const start = performance.now();
  await using agent = await server.startAgent(banjo, config);
  const answers = await untilBanned(`${server.directory}/runtime`, "sshd", attackers);
  const seconds = (performance.now() - start) / 1000;
  const used = await agent.cpu();
  const memory = await memoryOf(agent);
  const bare = median([before, await bareReading(directory)]);
  const row = (name: string, took: number, ...more: readonly (string | number)[]) => [
    name,
    entries,
    took,
    entries / took,
    bare / took,
    ...more,
  ];
  printTable([
    [
      "burst from a journal",
      "entries",
      "s",
      "entries/s",
      "ratio",
      "bans/s",
      "CPU s",
      ...MEMORY,
      "slowest `status`, ms",
    ],
    row(
      "banjo, from its start until all are banned",
      seconds,
      attackers / seconds,
      used,
      ...memory,
      Math.max(...answers),
    ),
    row("journalctl alone, into cat", bare, "", "", ...MEMORY.map(() => ""), ""),
  ]);
}

const MEMORY = ["RSS MB", "highest RSS MB"] as const;

async function memoryOf(agent: Agent): Promise<readonly number[]> {
  return [await agent.memory(), await agent.memory("highest")];
}

/** In milliseconds: what takes longer is broken. */
const LONGEST = 120_000;

/** Asks for the status until so many are banned and in force. Gives how long each answer took, in milliseconds. */
async function untilBanned(
  runtime: string,
  jail: string,
  count: number,
  onProgress: (banned: number) => void = () => {},
): Promise<number[]> {
  const times: number[] = [];
  for (const begin = performance.now(); performance.now() - begin < LONGEST;) {
    const asked = performance.now();
    const { pending, jails } = await call(runtime, "status", {});
    times.push(performance.now() - asked);
    const banned = jails.find((each) => each.jail === jail)!.banned.now;
    onProgress(banned);
    if (banned === count && pending === 0) return times;
    await pause(10);
  }
  throw new Error(`Cannot measure a burst: ${count} bans have taken longer than ${LONGEST} ms`);
}

function* messages(attackers: number): Generator<{ pid: number; text: string }> {
  for (const { address, connection } of failures(attackers)) {
    yield { pid: 1000 + connection, text: failure(address) };
  }
}

async function writeConfig(directory: string, jails: string): Promise<string> {
  const config = `${directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(`${config}/jails/bench.toml`, jails);
  return config;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
