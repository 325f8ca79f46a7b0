/** What bans of the past come to: the figures of a report. */
import { type Host, isAddress, networkOf } from "../address.ts";
import { type Bins, binsOf } from "./bins.ts";
import { MOST_LINES, type PastBan } from "./past.ts";

/** The figures of a report, as `banjo report --json` prints them. Times are ISO 8601 in UTC. */
export interface Summary {
  readonly from: string;
  readonly to: string;
  /** Bans before this time are too many to be told of: everything here begins there. null: all are told of. */
  readonly cutAt: string | null;
  readonly totals: {
    readonly bans: number;
    readonly hosts: number;
    readonly networks: number;
    readonly failures: number;
    /** How many of the bans last beyond `to`. */
    readonly inForce: number;
  };
  /** The jails with bans, the busiest first. */
  readonly jails: readonly Ranked<"jail">[];
  /** How many bans each jail made from `start` on, to the next start; in the order of `jails`. */
  readonly overTime: readonly { readonly start: string; readonly bans: readonly number[] }[];
  /** The networks, a /24 of IPv4 and a /48 of IPv6, that most bans came from. */
  readonly networks: readonly Ranked<"network">[];
  /** The user names tried in most bans. Hostile text. */
  readonly names: readonly Ranked<"name">[];
  /** Bans by hour of the day in this machine's zone, from midnight on. */
  readonly hours: readonly number[];
  /** The hosts that were banned most often. */
  readonly offenders: readonly Offender[];
  /** The newest bans, the newest first. */
  readonly bans: readonly ToldBan[];
}

/** What bans have in common, and how many there are. */
export type Ranked<Key extends string> = Readonly<Record<Key, string>> & {
  readonly bans: number;
  readonly hosts: number;
  readonly failures: number;
};

/** A host that came back. */
export interface Offender {
  /** Hostile text where it is an id. */
  readonly host: Host;
  readonly jails: readonly string[];
  readonly bans: number;
  readonly failures: number;
  readonly first: string;
  readonly last: string;
  /** Its newest bans, the oldest first; `until` null: for ever. */
  readonly spans: readonly { readonly since: string; readonly until: string | null }[];
}

/** One ban. */
export interface ToldBan {
  readonly jail: string;
  /** Hostile text where it is an id. */
  readonly host: Host;
  readonly since: string;
  readonly until: string | null;
  readonly failures: number;
  readonly bans: number;
  readonly isManual: boolean;
  /** Hostile text. */
  readonly names: readonly string[];
  /** Hostile text. */
  readonly line: string | null;
}

/** How long the lists are. */
const MOST = { networks: 12, names: 12, offenders: 10, spans: 50, bans: MOST_LINES } as const;

/**
 * Sums up the bans made from `from` to `to`, in milliseconds since the epoch. `bans` in the order of decision; `cutAt`:
 * older ones are missing.
 */
export function summarise(
  bans: readonly PastBan[],
  from: number,
  to: number,
  cutAt: number | null = null,
): Summary {
  const all = bans.filter(({ since }) => since >= from && since <= to);
  const jails = rank("jail", all, ({ jail }) => [jail]);
  const networks = rank(
    "network",
    all,
    ({ host }) => isAddress(host) ? [networkOf(host, 24, 48)] : [],
  );
  const byHost = Map.groupBy(all, ({ host }) => host);
  return {
    from: toISO(from),
    to: toISO(to),
    cutAt: cutAt === null ? null : toISO(cutAt),
    totals: {
      bans: all.length,
      hosts: byHost.size,
      networks: networks.length,
      failures: sum(all.map(({ failures }) => failures)),
      inForce: all.filter(({ until }) => until === null || until > to).length,
    },
    jails,
    overTime: countBins(all, jails.map(({ jail }) => jail), binsOf(cutAt ?? from, to)),
    networks: networks.slice(0, MOST.networks),
    names: rank("name", all, ({ names }) => names).slice(0, MOST.names),
    hours: countHours(all),
    offenders: Array.from(byHost, ([host, own]) => ({ host, own }))
      .filter(({ own }) => own.length > 1)
      .sort((one, other) => other.own.length - one.own.length || compare(one.host, other.host))
      .slice(0, MOST.offenders)
      .map(({ host, own }) => offender(host, own)),
    bans: all.slice(-MOST.bans).reverse().map((ban) => ({
      ...ban,
      since: toISO(ban.since),
      until: ban.until === null ? null : toISO(ban.until),
    })),
  };
}

/** What most bans have in common first; equals by name. */
function rank<Key extends string>(
  key: Key,
  bans: readonly PastBan[],
  keysOf: (ban: PastBan) => readonly string[],
): Ranked<Key>[] {
  const groups = new Map<string, { bans: number; failures: number; hosts: Set<Host> }>();
  for (const ban of bans) {
    for (const name of keysOf(ban)) {
      let group = groups.get(name);
      if (group === undefined) {
        group = { bans: 0, failures: 0, hosts: new Set() };
        groups.set(name, group);
      }
      group.bans++;
      group.failures += ban.failures;
      group.hosts.add(ban.host);
    }
  }
  return [...groups]
    .sort(([name, one], [other, two]) => two.bans - one.bans || compare(name, other))
    .map(([name, { bans, failures, hosts }]) =>
      ({ [key]: name, bans, hosts: hosts.size, failures }) as Ranked<Key>
    );
}

function countBins(
  bans: readonly PastBan[],
  jails: readonly string[],
  { starts, indexOf }: Bins,
): Summary["overTime"] {
  const counts = starts.map(() => jails.map(() => 0));
  const columns = new Map(jails.map((jail, index) => [jail, index]));
  for (const { since, jail } of bans) {
    const row = counts[indexOf(since)];
    if (row !== undefined) row[columns.get(jail)!]!++;
  }
  return starts.map((start, index) => ({ start: toISO(start), bans: counts[index]! }));
}

function countHours(bans: readonly PastBan[]): number[] {
  const hours = new Array<number>(24).fill(0);
  for (const { since } of bans) hours[new Date(since).getHours()]!++;
  return hours;
}

function offender(host: Host, bans: readonly PastBan[]): Offender {
  return {
    host,
    jails: [...new Set(bans.map(({ jail }) => jail))],
    bans: bans.length,
    failures: sum(bans.map(({ failures }) => failures)),
    first: toISO(bans[0]!.since),
    last: toISO(bans.at(-1)!.since),
    spans: bans.slice(-MOST.spans).map(({ since, until }) => ({
      since: toISO(since),
      until: until === null ? null : toISO(until),
    })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function toISO(time: number): string {
  return new Date(time).toISOString();
}
