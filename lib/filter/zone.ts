import { FilterError } from "./filter_error.ts";
import { offsetOfName } from "./zone_names.ts";

/** A time zone that turns local times into instants. */
export interface Zone {
  /** The instant of a local time, which is given as if it were UTC. Both in milliseconds. */
  toInstant(local: number, now: number): number;
  /** The local time of an instant, as if it were UTC. */
  toLocal(instant: number): number;
}

/**
 * The zone called so: an IANA name, `Z`, `UTC`, `GMT` or another abbreviation, an offset as `+hhmm` or `+hh:mm`, or both
 * (`UTC+0100`). undefined is the system's own zone. Throws {@linkcode FilterError} on any other name.
 */
export function zoneNamed(name: string | undefined): Zone {
  // Intl would do too, but loads megabytes of data at every start.
  if (name === undefined) return ianaZone(Temporal.Now.timeZoneId());
  const offset = parseOffset(name);
  if (offset !== undefined) return fixedZone(offset);
  try {
    return ianaZone(
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FilterError(
      `logtimezone: there is no zone ${
        JSON.stringify(name)
      }: write a name as "Europe/Berlin", "UTC" or "+0100"`,
    );
  }
}

/**
 * Milliseconds that a zone stated in a date is ahead of UTC: `Z`, an abbreviation, `+hh`, `+hhmm`, `+hh:mm` or an
 * abbreviation with one of them. undefined for anything else.
 */
export function parseOffset(text: string): number | undefined {
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  const [, name, sign, hours, minutes = "0"] = match;
  if (name === undefined && sign === undefined) return undefined;
  const base = name === undefined ? 0 : offsetOfName(name);
  if (base === undefined || sign === undefined) return base;
  const shift = (Number(hours) * 60 + Number(minutes)) * MINUTE;
  return base + (sign === "-" ? -shift : shift);
}

const OFFSET = /^([A-Za-z]{1,5})?(?:([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?$/;
const MINUTE = 60_000;
/** No zone changes its offset within a quarter of an hour that starts on a multiple of one. */
const QUARTER = 15 * MINUTE;
const MAX_CACHED = 4096;

function fixedZone(offset: number): Zone {
  return { toInstant: (local) => local - offset, toLocal: (instant) => instant + offset };
}

function ianaZone(timeZone: string): Zone {
  return /^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal)$/.test(timeZone)
    ? fixedZone(0)
    : new IanaZone(timeZone);
}

/** A zone with a history: asked once for every quarter of an hour, for asking is slow. */
class IanaZone implements Zone {
  readonly #timeZone: string;
  /** From the start of a local quarter to its offsets: one; or two where clocks were put back, the earlier instant's first. */
  readonly #ofLocal = new Map<number, readonly [number, number]>();

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  toInstant(local: number, now: number): number {
    const quarter = Math.floor(local / QUARTER) * QUARTER;
    let offsets = this.#ofLocal.get(quarter);
    if (offsets === undefined) {
      if (this.#ofLocal.size >= MAX_CACHED) this.#ofLocal.clear();
      offsets = this.#offsetsOf(quarter);
      this.#ofLocal.set(quarter, offsets);
    }
    // A time that the clock showed twice is the second one, unless that is yet to come.
    const later = local - offsets[1];
    return later <= now + MINUTE ? later : local - offsets[0];
  }

  toLocal(instant: number): number {
    const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(
      this.#timeZone,
    );
    return instant + zoned.offsetNanoseconds / 1e6;
  }

  #offsetsOf(local: number): readonly [number, number] {
    const plain = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO("UTC")
      .toPlainDateTime();
    // Where clocks were put forward and showed no such time, both choices differ too: the offset before the change counts.
    const [earlier, later] = (["earlier", "later"] as const).map((disambiguation) => {
      const zoned = plain.toZonedDateTime(this.#timeZone, { disambiguation });
      const exists = zoned.toPlainDateTime().equals(plain);
      return exists ? zoned.offsetNanoseconds / 1e6 : undefined;
    });
    if (earlier !== undefined && later !== undefined) return [earlier, later];
    const compatible = plain.toZonedDateTime(this.#timeZone, { disambiguation: "compatible" });
    const offset = local - compatible.epochMilliseconds;
    return [offset, offset];
  }
}
