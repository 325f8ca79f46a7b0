/** Bans that were not made: who was spared for a login, and which jails' fuses hold bans back. */
import type { Host } from "../address.ts";
import type { SparedReport } from "../control/mod.ts";
import type { WithheldEvent } from "../jail/mod.ts";
import { log } from "../log.ts";

/** A fuse counts what is a minute old at most, in milliseconds. */
const MINUTE = 60_000;
/** Who was spared is shown for so long, in milliseconds. */
const MEMORY = 12 * 60 * MINUTE;
/** So many are shown at most. */
const MOST = 100;
/** Who has been spared so often may be somebody else than the one who logged in. */
const MANY = 10;

/** Keeps what the administrator should see of bans that were not made. */
export class Withheld {
  readonly #onProblem: (source: string, problem: string | null) => void;
  readonly #spared = new Map<string, SparedReport>();
  /** The jails whose fuses hold bans now: how many so far, and when the last one was. */
  readonly #blown = new Map<string, { count: number; last: number }>();

  constructor(onProblem: (source: string, problem: string | null) => void) {
    this.#onProblem = onProblem;
  }

  /** Who was spared of late, the latest last. */
  get spared(): readonly SparedReport[] {
    return [...this.#spared.values()];
  }

  /** The jails whose fuses hold bans now. */
  get blownFuses(): readonly string[] {
    return [...this.#blown.keys()];
  }

  /** Takes note of a ban that was not made. */
  take(event: WithheldEvent, now: number): void {
    if (event.kind === "spared") this.#spare(event);
    else this.#hold(event.ban.jail, now);
  }

  /** A host has been banned by hand: that it was spared is of no more interest. */
  settle(host: Host): void {
    for (const [key, spared] of this.#spared) if (spared.host === host) this.#forget(key);
  }

  /** Lets go of what is over. For asking now and then. */
  check(now: number): void {
    for (const [jail, { count, last }] of this.#blown) {
      if (now - last < MINUTE) continue;
      this.#blown.delete(jail);
      this.#onProblem(`fuse of ${jail}`, null);
      log.warn(`${jail}: bans are made again; ${count} were held and are not made up for`);
    }
    for (const [key, { time }] of this.#spared) {
      if (now - Date.parse(time) > MEMORY) this.#forget(key);
    }
  }

  #spare({ time, ban, reason }: Extract<WithheldEvent, { kind: "spared" }>): void {
    const { jail, host, failures } = ban;
    const key = `${jail} ${host}`;
    const times = (this.#spared.get(key)?.times ?? 0) + 1;
    this.#spared.delete(key);
    this.#spared.set(key, { jail, host, time: new Date(time).toISOString(), times, reason });
    if (this.#spared.size > MOST) this.#forget(this.#spared.keys().next().value!);
    log.warn(`${jail}: spared ${host} (${failures} failures), for it ${reason}`);
    if (times < MANY) return;
    const problem = `${jail}: ${host} goes on failing and is spared, for it ${reason}`;
    if (times === MANY) log.error(problem);
    this.#onProblem(`sparing of ${key}`, `${problem}: \`banjo ban ${host} --force\` ends it`);
  }

  #forget(key: string): void {
    if (this.#spared.get(key)!.times >= MANY) this.#onProblem(`sparing of ${key}`, null);
    this.#spared.delete(key);
  }

  #hold(jail: string, now: number): void {
    const blown = this.#blown.get(jail) ?? { count: 0, last: now };
    this.#blown.set(jail, { count: blown.count + 1, last: now });
    const problem = `${jail}: the fuse holds bans, for there are more than max_bans_per_minute`;
    if (blown.count === 0) log.error(problem);
    this.#onProblem(`fuse of ${jail}`, `${problem}: ${blown.count + 1} so far`);
  }
}
