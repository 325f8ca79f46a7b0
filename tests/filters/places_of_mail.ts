import {
  asDovecotWrites,
  asEximTakesHelo,
  asEximWrites,
  asHeaderCarries,
  asPostfixWrites,
} from "./escapes.ts";
import { PEER, type Place, syslogLine } from "./place.ts";

const smtpd = (message: string) => syslogLine("postfix/smtpd", message);
const dovecot = (message: string) => syslogLine("dovecot", message);
const exim = (message: string) => `2026-11-21 01:25:16 ${message}`;

/** Where clients of mail servers have a say. */
export const placesOfMail: readonly Place[] = [
  {
    filter: "postfix-sasl",
    what: "user",
    write: (text) =>
      smtpd(
        `warning: unknown[${PEER}]: SASL PLAIN authentication failed: authentication failure, sasl_username=${
          asPostfixWrites(text)
        }`,
      ),
    blame: PEER,
  },
  {
    filter: "postfix-sasl",
    what: "user behind a port and no reason",
    write: (text) =>
      smtpd(
        `warning: unknown[${PEER}]:55729: SASL PLAIN authentication failed: , sasl_username=${
          asPostfixWrites(text)
        }`,
      ),
    blame: PEER,
  },
  {
    filter: "postfix-sasl",
    what: "command that is none",
    write: (text) =>
      smtpd(`warning: non-SMTP command from unknown[${PEER}]: ${asPostfixWrites(text)}`),
  },
  {
    filter: "postfix",
    what: "recipient",
    write: (text) =>
      smtpd(
        `NOQUEUE: reject: RCPT from unknown[${PEER}]: 454 4.7.1 <${
          asPostfixWrites(text)
        }>: Relay access denied; from=<a@example.com> to=<${
          asPostfixWrites(text)
        }> proto=ESMTP helo=<x>`,
      ),
    blame: PEER,
  },
  {
    filter: "postfix",
    what: "recipient that waits",
    write: (text) =>
      smtpd(
        `NOQUEUE: reject: RCPT from unknown[${PEER}]: 450 4.2.0 <${
          asPostfixWrites(text)
        }>: Recipient address rejected: Greylisted; from=<${asPostfixWrites(text)}> proto=ESMTP`,
      ),
  },
  {
    filter: "postfix",
    what: "commands sent too early",
    write: (text) =>
      smtpd(
        `improper command pipelining after EHLO from unknown[${PEER}]: ${asPostfixWrites(text)}`,
      ),
    blame: PEER,
  },
  {
    filter: "dovecot",
    what: "user",
    write: (text) =>
      dovecot(
        `imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 1 secs): user=<${
          asDovecotWrites(text)
        }>, method=PLAIN, rip=${PEER}, lip=192.0.2.1, TLS, session=<NWRPXfZg1dfAAAIH>`,
      ),
    blame: PEER,
  },
  {
    filter: "dovecot",
    what: "user that gave up",
    write: (text) =>
      dovecot(
        `imap-login: Disconnected: Connection closed (client didn't finish SASL auth, waited 3 secs): user=<${
          asDovecotWrites(text)
        }>, method=PLAIN, rip=${PEER}, lip=192.0.2.1, session=<NWRPXfZg1dfAAAIH>`,
      ),
  },
  {
    filter: "dovecot",
    what: "user of submission, in a line without a method and a session",
    write: (text) =>
      dovecot(
        `submission-login: Client has quit the connection (auth failed, 1 attempts in 1 secs): user=<${
          asDovecotWrites(text)
        }>, rip=${PEER}, lip=192.0.2.1`,
      ),
    blame: PEER,
  },
  {
    filter: "exim-auth",
    what: "user",
    write: (text) =>
      exim(
        `plain_server authenticator failed for (x) [${PEER}]: 535 Incorrect authentication data (set_id=${
          asEximWrites(text)
        })`,
      ),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "exim-auth",
    what: "HELO name",
    write: (text) =>
      exim(
        `plain_server authenticator failed for (${
          asEximTakesHelo(text)
        }) [${PEER}]: 535 Incorrect authentication data (set_id=bob)`,
      ),
    blame: PEER,
  },
  {
    filter: "exim-auth",
    what: "HELO name of any kind (helo_accept_junk_hosts)",
    write: (text) =>
      exim(
        `plain_server authenticator failed for (${
          asEximWrites(text)
        }) [${PEER}]: 535 Incorrect authentication data (set_id=bob)`,
      ),
    blame: PEER,
    mayBeMissed: true,
  },
  ...["exim", "exim-auth"].map((filter): Place => ({
    filter,
    what: "invalid HELO name",
    write: (text) =>
      exim(
        `rejected EHLO from [${PEER}]: syntactically invalid argument(s): ${
          asEximWrites(asHeaderCarries(text))
        }`,
      ),
  })),
  {
    filter: "exim",
    what: "recipient",
    write: (text) =>
      exim(
        `H=(x) [${PEER}] F=<a@example.com> rejected RCPT <"${
          asEximWrites(text)
        }"@example.org>: relay not permitted`,
      ),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "exim",
    what: "HELO name of any kind (helo_accept_junk_hosts)",
    write: (text) =>
      exim(
        `H=(${
          asEximWrites(text)
        }) [${PEER}] F=<a@example.com> rejected RCPT <c@example.org>: relay not permitted`,
      ),
    blame: PEER,
    mayBeMissed: true,
  },
  {
    filter: "exim",
    what: "command that is none",
    write: (text) =>
      exim(
        `SMTP call from [${PEER}] dropped: too many unrecognized commands (last was "${
          asEximWrites(asHeaderCarries(text))
        }")`,
      ),
    blame: PEER,
    mayBeMissed: true,
  },
];
