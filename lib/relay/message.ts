/** A digest in words. Pure. */
import { formatDuration } from "../config/mod.ts";
import { causeInWords, endInWords, type EventReport } from "../control/mod.ts";
import { printable } from "../printable.ts";
import type { Digest } from "./digest.ts";

/** What is sent, whatever form the destination wants it in. All texts are safe to print. */
export interface Message {
  readonly server: string;
  readonly title: string;
  readonly text: string;
  /** Whether something needs attention. */
  readonly isUrgent: boolean;
  readonly digest: Digest;
}

/** No line of a message is longer, in characters. */
const LONGEST_LINE = 300;

/** What happened, told by the server of that name. */
export function messageOf(server: string, digest: Digest): Message {
  const { counts, bansByJail, events } = digest;
  const told = (event: string) => events.filter((each) => each.event === event);
  const bans = counts.ban ?? 0;
  const lines: string[] = [];
  if (bansByJail.length > 1 || bans > told("ban").length) {
    lines.push(`${plural(bans, "ban")}: ${bansByJail.map((pair) => pair.join(" ")).join(", ")}`);
  }
  for (const kind of ["alarm", "recovery", "ban", "unban", "start", "reload"] as const) {
    const some = told(kind);
    lines.push(...some.map(lineOf));
    const rest = (counts[kind] ?? 0) - some.length;
    if (rest > 0) lines.push(`... and ${plural(rest, `more ${kind}`)}`);
  }
  return {
    server,
    title: `${server}: ${titleOf(digest)}`,
    text: lines.map(shorten).join("\n"),
    isUrgent: (counts.alarm ?? 0) > 0,
    digest,
  };
}

/** A message that shows that a destination is reached. */
export function testMessage(server: string): Message {
  return {
    server,
    title: `${server}: a test`,
    text: "This is a test of banjo's messages. Nothing has happened.",
    isUrgent: false,
    digest: { counts: {}, bansByJail: [], events: [] },
  };
}

/** An event as a line. */
function lineOf(event: EventReport): string {
  switch (event.event) {
    case "ban": {
      const { host, jail, since, until, failures, cause } = event;
      const span = until === null
        ? "for ever"
        : `for ${formatDuration(Date.parse(until) - Date.parse(since))}`;
      const why = cause === "failures"
        ? `after ${plural(failures, "failure")}`
        : `(${causeInWords[cause]})`;
      return `${host} banned in ${jail} ${span} ${why}`;
    }
    case "unban":
      return `${event.host} no longer banned in ${event.jail} (${
        endInWords[event.reason ?? "expired"]
      })`;
    case "alarm":
      return `Alarm: ${event.problem}`;
    case "recovery":
      return `Over: ${event.problem}`;
    case "start":
      return `banjo ${event.version} has started with ${plural(event.jails, "jail")}`;
    case "reload":
      return `The configuration was read anew, with ${plural(event.jails, "jail")}`;
  }
}

/** One event in a line, several by their counts. */
function titleOf({ counts, events }: Digest): string {
  const kinds = Object.entries(counts);
  const [only] = events;
  if (kinds.length === 1 && kinds[0]![1] === 1 && only !== undefined) return shorten(lineOf(only));
  const names = { recovery: "end of alarm", start: "start", reload: "reload" } as const;
  return kinds.map(([kind, count]) =>
    kind === "recovery"
      ? `${count} ${count === 1 ? names.recovery : "ends of alarms"}`
      : plural(count, kind)
  ).join(", ");
}

function shorten(line: string): string {
  const text = printable(line);
  return text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}...`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
