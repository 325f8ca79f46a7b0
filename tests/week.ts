/**
 * A week in the life of a small server on the network: what its sshd, web server and mail server log. The same seed
 * gives the same week. By hand, on a server that is for trying things out, as root:
 *
 *     deno run -A tests/week.ts
 */
import { Random } from "../bench/random.ts";
import { type ExportedEntry, writeJournal } from "./sources/journal_file.ts";

/** What happened, as it is logged; the oldest first. */
export interface Week {
  /** Lines of nginx's access log, in its `combined` format. */
  readonly access: readonly string[];
  readonly journal: readonly JournalLine[];
}

/** An entry of the journal. Milliseconds since the epoch. */
export interface JournalLine {
  readonly time: number;
  readonly unit: "ssh.service" | "postfix@-.service" | "dovecot.service";
  readonly program: string;
  readonly pid: number;
  readonly message: string;
}

/** Makes up the days before `end`, in milliseconds since the epoch. */
export function makeWeek(end: number, { days = 7, seed = 7 } = {}): Week {
  const random = new Random(seed);
  const start = end - days * DAY;
  const hits: Hit[] = [];
  const journal: JournalLine[] = [];
  const some = (perDay: number) => Math.round(perDay * days);
  const at = () => start + random.below(days * DAY);

  for (let i = 0; i < some(600); i++) hits.push(...visit(random, at()));
  for (let i = 0; i < some(12); i++) hits.push(...scan(random, at(), `198.19.4.${i % 256}`));
  for (let i = 0; i < some(150); i++) hits.push(...strayBot(random, at()));
  for (let i = 0; i < some(120); i++) journal.push(...guesses(random, at(), attackerOf(random)));
  for (let i = 0; i < some(20); i++) journal.push(...login(random, at()));
  for (let i = 0; i < some(15); i++) journal.push(...mailGuesses(random, at()));
  for (let i = 0; i < some(300); i++) journal.push(...delivery(random, at()));

  const before = ({ time }: { time: number }) => time < end;
  const inOrder = (a: { time: number }, b: { time: number }) => a.time - b.time;
  return {
    access: hits.filter(before).toSorted(inOrder).map(accessLine),
    journal: journal.filter(before).toSorted(inOrder),
  };
}

