/** The newest bans and the worst networks, out of a hundred thousand bans. */
import { familyOf, type Host, isAddress, networkOf } from "../address.ts";
import type { NetworkReport, OverviewReport } from "../control/mod.ts";
import type { Ban, Jail } from "../jail/mod.ts";
import { describe } from "./handlers.ts";

/** By what hosts are counted together. */
const IPV4_PREFIX = 24;
const IPV6_PREFIX = 48;

/** So many of each, as of `now`. */
export function overviewOf(
  jails: readonly Jail[],
  now: number,
  { bans, networks }: { readonly bans: number; readonly networks: number },
): OverviewReport {
  return {
    newest: jails.flatMap((jail) => newestOf(jail, now, bans))
      .sort((a, b) => b.since - a.since).slice(0, bans).map(describe),
    networks: networks === 0 ? [] : worstNetworks(jails, networks),
  };
}

function newestOf(jail: Jail, now: number, most: number): readonly Ban[] {
  const newest: Ban[] = [];
  for (const ban of jail.newestBans) {
    if (newest.length === most) break;
    if (ban.until === null || ban.until > now) newest.push(ban);
  }
  return newest;
}

function worstNetworks(jails: readonly Jail[], most: number): readonly NetworkReport[] {
  const counts = new Map<Host, number>();
  for (const jail of jails) {
    for (const host of jail.bannedHosts) {
      if (!isAddress(host)) continue;
      const network = networkAround(host);
      counts.set(network, (counts.get(network) ?? 0) + 1);
    }
  }
  return [...counts].filter(([, bans]) => bans > 1)
    .sort(([, a], [, b]) => b - a).slice(0, most)
    .map(([network, bans]) => ({ network, bans }));
}

/** The network; of a single IPv4 address without reading it, for most bans are such and there may be many. */
function networkAround(host: Host): Host {
  if (familyOf(host) === 6 || host.includes("/")) return networkOf(host, IPV4_PREFIX, IPV6_PREFIX);
  return `${host.slice(0, host.lastIndexOf("."))}.0/${IPV4_PREFIX}`;
}
