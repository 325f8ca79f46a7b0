/** How the agent is, in a line that a monitoring system can show. */
import { printable } from "../printable.ts";

/** A reason that is longer is cut, so that the line stays one. */
const LONGEST = 160;

/** `healthy`, or `degraded: ` and why. `pending`: changes that the firewalls have not taken. */
export function healthOf(pending: number, problems: readonly string[]): string {
  const reasons = [
    ...pending > 0 && problems.length > 0
      ? [`${pending} ${pending === 1 ? "change" : "changes"} not yet in the firewall`]
      : [],
    ...problems.map(shorten),
  ];
  return reasons.length === 0 ? "healthy" : `degraded: ${reasons.join("; ")}`;
}

function shorten(problem: string): string {
  const line = printable(problem.replaceAll("\n", " "));
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}...`;
}
