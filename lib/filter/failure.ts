import type { Host } from "../address.ts";

/**
 * A line in which a filter recognised a failed attempt. Its texts may be cut from a block of log, which stays in memory
 * as long as they do: who keeps them takes a copy of his own.
 */
export interface Failure {
  readonly kind: "failure";
  /** When it happened by the log's own time, in milliseconds since the epoch. */
  readonly time: number;
  /** The address that failed; or an id, where the pattern says so. */
  readonly host: Host;
  /** The address behind an id. */
  readonly address?: Host;
  readonly user?: string;
  /** Names the login session that the line belongs to, so that a later success can clear it. */
  readonly session?: string;
  /**
   * The whole line, date included, as logged. Where several lines make the failure, all of them, the oldest first, with
   * `\n` between them. Hostile text.
   */
  readonly line: string;
  /** Which failregex matched, counted from 0. */
  readonly pattern: number;
}

/** A line whose pattern names the attacker by a host name: to be resolved, off the hot path. */
export interface NamedFailure extends Omit<Failure, "kind" | "host" | "address"> {
  readonly kind: "named";
  readonly name: string;
}

/** A successful login: the failures of the same session no longer count. */
export interface Success {
  readonly kind: "success";
  readonly time: number;
  readonly session: string;
  /** The address that logged in, where the session knows it. */
  readonly host?: Host;
  readonly user?: string;
}

/** What a filter makes of a line that concerns a jail. */
export type Finding = Failure | NamedFailure | Success;
