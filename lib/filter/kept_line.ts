import type { Entry } from "../sources/entry.ts";
import type { FilterDefinition } from "./definition.ts";

/**
 * A line of which only the text was kept, as entries that a filter can read: as a message of the journal with that time,
 * and as a line of a file. Where several lines made a failure, the newest comes first. Times in milliseconds since the epoch.
 */
export function entriesOfKept(
  kept: string,
  { syslogIdentifier: [identifier], journalText }: FilterDefinition,
  time: number,
): Entry[] {
  const identified = identifier === undefined ? {} : { identifier };
  return kept.split("\n").reverse().flatMap((text) => [
    // An entry that is read as syslog would have written it is kept as it was read.
    ...(journalText === "message" ? [{ time, text, ...identified }] : []),
    { time: undefined, text },
  ]);
}
