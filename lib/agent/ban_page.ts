/** A page of the bans: whoever wants the first ones need not take them all. */
import type { BanPlace } from "../control/mod.ts";
import type { Ban, Jail } from "../jail/mod.ts";

/**
 * The first bans in force behind a place, in the order of time: as many as are wanted, or fewer, and none at the end.
 * `prefix`: only hosts that begin with it.
 */
export function pageOf(
  jails: readonly Jail[],
  now: number,
  most: number,
  after: BanPlace | undefined,
  prefix = "",
): readonly Ban[] {
  const place = after === undefined ? undefined : { ...after, since: Date.parse(after.since) };
  const from = place?.since ?? -Infinity;
  const times = Float64Array.from(jails.flatMap((jail) => jail.beginningsFrom(from))).sort();
  // Of those that began with the place some may stand before it.
  let start = Math.max(0, times.findIndex((time) => time > from));
  for (let first = from;;) {
    // Few begin like that, most likely: all are gone through at once.
    const to = prefix === ""
      ? times[Math.min(start + most, times.length) - 1] ?? Infinity
      : Infinity;
    const page = jails.flatMap((jail) => [...jail.bansBetween(first, to)])
      .filter((ban) =>
        (ban.until === null || ban.until > now) && ban.host.startsWith(prefix) &&
        (place === undefined || compare(ban, place) > 0)
      );
    // All of these may have run out just now.
    const next = times.findIndex((time) => time > to);
    if (page.length > 0 || next < 0) return page.sort(compare).slice(0, most);
    first = times[next]!;
    start = next;
  }
}

type Place = Pick<Ban, "since" | "jail" | "host">;

function compare(one: Place, other: Place): number {
  return one.since - other.since || compareTexts(one.jail, other.jail) ||
    compareTexts(one.host, other.host);
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
