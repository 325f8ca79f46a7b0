/** One thing that was logged, as the filters see it, wherever it came from. */
export interface Entry {
  /** When it was logged, in milliseconds since the epoch; undefined where the date stands in the text. */
  readonly time: number | undefined;
  /** The line without its line end, or the journal's message. Hostile: an attacker wrote parts of it. */
  readonly text: string;
  /** The sender's syslog identifier, where the source knows it apart from the text (the journal does). */
  readonly identifier?: string;
  /** The sender's process id, likewise. */
  readonly pid?: string;
  /** The machine that it ran on, likewise. */
  readonly host?: string;
  /** Of what the kernel says, where that is wanted: how long the machine had been running, in microseconds. */
  readonly uptime?: number;
}
