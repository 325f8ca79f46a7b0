/** Logs whose dates are of another zone than banjo takes them for. */
import { formatDuration } from "../config/mod.ts";

/** How long to wait before a log is looked at again, in milliseconds. */
const PAUSE = 60_000;
/** Zones differ by half an hour and more; a log that is less late may just be written late. */
const LATE = 25 * 60_000;
/** So much, in milliseconds, may what is written now and then be later or less late than before. */
const TOLERANCE = 60_000;

/**
 * Finds them out by the newest lines' dates: they run with the clock, long behind it. To its jails their failures seem to be
 * of long ago, and lead to nothing. An old log that is read as a whole does not run with the clock.
 */
export class LateDates {
  readonly #looks = new Map<string, { readonly at: number; readonly lag: number }>();
  readonly #late = new Map<string, number>();

  /** Whether it is time to look at a log again. Times are in milliseconds since the epoch. */
  isDue(path: string, now: number): boolean {
    const before = this.#looks.get(path);
    return before === undefined || Math.abs(now - before.at) >= PAUSE;
  }

  /** Takes note of the date of a line that was just read, if it has one. Gives whether that changed {@linkcode problems}. */
  look(path: string, date: number | undefined, now: number): boolean {
    const before = this.#looks.get(path);
    const lag = date === undefined ? before?.lag ?? NaN : now - date;
    this.#looks.set(path, { at: now, lag });
    if (date === undefined) return false;
    const isLate = lag >= LATE && before !== undefined && Math.abs(lag - before.lag) <= TOLERANCE;
    if (isLate === this.#late.has(path)) return false;
    if (isLate) this.#late.set(path, lag);
    else this.#late.delete(path);
    return true;
  }

  /** What is wrong, in words. */
  get problems(): readonly string[] {
    return [...this.#late].map(([path, lag]) => {
      const minutes = Math.round(lag / 60_000) * 60_000;
      return `${path}: its dates are ${
        formatDuration(minutes)
      } behind the clock, as of another zone: ` +
        "set logtimezone in the jails that read it";
    });
  }
}
