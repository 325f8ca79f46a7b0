import { asPureFtpdWrites, asVsftpdWrites } from "./escapes.ts";
import { PEER, type Place, syslogLine } from "./place.ts";

const vsftpd = (message: string) => `Sat Nov 21 01:25:16 2026 [pid 141] ${message}`;

/** Where clients of FTP servers have a say. */
export const placesOfFtp: readonly Place[] = [
  {
    filter: "vsftpd",
    what: "user",
    write: (text) => vsftpd(`[${asVsftpdWrites(text)}] FAIL LOGIN: Client "${PEER}"`),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "vsftpd",
    what: "user that was let in",
    write: (text) => vsftpd(`[${asVsftpdWrites(text)}] OK LOGIN: Client "${PEER}"`),
  },
  {
    filter: "vsftpd",
    what: "anonymous visitor's password",
    write: (text) =>
      vsftpd(`[ftp] OK LOGIN: Client "${PEER}", anon password "${asVsftpdWrites(text)}"`),
  },
  {
    filter: "proftpd",
    what: "user",
    write: (text) =>
      syslogLine(
        "proftpd",
        `192.0.2.1 (${PEER}[${PEER}]) - USER ${text}: no such user found from ${PEER} [${PEER}] to 192.0.2.1:21`,
      ),
    blame: PEER,
  },
  {
    filter: "proftpd",
    what: "user with a wrong password",
    write: (text) =>
      syslogLine(
        "proftpd",
        `192.0.2.1 (${PEER}[${PEER}]) - USER ${text} (Login failed): Incorrect password`,
      ),
    blame: PEER,
  },
  {
    filter: "proftpd",
    what: "user in the journal, where line ends stay",
    write: (text) =>
      `192.0.2.1 (${PEER}[${PEER}]) - USER ${text} (Login failed): Incorrect password`,
    inJournal: true,
    blame: PEER,
  },
  {
    filter: "pure-ftpd",
    what: "user",
    write: (text) =>
      syslogLine(
        "pure-ftpd",
        `(?@${PEER}) [WARNING] Authentication failed for user [${asPureFtpdWrites(text)}]`,
      ),
    blame: PEER,
  },
  {
    filter: "pure-ftpd",
    what: "file that a user deletes",
    write: (text) =>
      syslogLine("pure-ftpd", `(alice@${PEER}) [NOTICE] Deleted ${asPureFtpdWrites(text)}`),
  },
];
