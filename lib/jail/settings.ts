import type { FilterDefinition } from "../filter/definition.ts";
import type { FirewallName } from "../firewall/firewall.ts";

/** How bans grow for an address that comes back. */
export interface Escalation {
  /** Each further ban is this many times as long as the one before. Unused where `multipliers` are given. */
  readonly factor: number;
  /** The n-th ban lasts `bantime * multipliers[n - 1]`; the last one serves all later bans. */
  readonly multipliers?: readonly number[];
  /** Bans grow no longer, in milliseconds; Infinity for no cap. The random part comes on top. */
  readonly maxtime: number;
  /** Up to so many milliseconds are added, so that bots cannot tell the end of a ban. */
  readonly rndtime: number;
  /** A host's past bans are forgotten so many milliseconds after the last one ended. */
  readonly memory: number;
  /** Whether bans by every jail count, not only those by this one. */
  readonly overalljails: boolean;
}

/** What a jail's bans and counters go by, whatever it reads. Checked, durations in milliseconds. */
export interface BanSettings {
  /** Destination ports that a ban closes; empty closes all. Names are resolved, ranges are `"6000-6010"`. */
  readonly ports: readonly string[];
  readonly protocol: "tcp" | "udp" | "all";
  readonly maxretry: number;
  readonly findtime: number;
  /** Infinity: for ever. */
  readonly bantime: number;
  readonly increment: Escalation | undefined;
  /** Addresses and networks never banned, canonical. */
  readonly ignoreip: readonly string[];
  /** The rest of `ignoreip`: host names, and `file:PATH` for lists, whose addresses are looked up while it runs. */
  readonly ignoreLookups: readonly string[];
  /** A host is not banned for so many milliseconds after a login, nor while it is logged in; 0: logins do not count. */
  readonly trustLogins: number;
  /** More bans in a minute are held; Infinity for no limit. */
  readonly maxBansPerMinute: number;
  /** Whether this host's own addresses are never banned. */
  readonly ignoreself: boolean;
  readonly firewall: FirewallName;
  /** Prefix lengths by which addresses are counted and banned. */
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
  /** How many matched lines are kept as the reason of a ban. */
  readonly maxmatches: number;
  /** So many failing hosts are remembered at most. */
  readonly maxTracked: number;
}

/** A jail's settings after all layers: complete and checked. */
export interface JailSettings extends BanSettings {
  readonly name: string;
  /** Whether it runs. Among those at work, one that is not enabled rests: it has errors, reads nothing, and keeps its bans. */
  readonly enabled: boolean;
  readonly filter: FilterDefinition;
  /** Log files to follow; globs allowed. */
  readonly files: readonly string[];
  /** OR-groups of `FIELD=value` terms; within a group AND between fields, OR within a field. */
  readonly journalmatch: readonly (readonly string[])[];
  /** Jails whose bans count as failures here, `"*"` for every other one; instead of log lines. */
  readonly bannedBy: readonly string[];
  /** Whether applications may report failures, whatever else it reads. */
  readonly reports: boolean;
}

/** What of a jail's settings its bans go by. */
export function banSettingsOf(settings: JailSettings): BanSettings {
  const { name: _name, enabled: _enabled, filter: _filter, files: _files, ...others } = settings;
  const { journalmatch: _journalmatch, bannedBy: _bannedBy, reports: _reports, ...own } = others;
  return own;
}
