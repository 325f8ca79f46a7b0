/** An agent's folders, as if it had banned many. */
import { emptyFilter } from "../lib/config/mod.ts";
import { compileFilter } from "../lib/filter/filter.ts";
import type { FirewallName } from "../lib/firewall/mod.ts";
import type { Ban } from "../lib/jail/mod.ts";
import { printSnapshot, type Snapshot } from "../lib/state/snapshot.ts";
import { addresses } from "../tests/network.ts";
import type { Server } from "./agent.ts";
import { LogWriter } from "./log_writer.ts";

/**
 * Writes a configuration with one jail, and a state in which that has banned so many, the attacker's host among them, as
 * the last. Gives the configuration's folder and the state's file.
 */
export async function prepareBans(
  { directory }: Server,
  bans: number,
  firewall: FirewallName = "nftables",
): Promise<{ config: string; state: string }> {
  const config = `${directory}/config`;
  await Deno.mkdir(`${config}/jails`, { recursive: true });
  await Deno.writeTextFile(
    `${config}/jails/bench.toml`,
    `[sshd]\nenabled = true\nfiles = ["${directory}/auth.log"]\nports = []\nprotocol = "all"\n` +
      `firewall = "${firewall}"\n`,
  );
  await Deno.writeTextFile(`${directory}/auth.log`, "");
  await Deno.mkdir(`${directory}/state`);
  const state = `${directory}/state/state.json`;
  writeState(state, bans);
  return { config, state };
}

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
