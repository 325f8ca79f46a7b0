/**
 * What one more ban costs beside those that there are: from a log line to the kernel, and its end. The cost must not grow
 * with the number of bans.
 */
import { parseNetwork } from "../lib/address.ts";
import { call } from "../lib/control/mod.ts";
import { emptyFilter } from "../lib/config/mod.ts";
import { compileFilter } from "../lib/filter/filter.ts";
import { printSnapshot, type Snapshot } from "../lib/state/snapshot.ts";
import { type Agent, Server } from "./agent.ts";
import { type Curve, drawCurves } from "./chart.ts";
import { ROOT } from "./installed.ts";
import { LogWriter } from "./log_writer.ts";
import type { Bench } from "./main.ts";
import { median, printTable } from "./measure.ts";

export const flat: Bench = async ({ banjo, isQuick }) => {
  const sizes = isQuick ? [1000, 10_000] : [1000, 100_000, 1_000_000];
  const found: (readonly Cost[])[] = [];
  for (const size of sizes) found.push(await measureCosts(banjo, size));
  const names = found[0]!.map(({ name }) => name);
  const rowsOf = (value: (cost: Cost) => number | undefined) =>
    names.flatMap((name, row) => {
      const values = found.map((costs) => value(costs[row]!)).filter((each) => each !== undefined);
      return values.length === 0 ? [] : [[name, ...values, values.at(-1)! / values[0]!]];
    });
  const heads = sizes.map((size) => `beside ${size.toLocaleString("en-US")}`);
  printTable([
    ["CPU ms for one, agent and nft", ...heads, "last to first"],
    ...rowsOf((cost) => cost.cpu),
  ]);
  printTable([["ms for one, median", ...heads, "last to first"], ...rowsOf((cost) => cost.wall)]);
  const curves = names.map((name, row): Curve => ({
    name,
    points: sizes.map((size, column) => [size, found[column]![row]!.cpu]),
  }));
  const title = "CPU time for one more, by the number of bans in force (ms)";
  if (!isQuick) await Deno.writeTextFile(`${ROOT}bench/flat.svg`, drawCurves(title, curves));
};

/** What one of a kind took, in milliseconds. */
interface Cost {
  readonly name: string;
  readonly cpu: number;
  /** undefined where many of them happen together. */
  readonly wall: number | undefined;
}

/** The jails: of addresses, and of networks of both kinds. Half of the bans are of addresses. */
const JAILS = [
  {
    name: "hosts",
    share: 2,
    settings: "",
    of: (n: number) => `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`,
  },
  {
    name: "nets4",
    share: 4,
    settings: "ipv4_prefix = 24\n",
    of: (n: number) => `${11 + (n >> 16)}.${n >> 8 & 255}.${n & 255}.0/24`,
  },
  {
    name: "nets6",
    share: 4,
    settings: "ipv6_prefix = 64\n",
    of: (n: number) =>
      parseNetwork(`2a00:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::/64`)!,
  },
] as const;

/** So many of each kind are measured. */
const SAMPLES = 40;

async function measureCosts(banjo: string, size: number): Promise<readonly Cost[]> {
  await using server = await Server.create();
  const config = await writeConfig(server.directory);
  await Deno.mkdir(`${server.directory}/state`);
  writeState(`${server.directory}/state/state.json`, size);
  await using agent = await server.startAgent(banjo, config);
  const runtime = `${server.directory}/runtime`;
  const banned = async (jail: string) => {
    const { pending, jails } = await call(runtime, "status", {});
    return { isDone: pending === 0, ...jails.find((each) => each.jail === jail)!.banned };
  };
  const ban = (hosts: readonly string[], span: number) =>
    call(runtime, "ban", { hosts: [...hosts], jail: "hosts", for: span, force: true });
  // So many at once are saved with the whole state. What is measured then falls into the rest of the saver.
  const save = (network: string) =>
    ban(Array.from({ length: 101 }, (_, index) => `${network}.${index}`), 1e9);
  // "Runs" comes before all bans of the state are in force anew, and what reading them has left is given back later still.
  await until(async () => (await banned("hosts")).isDone);
  await untilQuiet(agent);
  await save("203.0.113");

  const costs: Cost[] = [];
  for (const [jail, name, spell] of KINDS) {
    const path = `${server.directory}/${jail}.log`;
    const { total } = await banned(jail);
    costs.push(
      await measureEach(agent, name, SAMPLES, async (index) => {
        await append(path, spell(index));
        await until(async () => {
          const now = await banned(jail);
          return now.isDone && now.total === total + index + 1;
        });
      }),
    );
  }

  const before = (await banned("hosts")).now;
  const short = Array.from({ length: ENDS }, (_, index) => `198.19.${index >> 8}.${index & 255}`);
  const end = Date.now() + SPAN;
  await ban(short, SPAN);
  await new Promise((resolve) => setTimeout(resolve, end - 500 - Date.now()));
  const ends = await measureEach(
    agent,
    "the end of a ban",
    1,
    () => until(async () => (await banned("hosts")).now === before),
  );
  costs.push({ name: ends.name, cpu: ends.cpu / ENDS, wall: undefined });
  await save("198.51.100");
  costs.push(
    await measureEach(agent, "a ban by hand", SAMPLES, (index) => ban([`192.0.2.${index}`], 1e9)),
    await measureEach(
      agent,
      "an unban by hand",
      SAMPLES,
      (index) => call(runtime, "unban", { hosts: [`10.0.0.${index}`] }),
    ),
  );
  return costs;
}

