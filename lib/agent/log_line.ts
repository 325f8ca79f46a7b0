/** How a decision reads in the agent's log. */
import { isAddress } from "../address.ts";
import type { BanEvent } from "../jail/mod.ts";

/** A ban or unban in a line. It may hold log text. */
export function logLine(event: BanEvent): string {
  const { jail, host, until, failures, cause } = event.ban;
  if (event.kind === "unban") return `${jail}: unban ${host} (${event.reason})`;
  const end = until === null ? "for ever" : `until ${new Date(until).toISOString()}`;
  const why = cause === "failures" ? `${failures} failures` : cause;
  const note = isAddress(host) ? "" : ": no address, so it is only on record";
  return `${jail}: ban ${host} ${end} (${why})${note}`;
}
