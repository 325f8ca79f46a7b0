/** Bans of the past, gathered from the history. */
import type { Host } from "../address.ts";
import type { HistoryReport } from "../control/mod.ts";

/** A ban as a report needs it. Times in milliseconds since the epoch. */
export interface PastBan {
  readonly jail: string;
  readonly host: Host;
  readonly since: number;
  /** When it ended or will: earlier than was meant where somebody lifted it, or another took its place. null: never. */
  readonly until: number | null;
  readonly failures: number;
  /** Which ban of the host it was, counted from 1. */
  readonly bans: number;
  readonly isManual: boolean;
  /** The user names that were tried. Hostile text. */
  readonly names: readonly string[];
  /** The newest line that led to it. Hostile text. null: none, or no longer held. */
  readonly line: string | null;
}

/** Reads names from the lines that led to a ban. */
export type ReadNames = (jail: string, lines: readonly string[], time: number) => readonly string[];

/** So many of the newest bans are told with their line. */
export const MOST_LINES = 1000;

/** Gathers bans event by event. Of too many the oldest go. */
export class Past {
  readonly #readNames: ReadNames;
  readonly #most: number;
  #bans: Writable<PastBan>[] = [];
  #cutAt: number | null = null;
  /** The newest ban of each host in each jail: the one that an unban ends. */
  readonly #newest = new Map<string, Writable<PastBan>>();

  /** `most`: no more bans are held than that, give or take an eighth. */
  constructor(readNames: ReadNames, most: number) {
    this.#readNames = readNames;
    this.#most = most;
  }

  /** The bans held, in the order in which they were decided. */
  get bans(): readonly PastBan[] {
    return this.#bans;
  }

  /** The time of the oldest ban held, where older ones were too many; else null. */
  get cutAt(): number | null {
    return this.#cutAt;
  }

  /** Takes the next event of the history. What was found in the firewall was told when it was banned. */
  take(event: HistoryReport): void {
    if (event.cause === "adopted") return;
    const key = `${event.jail} ${event.host}`;
    if (event.event === "unban") {
      const ban = this.#newest.get(key);
      this.#newest.delete(key);
      if (ban !== undefined && event.reason !== "expired") ban.until = Date.parse(event.time);
      return;
    }
    const since = Date.parse(event.since);
    const former = this.#newest.get(key);
    // It was banned anew before it was free: by hand, or for longer.
    if (former !== undefined && (former.until ?? Infinity) > since) {
      former.until = Math.max(former.since, since);
    }
    const ban = {
      jail: event.jail,
      host: event.host,
      since,
      until: event.until === null ? null : Date.parse(event.until),
      failures: event.failures,
      bans: event.bans,
      isManual: event.cause === "manual",
      names: this.#readNames(event.jail, event.lines, since),
      line: event.lines.at(-1) ?? null,
    };
    this.#bans.push(ban);
    this.#newest.set(key, ban);
    const old = this.#bans.at(-1 - MOST_LINES);
    if (old !== undefined) old.line = null;
    if (this.#bans.length <= this.#most + this.#most / 8) return;
    this.#bans = this.#bans.slice(-this.#most);
    this.#cutAt = this.#bans[0]!.since;
    this.#forgetOthers();
  }

  /** Lets go of bans that were made before a time. */
  forgetBefore(time: number): void {
    this.#bans = this.#bans.filter(({ since }) => since >= time);
    if (this.#cutAt !== null && this.#cutAt < time) this.#cutAt = null;
    this.#forgetOthers();
  }

  #forgetOthers(): void {
    if (this.#newest.size <= this.#bans.length) return;
    const held = new Set(this.#bans);
    for (const [key, ban] of this.#newest) if (!held.has(ban)) this.#newest.delete(key);
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
