import type { Host } from "../address.ts";
import { Pairs } from "./pairs.ts";
import type { JailSettings } from "./settings.ts";
import { Sweep } from "./sweep.ts";

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

/** A host's past bans, as the state file has them too. Never changed: a save under way holds on to them. */
export interface PastBans {
  readonly bans: number;
  /** When they are forgotten, in milliseconds since the epoch; null: never. */
  readonly forgotten: number | null;
}

/** What {@linkcode BanMemory} saves: past bans by jail. */
export type SavedMemory = Readonly<Record<string, Iterable<readonly [Host, PastBans]>>>;

/** Who was banned before, by which jail and how often. One for all jails, since they may count each other's bans. */
export class BanMemory {
  readonly #jails = new Map<string, JailMemory>();

  constructor(saved: SavedMemory = {}) {
    for (const [jail, past] of Object.entries(saved)) {
      const { hosts } = this.#memoryOf(jail);
      for (const [host, bans] of past) hosts.set(host, bans);
    }
  }

  /** How many bans of a host by a jail, or by all jails, are remembered at a time. */
  count(host: Host, at: number, jail?: string): number {
    if (jail !== undefined) return countIn(this.#jails.get(jail), host, at);
    let count = 0;
    for (const memory of this.#jails.values()) count += countIn(memory, host, at);
    return count;
  }

  /** Remembers one more ban, which began at `since`, until the time `forgotten`. */
  add(jail: string, host: Host, since: number, forgotten: number): void {
    const memory = this.#memoryOf(jail);
    memory.hosts.set(host, {
      bans: countIn(memory, host, since) + 1,
      forgotten: finite(forgotten),
    });
  }

  /** Corrects until when a host's bans are remembered, because the last one ended otherwise than expected. */
  setForgotten(jail: string, host: Host, forgotten: number): void {
    const hosts = this.#jails.get(jail)?.hosts;
    const past = hosts?.get(host);
    if (past !== undefined) hosts!.set(host, { ...past, forgotten: finite(forgotten) });
  }

  /** Frees some of what a jail had forgotten by a time. */
  sweep(jail: string, time: number): void {
    this.#jails.get(jail)?.sweep.step(({ forgotten }) => forgotten !== null && forgotten < time);
  }

  /** What there is now. It does not change afterwards, so it may be written at leisure. */
  save(): SavedMemory {
    return Object.fromEntries(
      Array.from(this.#jails, ([jail, { hosts }]) => [jail, new Pairs(hosts)]),
    );
  }

  #memoryOf(jail: string): JailMemory {
    let memory = this.#jails.get(jail);
    if (memory === undefined) {
      const hosts = new Map<Host, PastBans>();
      memory = { hosts, sweep: new Sweep(hosts) };
      this.#jails.set(jail, memory);
    }
    return memory;
  }
}

type PenaltySettings = Pick<JailSettings, "name" | "bantime" | "increment">;

interface JailMemory {
  readonly hosts: Map<Host, PastBans>;
  readonly sweep: Sweep<Host, PastBans>;
}

/** Where bans do not grow they are only remembered to be told of, and for jails that count all jails' bans. */
const DEFAULT_MEMORY = 86_400_000;

/** The last instant that a Date can hold (ECMA-262, 21.4.1.1). A ban beyond it is for ever. */
const LAST_DATE = 8.64e15;

function countIn(memory: JailMemory | undefined, host: Host, at: number): number {
  const past = memory?.hosts.get(host);
  return past !== undefined && (past.forgotten === null || at <= past.forgotten) ? past.bans : 0;
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
