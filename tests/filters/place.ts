/** A place in a service's log where a client has a say. */
export interface Place {
  readonly filter: string;
  readonly what: string;
  /** The line with the client's text in that place, as the service writes it. */
  readonly write: (text: string) => string;
  /** Whether the line is an entry of the journal; absent: one or more lines of a file. */
  readonly inJournal?: boolean;
  /** Who must be blamed; absent: nobody. */
  readonly blame?: string;
  /** Whether a text may also keep the line from being matched, for no login works with it. */
  readonly mayBeMissed?: boolean;
  /** When it must have been; absent: `LOGGED`, or for the journal {@linkcode NOW}. */
  readonly time?: number;
}

/** Whose lines they are. */
export const PEER = "192.0.2.7";
/** When the services wrote them. */
export const LOGGED = Date.parse("2026-11-21T01:25:16Z");

/** The access log, with the client's text in one of its fields. */
export const access = (
  status: number,
  {
    path = "/",
    user = "-",
    request = "",
    referer = "-",
    agent = "curl/7.88.1",
  },
) =>
  `${PEER} - ${user} [21/Nov/2026:01:25:16 +0000] "${
    request || `GET ${path} HTTP/1.1`
  }" ${status} 153 "${referer}" "${agent}"`;

/** A line of a file as rsyslog writes it, with line ends and other control characters as it escapes them. */
export function syslogLine(identifier: string, message: string): string {
  // deno-lint-ignore no-control-regex
  const escaped = message.replace(/[\0-\x1f\x7f]/g, asRsyslogWrites);
  return `2026-11-21T01:25:16+00:00 server ${identifier}[7193]: ${escaped}`;
}

function asRsyslogWrites(character: string): string {
  return `#${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
