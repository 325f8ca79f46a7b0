/**
 * A flood of ten million distinct addresses, each failing once, which a jail remembers no more than `max_tracked` of: what
 * the agent holds in memory meanwhile, and whether it keeps those that matter.
 */
import { call } from "../lib/control/mod.ts";
import { type Agent, Server } from "./agent.ts";
import { addressOf, FAILURES, line } from "./botnet.ts";
import type { Bench } from "./main.ts";
import { printTable } from "./measure.ts";

export const flood: Bench = async ({ banjo, isQuick }) => {
  const tracked = isQuick ? 50_000 : 500_000;
  const sizes = [1, 2, 5, 10, 20].map((times) => times * tracked);
  await using server = await Server.create();
  const log = `${server.directory}/log/auth.log`;
  await Deno.mkdir(`${server.directory}/log`);
  await Deno.writeTextFile(log, "");
  await using agent = await server.startAgent(banjo, await writeConfig(server, log, tracked));
  const seen = new Seen(agent, `${server.directory}/runtime`, log);

  // Some are banned, and some are one failure short of it, before all others come.
  await seen.write(FAILURES * SOME, (index) => bannedOf(index % SOME));
  await seen.write((FAILURES - 1) * SOME, (index) => suspectOf(index % SOME));
  const rows: (string | number)[][] = [[
    "addresses so far",
    "µs of CPU each",
    "RSS MB",
    "highest RSS MB",
    "forgotten",
  ]];
  for (let from = 0; from < sizes.at(-1)!;) {
    const to = sizes.find((size) => size > from)!;
    const cpu = await agent.cpu();
    await seen.write(to - from, (index) => addressOf(from + index, NETWORK));
    const each = 1e6 * (await agent.cpu() - cpu) / (to - from);
    rows.push([to, each, ...await seen.memory(), await seen.forgotten()]);
    from = to;
  }
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  rows.push(["25 s later", "", ...await seen.memory(), await seen.forgotten()]);
  printTable(rows);

  // Whoever was forgotten would need all his failures once more.
  await seen.write(SOME, suspectOf);
  const all = SOME + sizes.at(-1)!;
  const { stdout } = await server.network.exec("server", ["/usr/sbin/nft", "list", "set", ...SET]);
  printTable([
    ["after the flood", "so many", "of"],
    ["in the kernel's set of those that were banned before", count(stdout, "192.168"), SOME],
    ["and of those that fail once more now", count(stdout, "172.16"), SOME],
    ["forgotten, by `status`", await seen.forgotten(), all - tracked],
  ]);
};

/** Not 10: the server's own network on the container's side is there, and own addresses are never counted. */
const NETWORK = 20;
/** How many are banned before the flood, and how many nearly. */
const SOME = 1000;
const SET = ["inet", "banjo", "ban4-flood/32"];

function bannedOf(index: number): string {
  return `192.168.${index >> 8}.${index & 255}`;
}

function suspectOf(index: number): string {
  return `172.16.${index >> 8}.${index & 255}`;
}

function count(listing: string, network: string): number {
  return listing.split(` ${network}.`).length - 1;
}

/** What the agent has been shown, and what it makes of it. */
class Seen {
  readonly #agent: Agent;
  readonly #runtime: string;
  readonly #log: string;
  #lines = 0;

  constructor(agent: Agent, runtime: string, log: string) {
    this.#agent = agent;
    this.#runtime = runtime;
    this.#log = log;
  }

  /** Writes so many failures, not much faster than they are read, and waits until all are dealt with. */
  async write(lines: number, addressOf: (index: number) => string): Promise<void> {
    for (let from = 0; from < lines; from += PIECE) {
      const to = Math.min(lines, from + PIECE);
      let text = "";
      for (let index = from; index < to; index++) text += line(addressOf(index), index);
      await Deno.writeTextFile(this.#log, text, { append: true });
      this.#lines += to - from;
      await this.#until(this.#lines - PIECE);
    }
    await this.#until(this.#lines);
  }

  async memory(): Promise<readonly number[]> {
    return [await this.#agent.memory(), await this.#agent.memory("highest")];
  }

  /** How many addresses it had to forget, in its own words. */
  async forgotten(): Promise<number> {
    const status = JSON.stringify(await call(this.#runtime, "status", {}));
    return Number(/had to forget (\d+)/.exec(status)?.[1] ?? 0);
  }

  /** So many failures, of addresses that were not banned already. */
  async #until(lines: number): Promise<void> {
    for (;;) {
      const { pending, jails } = await call(this.#runtime, "status", {});
      if (jails.find(({ jail }) => jail === "flood")!.failed.total >= lines && pending === 0) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Lines that are written at a time. */
const PIECE = 100_000;

async function writeConfig({ directory }: Server, log: string, tracked: number): Promise<string> {
  await Deno.mkdir(`${directory}/config/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${directory}/config/jails/bench.toml`,
    `[flood]\nenabled = true\nfilter = "sshd"\nfiles = ["${log}"]\nmaxretry = ${FAILURES}\n` +
      `findtime = "1d"\nmax_tracked = ${tracked}\nmax_bans_per_minute = false\n`,
  );
  return `${directory}/config`;
}
