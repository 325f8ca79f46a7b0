/** From bans being taken away by somebody else to all of them being in force again, which the firewall itself is asked for. */
import { openFirewall } from "../lib/firewall/mod.ts";
import { addresses } from "../tests/network.ts";
import { UfwSandbox } from "../tests/ufw_sandbox.ts";
import { Server } from "./agent.ts";
import type { Bench } from "./main.ts";
import { prepareBans } from "./many_bans.ts";
import { median, printTable } from "./measure.ts";

/** A way to take bans away. */
interface Loss {
  readonly what: string;
  readonly firewall: "nftables" | "ufw";
  readonly bans: number;
  readonly tries: number;
  readonly happens: (server: Server, ufw: UfwSandbox) => Promise<unknown>;
}

/** As a reloaded nftables.conf begins and goes on. */
const CONFIGURATION =
  "flush ruleset\ntable inet filter {\n chain input { type filter hook input priority 0; }\n}\n";

export const flush: Bench = async ({ banjo, isQuick }) => {
  const nft = (...words: readonly string[]) => (server: Server) =>
    server.network.must("server", ["/usr/sbin/nft", ...words], CONFIGURATION);
  const many = isQuick ? 10_000 : 100_000;
  const tries = isQuick ? 3 : 20;
  const few = isQuick ? 2 : 5;
  const losses: readonly Loss[] = [
    {
      what: "nft flush ruleset",
      firewall: "nftables",
      bans: 1000,
      tries,
      happens: nft("flush", "ruleset"),
    },
    {
      what: "nft -f nftables.conf",
      firewall: "nftables",
      bans: 1000,
      tries,
      happens: nft("-f", "-"),
    },
    {
      what: "nft flush chain inet banjo banned",
      firewall: "nftables",
      bans: 1000,
      tries,
      happens: nft("flush", "chain", "inet", "banjo", "banned"),
    },
    {
      what: "nft flush ruleset",
      firewall: "nftables",
      bans: many,
      tries: few,
      happens: nft("flush", "ruleset"),
    },
    {
      what: "ufw delete, of one rule",
      firewall: "ufw",
      bans: 3,
      tries: few,
      happens: (_, ufw) => ufw.ufw("delete", "deny", "from", addresses.attacker.ipv4),
    },
    {
      what: "ufw reset, and enable ten seconds later",
      firewall: "ufw",
      bans: 3,
      tries: few,
      happens: async (_, ufw) => {
        await ufw.ufw("--force", "reset");
        await pause(10_000);
        await ufw.ufw("--force", "enable");
      },
    },
  ];
  const rows: (string | number)[][] = [[
    "ms from the end of what took the bans away",
    "bans",
    "tries",
    "until it is noticed, median",
    "until all are in force, median",
    "longest",
  ]];
  for (const loss of losses) rows.push(await measureLoss(banjo, loss));
  printTable(rows);
};

async function measureLoss(
  banjo: string,
  { what, firewall, bans, tries, happens }: Loss,
): Promise<(string | number)[]> {
  await using server = await Server.create();
  await using ufw = await UfwSandbox.create(server.network);
  const { config } = await prepareBans(server, bans, { firewall });
  if (firewall === "ufw") await ufw.ufw("--force", "enable");
  const place = firewall === "ufw"
    ? (...command: readonly string[]) => ufw.in(...command)
    : (...command: readonly string[]) => server.network.on("server", ...command);
  const tool = firewall === "ufw" ? "/usr/sbin/ufw" : "/usr/sbin/nft";
  const real = openFirewall(firewall, { command: place(tool) });
  await using agent = await server.startAgent(banjo, config, place);
  const told: number[] = [];
  const whole: number[] = [];
  while ((await real.list().catch(() => [])).length < bans) await pause(100);
  for (let index = 0; index < tries; index++) {
    // It rests a second after putting bans back, or five times as long as that took.
    await pause(2000 + 6 * (whole.at(-1) ?? 0));
    await happens(server, ufw);
    const start = performance.now();
    await agent.words.until("putting them back");
    told.push(performance.now() - start);
    await agent.words.until("works again, all bans are in force");
    whole.push(performance.now() - start);
    const found = (await real.list()).length;
    if (found !== bans) throw new Error(`${what}: ${found} of ${bans} bans are in force`);
  }
  return [what, bans, tries, median(told), median(whole), Math.max(...whole)];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
