import type { Host } from "../address.ts";
import { HostRecords } from "./host_records.ts";
import type { JailSettings } from "./settings.ts";

/**
 * When a ban that begins at `since` ends, in milliseconds since the epoch; null for never.
 * `past` is how many bans of the host are remembered. Permanent bans do not grow, and are not capped.
 *
 * The random part comes from a hash, so that a replay of the same log gives the same bans.
 */
export function endOfBan(
  settings: PenaltySettings,
  host: Host,
  since: number,
  past: number,
): number | null {
  const { name, bantime, increment } = settings;
  let length = bantime;
  if (increment !== undefined && Number.isFinite(bantime)) {
    const { factor, multipliers, maxtime, rndtime } = increment;
    const multiplier = multipliers?.length
      ? multipliers[Math.min(past, multipliers.length - 1)]!
      : factor ** past;
    length = Math.min(bantime * multiplier, maxtime) +
      rndtime * fractionOf(`${name} ${host} ${since}`);
  }
  const until = Math.round(since + length);
  return until <= LAST_DATE ? until : null;
}

/** How long a jail remembers a ban after it ended, in milliseconds. */
export function memoryOf(settings: PenaltySettings): number {
  return settings.increment?.memory ?? DEFAULT_MEMORY;
}

/** A host's past bans, as the state file has them. */
export interface PastBans {
  readonly bans: number;
  /** When they are forgotten, in milliseconds since the epoch; null: never. */
  readonly forgotten: number | null;
}

/** What {@linkcode BanMemory} saves: past bans by jail. */
export type SavedMemory = Readonly<Record<string, Iterable<readonly [Host, PastBans]>>>;

/** Who was banned before, by which jail and how often. One for all jails, since they may count each other's bans. */
export class BanMemory {
  /** By jail, of each host how many bans there were, and when they are forgotten. */
  readonly #jails = new Map<string, HostRecords>();

  constructor(saved: SavedMemory = {}) {
    for (const [jail, past] of Object.entries(saved)) {
      const hosts = this.#hostsOf(jail);
      for (const [host, { bans, forgotten }] of past) hosts.set(host, bans, forgotten ?? Infinity);
    }
  }

  /** How many hosts are remembered, for each jail that has banned them. */
  get size(): number {
    return this.#jails.values().reduce((sum, hosts) => sum + hosts.size, 0);
  }

  /** How many bans of a host by a jail, or by all jails, are remembered at a time. */
  count(host: Host, at: number, jail?: string): number {
    if (jail !== undefined) return countIn(this.#jails.get(jail), host, at);
    let count = 0;
    for (const hosts of this.#jails.values()) count += countIn(hosts, host, at);
    return count;
  }

  /** Remembers one more ban, which began at `since`, until the time `forgotten`. */
  add(jail: string, host: Host, since: number, forgotten: number): void {
    const hosts = this.#hostsOf(jail);
    hosts.set(host, countIn(hosts, host, since) + 1, forgotten);
  }

  /** Corrects until when a host's bans are remembered, because the last one ended otherwise than expected. */
  setForgotten(jail: string, host: Host, forgotten: number): void {
    const hosts = this.#jails.get(jail);
    const slot = hosts?.find(host) ?? -1;
    if (slot >= 0) hosts!.set(host, hosts!.get(slot, COUNT), forgotten);
  }

  /** Frees some of what a jail had forgotten by a time. */
  sweep(jail: string, time: number): void {
    const hosts = this.#jails.get(jail);
    hosts?.sweep((slot) => hosts.get(slot, FORGOTTEN) < time);
  }

  /** What there is now, to be gone through once at leisure. */
  save(): SavedMemory {
    return Object.fromEntries(
      Array.from(this.#jails, ([jail, hosts]) => [
        jail,
        hosts.view((host, get) =>
          [host, { bans: get(COUNT), forgotten: finite(get(FORGOTTEN)) }] as const
        ),
      ]),
    );
  }

  #hostsOf(jail: string): HostRecords {
    let hosts = this.#jails.get(jail);
    if (hosts === undefined) this.#jails.set(jail, hosts = new HostRecords(2));
    return hosts;
  }
}

const COUNT = 0;
const FORGOTTEN = 1;

type PenaltySettings = Pick<JailSettings, "name" | "bantime" | "increment">;

/** Where bans do not grow they are only remembered to be told of, and for jails that count all jails' bans. */
const DEFAULT_MEMORY = 86_400_000;

/** The last instant that a Date can hold (ECMA-262, 21.4.1.1). A ban beyond it is for ever. */
const LAST_DATE = 8.64e15;

function countIn(hosts: HostRecords | undefined, host: Host, at: number): number {
  const slot = hosts?.find(host) ?? -1;
  return slot >= 0 && at <= hosts!.get(slot, FORGOTTEN) ? hosts!.get(slot, COUNT) : 0;
}

/** JSON has no Infinity. */
function finite(time: number): number | null {
  return time === Infinity ? null : time;
}

/** A number from 0 to below 1 that looks random: FNV-1a, its bits mixed as MurmurHash3 ends. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
