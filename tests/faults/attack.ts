/** A generated attack on sshd, as a log file has it: the same seed gives the same lines behind the same start. */
import { Random } from "../../bench/random.ts";
import type { FirewallName } from "../../lib/firewall/mod.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How large an attack is. */
export interface AttackSize {
  readonly lines: number;
  readonly attackers: number;
}

/** Lines in order of their times, and how many of them are failures. */
export interface Attack {
  readonly lines: readonly string[];
  /** For each number of lines, how many failures are among the first so many. */
  readonly failuresUpTo: readonly number[];
}

/**
 * The jails that the attack is for. Log time spans five hours that ended an hour ago, less than `findtime`: however late
 * a line is read, it counts. Bans end either in that time or weeks later, so what is in force does not depend on when one
 * looks.
 */
export function jailsFor(log: string, firewall: FirewallName): string {
  return `
[sshd]
enabled = true
firewall = "${firewall}"
files = ["${log}"]
maxretry = 5
findtime = "12h"
bantime = "10m"
bantime_increment = { multipliers = [1, 2, 3000], memory = "30d", maxtime = "52w" }
max_bans_per_minute = 100000

[recidive]
enabled = true
firewall = "${firewall}"
maxretry = 2
findtime = "12h"
bantime = "4w"
`;
}

/** Lines of an auth.log with iso dates: six in ten are failures, the rest is what else stands there. */
export function attackOf(seed: number, { lines, attackers }: AttackSize): Attack {
  const random = new Random(seed);
  const hosts = Array.from({ length: attackers }, (_, index) => hostOf(index));
  const first = Math.floor((Date.now() - 6 * HOUR) / 1000) * 1000;
  const texts: string[] = [];
  const failuresUpTo = [0];
  for (let index = 0; index < lines; index++) {
    const time = first + Math.floor(index * 5 * HOUR / lines);
    const micros = String(random.below(1000)).padStart(3, "0");
    const date = `${new Date(time).toISOString().slice(0, -1)}${micros}+00:00`;
    const isFailure = random.below(10) < 6;
    const text = isFailure ? failureOf(random.pick(hosts), random) : otherOf(random);
    // Each connection is another process, so that each failure counts for itself.
    texts.push(`${date} server sshd[${1000 + index}]: ${text}\n`);
    failuresUpTo.push(failuresUpTo[index]! + (isFailure ? 1 : 0));
  }
  return { lines: texts, failuresUpTo };
}

/** Every fourth has IPv6; two of those share a network, which is counted as one. */
function hostOf(index: number): string {
  if (index % 4 === 3) return `2001:db8:${(index >> 3).toString(16)}::${index.toString(16)}`;
  return `198.18.${index >> 8}.${index & 255}`;
}

function failureOf(host: string, random: Random): string {
  const user = random.pick(["root", "invalid user admin", "invalid user from 203.0.113.9 port 22"]);
  return `Failed password for ${user} from ${host} port ${port(random)} ssh2`;
}

function otherOf(random: Random): string {
  const host = random.ipv4(3000);
  switch (random.below(4)) {
    case 0:
      return `Accepted password for deploy from ${host} port ${port(random)} ssh2`;
    case 1:
      return "pam_unix(sshd:session): session opened for user deploy(uid=1001) by (uid=0)";
    case 2:
      return `Received disconnect from ${host} port ${port(random)}:11: disconnected by user`;
    default:
      return "Server listening on 0.0.0.0 port 22.";
  }
}

function port(random: Random): number {
  return 32768 + random.below(28000);
}
