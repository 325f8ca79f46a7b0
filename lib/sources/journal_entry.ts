import type { Entry } from "./entry.ts";

/** One entry of the systemd journal. */
export interface JournalEntry extends Entry {
  /**
   * `__REALTIME_TIMESTAMP` in milliseconds: when journald wrote the entry. Nobody but journald sets it, whereas
   * `_SOURCE_REALTIME_TIMESTAMP` is the sender's word, often absent, and may lie in the past.
   */
  readonly time: number;
  /** `__CURSOR`: where in the journal this entry stands. */
  readonly cursor: string;
  /**
   * The fields that were asked for, as far as it has them. Of one that occurs several times, the first; MESSAGE is all of
   * them, a line each. Entries with the same values may share the object.
   */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether the message was longer than {@linkcode MAX_TEXT} and has been cut. */
  readonly truncated: boolean;
}

/** The longest text of an entry, in UTF-16 code units. Real log messages stay far below; hostile ones need not. */
export const MAX_TEXT = 64 * 1024;

/** The fields that every entry is made of, those that no two entries share first. */
export const ENTRY_FIELDS = [
  "__CURSOR",
  "__REALTIME_TIMESTAMP",
  "MESSAGE",
  "SYSLOG_IDENTIFIER",
  "_COMM",
  "_PID",
  "_HOSTNAME",
] as const;

/**
 * The fields that tell how long the machine had been running: when the kernel said something, by the kernel itself, and
 * when journald wrote it.
 */
export const UPTIME_FIELDS = ["_SOURCE_MONOTONIC_TIMESTAMP", "__MONOTONIC_TIMESTAMP"] as const;
