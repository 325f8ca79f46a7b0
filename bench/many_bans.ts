/** An agent's folders, as if it had banned many. */
import type { Host } from "../lib/address.ts";
import { emptyFilter } from "../lib/config/mod.ts";
import { compileFilter } from "../lib/filter/filter.ts";
import type { FirewallName } from "../lib/firewall/mod.ts";
import type { Ban } from "../lib/jail/mod.ts";
import { printSnapshot, type Snapshot } from "../lib/state/snapshot.ts";
import { addresses } from "../tests/network.ts";
import type { Server } from "./agent.ts";
import { addressOf } from "./botnet.ts";
import { LogWriter } from "./log_writer.ts";

/** What is other than usual. */
export interface Changes {
  readonly firewall?: FirewallName;
  /** How many others have failed once. */
  readonly failing?: number;
  /** Further lines of the jail. */
  readonly settings?: string;
}

/**
 * Writes a configuration with one jail, and a state in which that has banned so many, the attacker's host among them, as
 * the last. Gives the configuration's folder, the state's file and the log's.
 */
export async function prepareBans(
  { directory }: Server,
  bans: number,
  { firewall = "nftables", failing = 0, settings = "" }: Changes = {},
): Promise<{ config: string; state: string; log: string }> {
  const config = `${directory}/config`;
  const log = `${directory}/auth.log`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${config}/jails/bench.toml`,
    `[sshd]\nenabled = true\nfiles = ["${log}"]\nports = []\nprotocol = "all"\n` +
      `firewall = "${firewall}"\nmax_bans_per_minute = false\n${settings}`,
  );
  await Deno.writeTextFile(log, "");
  await Deno.mkdir(`${directory}/state`);
  const state = `${directory}/state/state.json`;
  writeState(state, bans, failing);
  return { config, state, log };
}

function writeState(path: string, bans: number, failing: number): void {
  const now = Date.now();
  const jail = {
    failed: bans * 5 + failing,
    banned: bans,
    failures: lazily(failing, (index) => {
      const host: Host = `11.${addressOf(index).slice(3)}`;
      return [host, { time: now - failing + index, session: "sshd[4711]" }] as const;
    }),
    bans: lazily(bans, (index): Ban => ({
      jail: "sshd",
      host: index === bans - 1 ? addresses.attacker.ipv4 : addressOf(index),
      since: now - index % 1000,
      until: now + 86_400_000 + index,
      failures: 5,
      bans: 1,
      lines: [],
      cause: "failures",
    })),
    ended: [],
  };
  const snapshot: Snapshot = {
    version: 1,
    banjo: "0.1.0",
    saved: new Date(now).toISOString(),
    history: 0,
    sources: { files: {} },
    jails: { sshd: { jail, filter: compileFilter(emptyFilter("sshd")).save() } },
    memory: {},
  };
  using file = new LogWriter(path);
  for (const piece of printSnapshot(snapshot)) file.text(piece);
}

function* lazily<T>(length: number, itemAt: (index: number) => T): Generator<T> {
  for (let index = 0; index < length; index++) yield itemAt(index);
}
