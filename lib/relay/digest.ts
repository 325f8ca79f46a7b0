/** Many events in one message. Pure. */
import type { Destination, NotifiedEvent } from "../config/mod.ts";
import type { EventReport } from "../control/mod.ts";

/** So many events are told one by one; of the others there is a count. */
const MOST_TOLD = 20;
/** So many jails are named with their counts. */
const MOST_JAILS = 10;

/** What happened since the last message, as far as a destination wants to know. */
export interface Digest {
  readonly counts: Readonly<Partial<Record<NotifiedEvent, number>>>;
  /** Bans by jail, the most first. */
  readonly bansByJail: readonly (readonly [jail: string, bans: number])[];
  /** The first events of each kind, in order, without their log lines. */
  readonly events: readonly EventReport[];
}

/** Gathers events, however many, into a few. */
export class Gathering {
  readonly #wanted: Pick<Destination, "events" | "jails">;
  readonly #counts: Partial<Record<NotifiedEvent, number>> = {};
  readonly #byJail = new Map<string, number>();
  readonly #events: EventReport[] = [];

  constructor(wanted: Pick<Destination, "events" | "jails">) {
    this.#wanted = wanted;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  add(event: EventReport): void {
    if (!this.#isWanted(event)) return;
    const count = this.#counts[event.event] = (this.#counts[event.event] ?? 0) + 1;
    if (event.event === "ban") {
      this.#byJail.set(event.jail, (this.#byJail.get(event.jail) ?? 0) + 1);
    }
    if (count <= MOST_TOLD) this.#events.push("lines" in event ? { ...event, lines: [] } : event);
  }

  digest(): Digest {
    const bansByJail = [...this.#byJail].sort(([, a], [, b]) => b - a).slice(0, MOST_JAILS);
    return { counts: { ...this.#counts }, bansByJail, events: [...this.#events] };
  }

  #isWanted(event: EventReport): boolean {
    const { events, jails } = this.#wanted;
    if (!events.includes(event.event)) return false;
    if (event.event !== "ban" && event.event !== "unban") return true;
    // That a ban has run out is no news.
    if (event.reason === "expired") return false;
    return jails.length === 0 || jails.includes(event.jail);
  }
}
