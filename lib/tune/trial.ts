import { type Host, isAddress, networkOf } from "../address.ts";
import { BanMemory, type HostFacts, Jail, type JailSettings, Trust } from "../jail/mod.ts";
import type { Legitimate, Recording } from "./recording.ts";

/** What a jail would have done with certain thresholds. */
export interface Trial {
  readonly maxretry: number;
  /** In milliseconds. */
  readonly findtime: number;
  /** How many bans there would have been. */
  readonly bans: number;
  /** Whom they are of: addresses, or networks where the jail bans those. */
  readonly banned: ReadonlySet<Host>;
  /** How many of these are no legitimate address's. */
  readonly attackers: number;
  /** Legitimate addresses among them. */
  readonly atRisk: readonly Host[];
  /** Those who were not banned for having logged in. */
  readonly spared: number;
}

/** Thresholds that are tried, beside those in force. */
const MAXRETRY = [1, 2, 3, 5, 10, 20, 50];
const MINUTE = 60_000;
/** In milliseconds. */
const FINDTIME = [MINUTE, 10 * MINUTE, 60 * MINUTE, 360 * MINUTE, 1440 * MINUTE];

/**
 * Tries the thresholds in force and others, by `maxretry` and then by `findtime`. `onProgress` hears the share done, from
 * 0 to 1.
 */
export function tryAll(
  settings: JailSettings,
  recording: Recording,
  facts: HostFacts,
  onProgress: (done: number) => void = () => {},
): readonly Trial[] {
  const legitimate = keysOf(recording.legitimate(), settings);
  const thresholds = ascending([...MAXRETRY, settings.maxretry]).flatMap((maxretry) =>
    ascending([...FINDTIME, settings.findtime]).map((findtime) => ({ maxretry, findtime }))
  );
  return thresholds.map((each, index) => {
    onProgress(index / thresholds.length);
    return tryOne({ ...settings, ...each, maxmatches: 1 }, recording, facts, legitimate);
  });
}

/** A jail of its own hears all that the jail heard, so it decides what `banjo run` would. */
function tryOne(
  settings: JailSettings,
  recording: Recording,
  facts: HostFacts,
  legitimate: ReadonlyMap<Host, readonly Host[]>,
): Trial {
  const trust = new Trust([settings]);
  const jail = new Jail(settings, { memory: new BanMemory(), trust, facts });
  const banned = new Set<Host>();
  const spared = new Set<Host>();
  let bans = 0;
  for (const { finding, isLogin } of recording.heard) {
    if (finding.kind === "success") {
      if (isLogin) trust.login(finding.host!, finding.time);
      jail.succeed(finding);
      continue;
    }
    for (const { kind, ban } of jail.fail(finding)) {
      if (kind === "spared") spared.add(ban.host);
      if (kind !== "ban") continue;
      banned.add(ban.host);
      bans++;
    }
  }
  const { maxretry, findtime } = settings;
  const hit = [...banned].filter((host) => legitimate.has(host));
  return {
    maxretry,
    findtime,
    bans,
    banned,
    attackers: banned.size - hit.length,
    atRisk: [...new Set(hit.flatMap((host) => legitimate.get(host)!))],
    spared: spared.size,
  };
}

/** Legitimate addresses by what a ban of them would be called. */
function keysOf(
  legitimate: readonly Legitimate[],
  { ipv4Prefix, ipv6Prefix }: JailSettings,
): ReadonlyMap<Host, readonly Host[]> {
  const keys = new Map<Host, Host[]>();
  for (const { host } of legitimate) {
    const network = isAddress(host) ? networkOf(host, ipv4Prefix, ipv6Prefix) : host;
    for (const key of new Set([host, network])) keys.set(key, [...keys.get(key) ?? [], host]);
  }
  return keys;
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
