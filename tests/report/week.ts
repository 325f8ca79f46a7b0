/** Bans of a week as a busy server has them, the same from the same seed. */
import { Random } from "../../bench/random.ts";
import type { Ban, BanEvent } from "../../lib/jail/mod.ts";
import { printRecord } from "../../lib/state/history.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What is to be made. */
export interface WeekOptions {
  readonly seed: number;
  /** About so many bans. */
  readonly bans: number;
  /** When it ends, in milliseconds since the epoch. */
  readonly end: number;
}

/** The events, bans and unbans, by time. */
export function* week({ seed, bans, end }: WeekOptions): Generator<BanEvent> {
  const chance = new Random(seed);
  const random: Fraction = () => chance.below(2 ** 32) / 2 ** 32;
  const start = end - 7 * DAY;
  const attackers = makeAttackers(random, Math.max(12, Math.round(bans / 3)));
  const past = new Map<string, number>();
  /** Until when each is kept out. */
  const barred = new Map<string, number>();
  const ends: { time: number; ban: Ban }[] = [];
  const times = Array.from({ length: bans }, () => Math.floor(timeIn(random, start)))
    .sort((a, b) => a - b);
  for (const since of times) {
    while (ends.length > 0 && ends[0]!.time <= since) {
      const { time, ban } = ends.shift()!;
      const isEarly = random() < 0.004;
      yield { kind: "unban", time, ban, reason: isEarly ? "manual" : "expired" };
    }
    const attacker = attackers[Math.floor(attackers.length * random() ** 1.7)]!;
    if ((barred.get(attacker.host) ?? 0) > since) continue;
    const service = SERVICES[pick(random, isBurst(since, start) ? BURST : attacker.taste)]!;
    const failures = service.failures + Math.floor(random() * 3);
    const before = past.get(attacker.host) ?? 0;
    past.set(attacker.host, before + 1);
    const length = Math.min(service.hours * 2 ** before, 48) * HOUR;
    barred.set(attacker.host, since + length);
    const lines = Array.from(
      { length: Math.min(failures, 5) },
      (_, index) => service.line(attacker.host, since - (4 - index) * 1500, random),
    );
    const ban: Ban = {
      jail: service.jail,
      host: attacker.host,
      since,
      until: since + length,
      failures,
      bans: before + 1,
      lines,
      cause: "failures",
    };
    yield { kind: "ban", time: since, ban };
    const at = ends.findIndex(({ time }) => time > since + length);
    if (bans <= 20_000) {
      ends.splice(at < 0 ? ends.length : at, 0, { time: since + length, ban });
    }
  }
}

/** Writes them as an agent does. */
export async function writeWeek(path: string, options: WeekOptions): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let text = "";
  const flush = async () => {
    for (let bytes = encoder.encode(text); bytes.length > 0;) {
      bytes = bytes.subarray(await file.write(bytes));
    }
    text = "";
  };
  for (const event of week(options)) {
    text += printRecord(event);
    if (text.length > 1 << 20) await flush();
  }
  await flush();
}

/** The configuration whose jails have made these bans. */
export const weekConfig = {
  "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
  "jails/week.toml": [
    "sshd",
    "nginx-404",
    "wordpress-xmlrpc",
    "postfix-sasl",
    "dovecot",
    "nginx-badbots",
  ]
    .map((jail) => `[${jail}]\nenabled = true\nfiles = ["/nowhere/${jail}.log"]\n`).join(""),
};

/** At least 0, less than 1. */
type Fraction = () => number;

/** By day more than by night, and one wave in the fourth night. */
function timeIn(random: Fraction, start: number): number {
  if (random() < 0.12) return start + 3.1 * DAY + (random() + random()) * 4 * HOUR;
  for (;;) {
    const time = start + random() * 7 * DAY;
    const hour = new Date(time).getHours() + new Date(time).getMinutes() / 60;
    if (random() < 0.55 + 0.45 * Math.sin((hour - 8) / 24 * 2 * Math.PI)) return time;
  }
}

function isBurst(time: number, start: number): boolean {
  return time > start + 3.1 * DAY && time < start + 3.1 * DAY + 8 * HOUR;
}

interface Attacker {
  readonly host: string;
  readonly taste: readonly number[];
}

