import { type Host, parseAddress } from "../address.ts";
import { ownCopy } from "../own_copy.ts";

/**
 * How the requests of each address were answered, from access logs: lines with a quoted request and its status behind
 * it, the address in front (the common formats, uvicorn's), and lines of JSON (Caddy, Traefik). An attacker may earn
 * himself good answers by asking for what is there: what this says is advice.
 */
export class Visits {
  readonly #byAddress = new Map<Host, { good: number; all: number }>();

  /** Counts the requests in whole lines. */
  read(text: string): void {
    for (const match of text.matchAll(REQUEST)) {
      this.#count(match[1]!, match[2]!);
    }
    if (!text.includes('{"')) return;
    for (const line of text.split("\n")) {
      const status = JSON_STATUS.exec(line)?.[1];
      const address = status && JSON_ADDRESS.exec(line)?.[1];
      if (address) this.#count(address, status);
    }
  }

  /** Whether there were requests at all. */
  get isAccessLog(): boolean {
    return this.#byAddress.size > 0;
  }

  /** How many requests of an address were answered well; 0 where most were not, or where there were few. */
  welcome(host: Host): number {
    const visits = this.#byAddress.get(host);
    if (visits === undefined || visits.good < FEWEST) return 0;
    return visits.good * 2 > visits.all ? visits.good : 0;
  }

  #count(written: string, status: string): void {
    const known = this.#byAddress.get(written);
    if (known !== undefined) return add(known, status);
    const address = parseAddress(written);
    if (address === undefined) return;
    const visits = this.#byAddress.get(address) ?? { good: 0, all: 0 };
    this.#byAddress.set(ownCopy(address), visits);
    add(visits, status);
  }
}

function add(visits: { good: number; all: number }, status: string): void {
  visits.all++;
  if (status.startsWith("2") || status === "304") visits.good++;
}

/** Fewer good answers prove nobody's good intentions. */
const FEWEST = 5;

/** The address in front, perhaps behind a virtual host's or uvicorn's words and before a port. */
const REQUEST =
  /^(?:INFO: +|[\w.-]+:\d+ )?([\d.]{7,15}|\[?[\da-fA-F:.]{2,45}\]?)(?::\d+)? [^"\n]*"[^"\n]*" (\d{3})\b/gm;
const JSON_STATUS = /"(?:status|DownstreamStatus)":"?(\d{3})\b/;
const JSON_ADDRESS = /"(?:remote_ip|client_ip|ClientHost|remote_addr)":"([^"]+)"/;
