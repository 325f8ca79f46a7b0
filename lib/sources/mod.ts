/** Where log entries come from: the systemd journal and log files. */
export type { Entry } from "./entry.ts";
export type { FilePosition, JournalPosition } from "./position.ts";
export {
  type JournalCounts,
  type JournalEnd,
  type JournalOptions,
  JournalReader,
  type JournalStart,
} from "./journal.ts";
export type { JournalEntry } from "./journal_entry.ts";
export { matchesGroups, type MatchGroup, parseJournalmatch } from "./journalmatch.ts";
export { type DeliverLines, type FileOptions, FileSource } from "./file.ts";
export { expandGlob, matchesGlob, matchesNothing } from "./glob.ts";
export { readBlocks } from "./blocks.ts";
