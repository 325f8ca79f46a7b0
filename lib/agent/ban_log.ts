/** Decisions in the agent's log. */
import { isAddress } from "../address.ts";
import type { BanEvent } from "../jail/mod.ts";
import { log } from "../log.ts";

/**
 * So many bans and unbans of a jail are logged in a second, and of more their number. journald takes 10,000 messages from a service in
 * 30 s (RateLimitBurst in journald.conf(5)) and drops whatever comes then, warnings too: a botnet must not decide what is
 * heard of the agent. And a line for each took a tenth of the time in which there were bans to make.
 */
const MOST = 100;
/** In milliseconds. */
const SECOND = 1_000;

/** Logs each ban and unban, but of a jail's burst only the first; the history has them all. */
export class BanLog {
  #second = 0;
  readonly #counts = new Map<string, number>();
  #more = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Tells of a decision made now; milliseconds since the epoch. */
  tell(event: BanEvent, now: number): void {
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const { jail } = event.ban;
    const count = (this.#counts.get(jail) ?? 0) + 1;
    this.#counts.set(jail, count);
    if (count <= MOST) {
      log.info(logLine(event));
      return;
    }
    this.#more++;
    this.#timer ??= setTimeout(() => this.end(), SECOND);
  }

  /** Tells at once of how many no line was logged. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#more === 0) return;
    log.info(`${this.#more} more bans and unbans: see \`banjo history\``);
    this.#more = 0;
  }
}

/** A ban or unban in a line. It may hold log text. */
function logLine(event: BanEvent): string {
  const { jail, host, until, failures, cause } = event.ban;
  if (event.kind === "unban") return `${jail}: unban ${host} (${event.reason})`;
  const end = until === null ? "for ever" : `until ${new Date(until).toISOString()}`;
  const why = cause === "failures" ? `${failures} failures` : cause;
  const note = isAddress(host) ? "" : ": no address, so it is only on record";
  return `${jail}: ban ${host} ${end} (${why})${note}`;
}
