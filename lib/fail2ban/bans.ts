import { type Host, networkOf, parseNetwork } from "../address.ts";
import { compileFilter } from "../filter/filter.ts";
import {
  type Ban,
  type BanEvent,
  BanMemory,
  Jail,
  type JailSettings,
  memoryOf,
  noFacts,
  type PastBans,
  Trust,
} from "../jail/mod.ts";
import type { Instant } from "../state/mod.ts";
import type { SavedBan, SavedBans } from "./database.ts";

/** fail2ban's bans as the state of an agent that has not run yet. */
export interface TakenBans {
  readonly instant: Instant;
  /** The history, oldest first. */
  readonly events: readonly BanEvent[];
  /** How many bans are in force, and how many hosts are only remembered. */
  readonly live: number;
  readonly remembered: number;
  /** Bans in force that did not come over. */
  readonly left: readonly LeftBan[];
}

/** A ban that did not come over. */
export interface LeftBan extends SavedBan {
  /** Why, and what that means. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/**
 * Takes bans over for the jails that have come over, by the names that fail2ban has for them. `now`: bans that ended before are
 * only remembered.
 */
export function takeBans(
  { latest, past }: SavedBans,
  jails: ReadonlyMap<string, JailSettings>,
  now: number,
): TakenBans {
  const bans = new Map<string, Map<Host, Ban>>();
  const memory = new Map<string, Map<Host, PastBans>>();
  const left: LeftBan[] = [];
  for (const saved of latest) {
    const settings = jails.get(saved.jail);
    const ban = settings && banOf(saved, settings);
    if (ban === undefined) {
      if (isLive(saved, now)) left.push({ ...saved, ...omissionOf(saved) });
      continue;
    }
    const forgotten = saved.until === null ? null : saved.until + memoryOf(settings!);
    if (forgotten === null || forgotten >= now) remember(memory, ban, forgotten);
    if (isLive(ban, now)) keepLonger(bans, ban);
  }
  const named = new Map([...jails.values()].map((settings) => [settings.name, settings]));
  const states = [...bans].map(([name, kept]) => {
    const settings = named.get(name)!;
    const jail = new Jail(settings, {
      memory: new BanMemory(),
      trust: new Trust([]),
      facts: noFacts,
    }).save();
    const own = [...kept.values()];
    return [name, {
      jail: { ...jail, banned: own.length, bans: own },
      filter: compileFilter(settings.filter).save(),
    }] as const;
  });
  const events = past.flatMap((saved): BanEvent[] => {
    const settings = jails.get(saved.jail);
    const ban = settings && banOf(saved, settings);
    return ban === undefined ? [] : [{ kind: "ban", time: ban.since, ban }];
  });
  const live = sizeOf(bans);
  return {
    instant: {
      sources: { files: {} },
      jails: Object.fromEntries(states),
      memory: Object.fromEntries([...memory].map(([jail, hosts]) => [jail, [...hosts]])),
    },
    events,
    live,
    remembered: sizeOf(memory) - live,
    left,
  };
}

function banOf(saved: SavedBan, settings: JailSettings): Ban | undefined {
  const address = parseNetwork(saved.id);
  if (address === undefined) return undefined;
  const { name, maxmatches, ipv4Prefix, ipv6Prefix } = settings;
  const { since, until, failures, count, lines } = saved;
  return {
    jail: name,
    host: networkOf(address, ipv4Prefix, ipv6Prefix),
    since,
    until,
    failures,
    bans: count,
    lines: lines.slice(-maxmatches),
    cause: "failures",
  };
}

/** Why a ban did not come over: what is no address cannot be banned by any jail. */
function omissionOf({ jail, id }: SavedBan): Pick<LeftBan, "message" | "advice"> {
  if (parseNetwork(id) === undefined) {
    return { message: `${id} is no address`, advice: "if it stands for one, ban that by hand" };
  }
  return {
    message: `no jail ${jail} came over that is switched on`,
    advice: `bring the jail along, or ban by hand: banjo ban ${id} --for 1d`,
  };
}

function isLive({ until }: Pick<Ban, "until">, now: number): boolean {
  return until === null || until > now;
}

/** Addresses that are banned as one network have one ban: the one that ends last. */
function keepLonger(bans: Map<string, Map<Host, Ban>>, ban: Ban): void {
  const hosts = bans.get(ban.jail) ?? new Map<Host, Ban>();
  bans.set(ban.jail, hosts);
  const other = hosts.get(ban.host);
  if (other === undefined || endOf(ban) > endOf(other)) hosts.set(ban.host, ban);
}

function remember(
  memory: Map<string, Map<Host, PastBans>>,
  { jail, host, bans }: Ban,
  forgotten: number | null,
): void {
  const hosts = memory.get(jail) ?? new Map<Host, PastBans>();
  memory.set(jail, hosts);
  const other = hosts.get(host);
  if (other === undefined || bans > other.bans) hosts.set(host, { bans, forgotten });
}

function endOf({ until }: Ban): number {
  return until ?? Infinity;
}

function sizeOf(hosts: ReadonlyMap<string, ReadonlyMap<Host, unknown>>): number {
  return [...hosts.values()].reduce((sum, { size }) => sum + size, 0);
}