/** Some networks hold many. */
function makeAttackers(random: Fraction, count: number): Attacker[] {
  const networks = Array.from(
    { length: Math.ceil(count / 6) },
    () =>
      random() < 0.12
        ? `2001:db8:${Math.floor(1 + random() * 0xfff).toString(16)}`
        : `198.${18 + Math.floor(random() * 2)}.${Math.floor(random() * 256)}`,
  );
  return Array.from({ length: count }, () => {
    const network = networks[Math.floor(networks.length * random() ** 2)]!;
    const host = network.includes(":")
      ? `${network}:${Math.floor(1 + random() * 0xffe).toString(16)}::/64`
      : `${network}.${1 + Math.floor(random() * 254)}`;
    return { host, taste: [6, 3, 1.5, 1.2, 0.7, 0.6].map((weight) => weight * random() ** 2) };
  });
}

const BURST = [1, 1, 12, 0.2, 0.1, 2];

function pick(random: Fraction, weights: readonly number[]): number {
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(0, weights.findIndex((weight) => (rest -= weight) < 0));
}

interface Service {
  readonly jail: string;
  readonly failures: number;
  readonly hours: number;
  line(host: string, time: number, random: Fraction): string;
}

const SERVICES: readonly Service[] = [
  {
    jail: "sshd",
    failures: 5,
    hours: 1,
    line: (host, _, random) =>
      `Failed password for ${random() < 0.6 ? "invalid user " : ""}${nameFrom(random)} from ${
        plain(host)
      } port ${20_000 + Math.floor(random() * 40_000)} ssh2`,
  },
  {
    jail: "nginx-404",
    failures: 20,
    hours: 1,
    line: (host, time, random) =>
      `${plain(host)} - - [${clfTime(time)}] "GET ${from(PATHS, random)} HTTP/1.1" 404 153 "-" "${
        from(AGENTS, random)
      }"`,
  },
  {
    jail: "wordpress-xmlrpc",
    failures: 10,
    hours: 4,
    line: (host, time) =>
      `${plain(host)} - - [${clfTime(time)}] "POST /xmlrpc.php HTTP/1.1" 200 403 "-" "Mozilla/5.0"`,
  },
  {
    jail: "postfix-sasl",
    failures: 5,
    hours: 6,
    line: (host, time, random) =>
      `${new Date(time).toISOString()} server postfix/smtpd[256]: warning: unknown[${
        plain(host)
      }]: SASL PLAIN authentication failed: authentication failure, sasl_username=${
        nameFrom(random)
      }@example.org`,
  },
  {
    jail: "dovecot",
    failures: 5,
    hours: 2,
    line: (host, _, random) =>
      `imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<${
        nameFrom(random)
      }>, method=PLAIN, rip=${plain(host)}, lip=192.0.2.1, session=<NWRPXfZg1dfAAAIH>`,
  },
  {
    jail: "nginx-badbots",
    failures: 2,
    hours: 24,
    line: (host, time) =>
      `${plain(host)} - - [${clfTime(time)}] "GET / HTTP/1.1" 200 612 "-" "zgrab/0.x"`,
  },
];

/** An address of a network. */
function plain(host: string): string {
  return host.replace("::/64", "::17");
}

function nameFrom(random: Fraction): string {
  return NAMES[Math.floor(NAMES.length * random() ** 2.5)]!;
}

const NAMES = (
  "root admin user test ubuntu postgres oracle git deploy mysql ftpuser pi guest support www-data jenkins hadoop " +
  "backup tomcat nagios minecraft steam elastic dev ansible docker info sales web alice bob"
).split(" ");

function from(list: readonly string[], random: Fraction): string {
  return list[Math.floor(list.length * random())]!;
}

const PATHS = [
  "/wp-login.php",
  "/.env",
  "/.git/config",
  "/phpmyadmin/index.php",
  "/admin/config.php",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/cgi-bin/luci/;stok=/locale",
  "/boaform/admin/formLogin",
];
const AGENTS = ["Mozilla/5.0", "curl/7.88.1", "Go-http-client/1.1", "python-requests/2.31.0"];

function clfTime(time: number): string {
  const [, day, month, year] = new Date(time).toUTCString().split(/,? /);
  return `${day}/${month}/${year}:${new Date(time).toISOString().slice(11, 19)} +0000`;
}
