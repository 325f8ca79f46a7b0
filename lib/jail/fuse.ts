/** So long is what bans are counted in, in milliseconds. */
const MINUTE = 60_000;

/** What a fuse remembers, as plain values for JSON. */
export interface FuseState {
  /** How many bans it has held in all. */
  readonly held: number;
  /** When the latest bans were decided, held ones among them. */
  readonly times: readonly number[];
}

/**
 * Holds bans while a jail decides on more than so many in a minute of log time. Held ones count as well: so while
 * somebody floods the log, no more are made, and a minute after the flood has sunk below the limit they are again.
 */
export class Fuse {
  readonly #limit: number;
  readonly #times: number[];
  #held: number;

  /** `limit`: bans in a minute; Infinity: the fuse never blows. */
  constructor(limit: number, saved?: FuseState) {
    this.#limit = limit;
    this.#times = limit === Infinity ? [] : [...saved?.times ?? []].slice(-limit);
    this.#held = saved?.held ?? 0;
  }

  /** How many bans it has held in all. */
  get held(): number {
    return this.#held;
  }

  /**
   * Counts a ban that was decided at that time, and tells whether it is held. A time may be long before the last one: logs of
   * the past are read one after the other.
   */
  holds(time: number): boolean {
    if (this.#limit === Infinity) return false;
    const isFull = this.#times.length === this.#limit;
    const isHeld = isFull && Math.abs(time - this.#times[0]!) < MINUTE;
    if (isFull) this.#times.shift();
    this.#times.push(time);
    if (isHeld) this.#held++;
    return isHeld;
  }

  /**
   * The clock was set back: what seems to be of later than `now` is of now. Forgotten, it would let whoever floods the log have
   * as many more banned.
   */
  setBack(now: number): void {
    for (const [index, time] of this.#times.entries()) this.#times[index] = Math.min(time, now);
  }

  save(): FuseState {
    return { held: this.#held, times: [...this.#times] };
  }
}