/** Writes the week's journal as a journal file. */
export function writeWeekJournal(path: string, { journal }: Week): Promise<void> {
  const boot = "0123456789abcdef0123456789abcdef";
  const [first] = journal;
  return writeJournal(
    path,
    journal.map(({ time, unit, program, pid, message }): ExportedEntry => ({
      realtime: time * 1000,
      monotonic: (time - first!.time + 60_000) * 1000,
      boot,
      fields: [
        ["MESSAGE", message],
        ["PRIORITY", "6"],
        ["SYSLOG_IDENTIFIER", program],
        ["SYSLOG_PID", String(pid)],
        ["_PID", String(pid)],
        ["_UID", "0"],
        ["_COMM", program.replace(/.*\//, "")],
        ["_SYSTEMD_UNIT", unit],
        ["_HOSTNAME", "server"],
        ["_TRANSPORT", "syslog"],
      ],
    })),
  );
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** A request. */
interface Hit {
  readonly time: number;
  readonly host: string;
  readonly request: string;
  readonly status: number;
  readonly agent: string;
}

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const PAGES = ["/", "/about", "/blog/", "/blog/autumn", "/shop", "/shop/cart", "/contact"];
const PROBES = [
  "/.env",
  "/.git/config",
  "/wp-login.php",
  "/xmlrpc.php",
  "/admin.php",
  "/phpmyadmin/index.php",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/backup.zip",
  "/config.json",
  "/actuator/health",
  "/boaform/admin/formLogin",
  "/cgi-bin/luci",
];

/** A person reads some pages; one in ten has a bookmark that leads nowhere any more. */
function visit(random: Random, time: number): Hit[] {
  const host = random.onceIn(4) ? random.ipv6(400) : random.ipv4(3_000);
  const hits: Hit[] = [];
  for (let page = 0; page <= random.below(6); page++) {
    hits.push({ time, host, request: `GET ${random.pick(PAGES)}`, status: 200, agent: BROWSER });
    for (const file of ["/site.css", "/site.js", "/logo.svg"]) {
      hits.push({ time: time + 200, host, request: `GET ${file}`, status: 200, agent: BROWSER });
    }
    if (page === 0 && random.onceIn(10)) {
      hits.push({ time, host, request: "GET /old-page.html", status: 404, agent: BROWSER });
    }
    time += (10 + random.below(60)) * SECOND;
  }
  return hits;
}

/** A program asks for everything that is ever left lying about. */
function scan(random: Random, time: number, host: string): Hit[] {
  const agent = random.pick(["curl/8.14.1", "Go-http-client/1.1", "python-requests/2.32.3", "-"]);
  return Array.from({ length: 20 + random.below(180) }, (_, index) => ({
    time: time + index * (300 + random.below(900)),
    host,
    request: `GET ${random.pick(PROBES)}${random.onceIn(3) ? `?${index}` : ""}`,
    status: 404,
    agent,
  }));
}

/** One stray request from somewhere. */
function strayBot(random: Random, time: number): Hit[] {
  const request = `GET ${random.pick(PROBES)}`;
  return [{ time, host: random.ipv4(50_000), request, status: 404, agent: "-" }];
}

/** Few come back again and again, many come once; a few come from neighbours in one network. */
function attackerOf(random: Random): string {
  if (random.onceIn(3)) return `198.51.100.${20 + random.below(12)}`;
  if (random.onceIn(6)) return `203.0.113.${64 + random.below(8)}`;
  if (random.onceIn(8)) return `2001:db8:bad:${random.below(4)}::${1 + random.below(200)}`;
  return random.ipv4(20_000);
}

const NAMES = ["root", "admin", "ubuntu", "test", "oracle", "git", "postgres", "pi", "deploy"];

/** Guessing passwords over SSH, some connections in a row. */
function guesses(random: Random, time: number, host: string): JournalLine[] {
  const lines: JournalLine[] = [];
  const slow = random.onceIn(4);
  for (let attempt = 0; attempt < 3 + random.below(40); attempt++) {
    const pid = 1_000 + random.below(60_000);
    const port = 1_024 + random.below(60_000);
    const user = random.pick(NAMES);
    const isThere = user === "root" || user === "git";
    const say = (message: string) =>
      lines.push({ time, unit: "ssh.service", program: "sshd", pid, message });
    if (!isThere) say(`Invalid user ${user} from ${host} port ${port}`);
    time += SECOND;
    say(
      `Failed password for ${isThere ? "" : "invalid user "}${user} from ${host} port ${port} ssh2`,
    );
    time += SECOND;
    say(
      `Connection closed by ${
        isThere ? "authenticating" : "invalid"
      } user ${user} ${host} port ${port} [preauth]`,
    );
    time += (slow ? 60 + random.below(600) : 1 + random.below(6)) * SECOND;
  }
  return lines;
}

/** The people who work here log in with a key or, now and then, after a typing error. */
function login(random: Random, time: number): JournalLine[] {
  const host = `192.0.2.${10 + random.below(5)}`;
  const user = random.pick(["anna", "bert", "deploy"]);
  const entry = {
    unit: "ssh.service",
    program: "sshd",
    pid: 1_000 + random.below(60_000),
  } as const;
  const port = 1_024 + random.below(60_000);
  const typo = {
    ...entry,
    time,
    message: `Failed password for ${user} from ${host} port ${port} ssh2`,
  };
  const key = "ED25519 SHA256:IVsR9uYbIHgcZT5Ut6t62j1W5NEAmY81d/JearOD78E";
  const accepted = `Accepted publickey for ${user} from ${host} port ${port} ssh2: ${key}`;
  return [
    ...random.onceIn(6) ? [typo] : [],
    { ...entry, time: time + 4 * SECOND, message: accepted },
    {
      ...entry,
      time: time + 900 * SECOND,
      message: `Disconnected from user ${user} ${host} port ${port}`,
    },
  ];
}

/** Guessing mail passwords, through SMTP or IMAP. */
function mailGuesses(random: Random, time: number): JournalLine[] {
  const host = `198.19.7.${random.below(40)}`;
  const byImap = random.onceIn(3);
  return Array.from({ length: 2 + random.below(15) }, (_, index): JournalLine => {
    const user = `${random.pick(["info", "office", "anna", "admin"])}@example.org`;
    const pid = 1_000 + random.below(60_000);
    const when = time + index * (20 + random.below(30)) * SECOND;
    const dovecot =
      `imap-login: Disconnected: Aborted login by logging out (auth failed, 1 attempts in 2 secs): ` +
      `user=<${user}>, method=PLAIN, rip=${host}, lip=192.0.2.1, TLS, session=<NWRPXfZg1dfAAAIH>`;
    const postfix = `warning: unknown[${host}]: SASL LOGIN authentication failed: ` +
      `authentication failure, sasl_username=${user}`;
    return byImap
      ? { time: when, unit: "dovecot.service", program: "dovecot", pid, message: dovecot }
      : { time: when, unit: "postfix@-.service", program: "postfix/smtpd", pid, message: postfix };
  });
}

/** A mail comes in. */
function delivery(random: Random, time: number): JournalLine[] {
  const host = `mx${random.below(9)}.example.net[198.19.9.${random.below(256)}]`;
  const pid = 1_000 + random.below(60_000);
  const entry = { unit: "postfix@-.service", program: "postfix/smtpd", pid } as const;
  return [
    `connect from ${host}`,
    `disconnect from ${host} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`,
  ]
    .map((message, index) => ({ ...entry, time: time + index * SECOND, message }));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function accessLine({ time, host, request, status, agent }: Hit): string {
  const iso = new Date(time).toISOString();
  const day = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}`;
  const size = status === 404 ? 153 : 4_812;
  return `${host} - - [${day}:${
    iso.slice(11, 19)
  } +0000] "${request} HTTP/1.1" ${status} ${size} "-" "${agent}"`;
}

if (import.meta.main) {
  const week = makeWeek(Date.now());
  const [machine] = (await Deno.readTextFile("/etc/machine-id")).split("\n");
  await Deno.mkdir(`/var/log/journal/${machine}`, { recursive: true });
  await writeWeekJournal(`/var/log/journal/${machine}/week.journal`, week);
  await Deno.writeTextFile("/var/log/nginx/access.log", week.access.join("\n") + "\n");
  console.log(
    `${week.journal.length} entries in the journal, ${week.access.length} lines of nginx`,
  );
}
