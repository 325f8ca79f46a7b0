/** An auth.log of a server whose sshd is under attack: of ten lines, six are failed passwords. */
import { LogWriter } from "./log_writer.ts";
import { Random } from "./random.ts";

/** How rsyslog writes the date: as Debian 12 does, or as everyone did before. */
export type DateStyle = "iso" | "traditional";

/** Writes so many lines, the last ones of 2026-11-20. */
export function writeSshdLog(path: string, lines: number, dates: DateStyle): void {
  const random = new Random(22);
  const attack = new Attack(random);
  const dateOf = dates === "iso" ? isoDate : traditionalDate;
  using log = new LogWriter(path);
  for (let line = 0; line < lines; line++) {
    const time = LAST - (lines - line) * 100 + random.below(100);
    const message = random.below(10) < 6 ? failure(attack) : other(random);
    log.line(`${dateOf(time, random)} server ${message}`);
  }
}

/** Connections that guess passwords, one after the other, each up to three times. */
export class Attack {
  readonly #random: Random;
  #pid = 1000;
  #left = 0;
  #text = "";

  constructor(random: Random) {
    this.#random = random;
  }

  /** A message that every filter for sshd takes for a failure, as sshd itself gives it to the journal. */
  nextFailure(): { pid: number; text: string } {
    if (this.#left-- === 0) this.#connect();
    return { pid: this.#pid, text: this.#text };
  }

  #connect(): void {
    const random = this.#random;
    this.#pid = this.#pid >= 99_000 ? 1000 : this.#pid + 1 + random.below(3);
    this.#left = random.below(3);
    const address = random.onceIn(8) ? random.ipv6(500) : random.ipv4(3000);
    const user = random.onceIn(2) ? "root" : `invalid user ${random.pick(NAMES)}`;
    this.#text = `Failed password for ${user} from ${address} port ${port(random)} ssh2`;
  }
}

/** A message of sshd that no filter takes for a failure. */
export function harmless(random: Random): string {
  const address = random.ipv4(3000);
  switch (random.below(4)) {
    case 0:
      return `Accepted publickey for deploy from ${address} port ${port(random)} ssh2: ED25519 ` +
        "SHA256:Qd0CyRkZVhYIv9kDpRg3Xn0f7t6h3mXb5w8u1aJz2sE";
    case 1:
      return "pam_unix(sshd:session): session opened for user deploy(uid=1001) by (uid=0)";
    case 2:
      return "pam_unix(sshd:session): session closed for user deploy";
    default:
      return `Server listening on 0.0.0.0 port 22.`;
  }
}

const LAST = Date.UTC(2026, 10, 21);
const NAMES = ["admin", "oracle", "test", "ubuntu", "postgres", "git", "ftpuser", "user", "pi"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function failure(attack: Attack): string {
  const { pid, text } = attack.nextFailure();
  return `sshd[${pid}]: ${text}`;
}

function other(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return `CRON[${
        pid(random)
      }]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`;
    case 1:
      return `systemd-logind[431]: New session ${random.below(99999)} of user deploy.`;
    case 2:
      return `sudo:   deploy : TTY=pts/0 ; PWD=/srv/app ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx`;
    default:
      return `sshd[${pid(random)}]: ${harmless(random)}`;
  }
}

function isoDate(time: number, random: Random): string {
  const micros = String(random.below(1000)).padStart(3, "0");
  return `${new Date(time).toISOString().slice(0, -1)}${micros}+00:00`;
}

function traditionalDate(time: number): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, " ");
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)}`;
}

function pid(random: Random): number {
  return 100_000 + random.below(60_000);
}

function port(random: Random): number {
  return 32768 + random.below(28000);
}
