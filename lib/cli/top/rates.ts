import type { JailReport } from "../../control/mod.ts";

/** What the totals of a moment were. */
interface Moment {
  readonly time: number;
  readonly failures: ReadonlyMap<string, number>;
  readonly bans: number;
}

/** So many moments are remembered: as many as the widest sparkline has columns. */
const MOST = 121;
/** Rates are of the last so many milliseconds. */
const SPAN = 60_000;

/** How fast failures and bans come in, told from totals as they were seen one after the other. */
export class Rates {
  readonly #moments: Moment[] = [];

  /** Takes in what was seen at a time, in milliseconds since the epoch. */
  add(jails: readonly JailReport[], time: number): void {
    this.#moments.push({
      time,
      failures: new Map(jails.map(({ jail, failed }) => [jail, failed.total])),
      bans: jails.reduce((sum, { banned }) => sum + banned.total, 0),
    });
    if (this.#moments.length > MOST) this.#moments.shift();
  }

  /** Failures of a jail in a second, over the last minute. */
  failuresOf(jail: string): number {
    return this.#rate(({ failures }) => failures.get(jail)) * 1000;
  }

  /** Bans in a minute, over the last one. */
  get bans(): number {
    return this.#rate(({ bans }) => bans) * 60_000;
  }

  /** Failures of a jail between each moment and the next, the latest last. */
  seriesOf(jail: string): readonly number[] {
    const totals = this.#moments.map(({ failures }) => failures.get(jail));
    return totals.slice(1).map((total, index) => rise(totals[index], total));
  }

  #rate(of: (moment: Moment) => number | undefined): number {
    const last = this.#moments.at(-1);
    const first = last && this.#moments.find(({ time }) => time >= last.time - SPAN);
    if (last === undefined || first === undefined || first === last) return 0;
    return rise(of(first), of(last)) / (last.time - first.time);
  }
}

/** A jail that is new, or whose state was lost, has not risen. */
function rise(before: number | undefined, after: number | undefined): number {
  return before === undefined || after === undefined ? 0 : Math.max(0, after - before);
}