/** So many bans end at the same time, so many milliseconds after they were ordered. */
const ENDS = 2000;
const SPAN = 45_000;

/** Does something so often, one after the other, and counts the agent's processor time and that of what it started. */
async function measureEach(
  agent: Agent,
  name: string,
  count: number,
  work: (index: number) => Promise<unknown>,
): Promise<Cost> {
  const times: number[] = [];
  const before = await agent.cpu("with children");
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await work(index);
    times.push(performance.now() - start);
  }
  const cpu = await agent.cpu("with children") - before;
  return { name, cpu: 1000 * cpu / count, wall: median(times) };
}

/** Waits for a second in which the agent has next to nothing to do. */
async function untilQuiet(agent: Agent): Promise<void> {
  for (;;) {
    const before = await agent.cpu();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (await agent.cpu() - before <= QUIET) return;
  }
}

/** In seconds of processor time. */
const QUIET = 0.02;

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!await isDone()) await new Promise((resolve) => setTimeout(resolve, 3));
}

const KINDS = [
  ["hosts", "a ban of an address", (n: number) => `198.18.0.${n}`],
  ["nets4", "a ban of a /24", (n: number) => `198.18.${n}.7`],
  ["nets6", "a ban of a /64", (n: number) => `2a0f:0:${n.toString(16)}::7`],
] as const;

async function append(log: string, address: string): Promise<void> {
  const date = new Date().toISOString().replace("Z", "000+00:00");
  const line =
    `${date} server sshd[4711]: Failed password for root from ${address} port 40000 ssh2\n`;
  await Deno.writeTextFile(log, line, { append: true });
}

async function writeConfig(directory: string): Promise<string> {
  const config = `${directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  const jails = await Promise.all(JAILS.map(async ({ name, settings }) => {
    await Deno.writeTextFile(`${directory}/${name}.log`, "");
    return `[${name}]\nenabled = true\nfilter = "sshd"\nfiles = ["${directory}/${name}.log"]\nmaxretry = 1\nmax_bans_per_minute = false\n${settings}\n`;
  }));
  await Deno.writeTextFile(`${config}/jails/bench.toml`, jails.join("\n"));
  return config;
}

function writeState(path: string, size: number): void {
  const now = Date.now();
  const jails = JAILS.map(({ name, share, of }) => {
    const bans = Array.from({ length: size / share }, (_, index) => ({
      jail: name,
      host: of(index),
      since: now - index % 1000,
      until: now + 86_400_000 + index,
      failures: 1,
      bans: 1,
      lines: [],
      cause: "failures" as const,
    }));
    const jail = { failed: bans.length, banned: bans.length, failures: [], bans, ended: [] };
    return [name, { jail, filter: compileFilter(emptyFilter("sshd")).save() }] as const;
  });
  const snapshot: Snapshot = {
    version: 1,
    banjo: "0.1.0",
    saved: new Date(now).toISOString(),
    history: 0,
    sources: { files: {} },
    jails: Object.fromEntries(jails),
    memory: {},
  };
  using file = new LogWriter(path);
  for (const piece of printSnapshot(snapshot)) file.text(piece);
}
