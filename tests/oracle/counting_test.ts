/**
 * Stock jails imported, checked and simulated, beside fail2ban itself on the same logs. Two questions: does fail2ban find
 * the failures that banjo counts, and does each ban that one of them alone makes come from how fail2ban counts?
 */
import { assert, assertEquals } from "@std/assert";
import { type Host, networkOf } from "../../lib/address.ts";
import { banjo } from "../banjo.ts";
import { testAsRoot } from "../root.ts";
import { type LogLine, makeLog } from "./attacks.ts";
import { STOCK } from "./fail2ban.ts";
import { readSamples } from "./samples.ts";

/** A jail to be tried. Durations in seconds. */
interface Trial {
  readonly jail: string;
  /** Whose samples its log is made of. */
  readonly filter: string;
  readonly maxretry: number;
  readonly findtime: number;
  readonly bantime: number;
  /** Bans of who comes back double. */
  readonly isIncremental?: true;
  /** What else `jail.local` says of it. */
  readonly rest?: string;
}

const TRIALS: readonly Trial[] = [
  { jail: "sshd", filter: "sshd", maxretry: 5, findtime: 600, bantime: 600 },
  {
    jail: "sshd-hard",
    filter: "sshd",
    maxretry: 3,
    findtime: 3600,
    bantime: 1800,
    rest: "filter = sshd[mode=aggressive]",
  },
  { jail: "nginx-http-auth", filter: "nginx-http-auth", maxretry: 4, findtime: 300, bantime: 900 },
  { jail: "nginx-botsearch", filter: "nginx-botsearch", maxretry: 2, findtime: 60, bantime: 86400 },
  {
    jail: "postfix",
    filter: "postfix",
    maxretry: 3,
    findtime: 1200,
    bantime: 600,
    rest: "mode = aggressive",
  },
  { jail: "dovecot", filter: "dovecot", maxretry: 6, findtime: 900, bantime: 300 },
  { jail: "apache-auth", filter: "apache-auth", maxretry: 4, findtime: 120, bantime: 3600 },
  // It reads several lines at once.
  { jail: "mongodb-auth", filter: "mongodb-auth", maxretry: 3, findtime: 600, bantime: 1200 },
  {
    jail: "elsewhere",
    filter: "recidive",
    maxretry: 1,
    findtime: 900,
    bantime: 300,
    isIncremental: true,
    rest: "filter = recidive\nbantime.increment = true",
  },
  {
    jail: "exim",
    filter: "exim",
    maxretry: 4,
    findtime: 600,
    bantime: 300,
    isIncremental: true,
    rest: "bantime.increment = true",
  },
];

/** It counts the bans of the others. */
const RECIDIVE: Trial = {
  jail: "recidive",
  filter: "recidive",
  maxretry: 4,
  findtime: 7200,
  bantime: 3600,
};

/** A ban as it was decided. Times in seconds since the epoch. */
interface Decision {
  readonly host: Host;
  /** When the failure was that led to it. */
  readonly time: number;
  readonly until: number;
}

/** What came of a log in fail2ban. `at` is the line's place in the log. */
interface Verdict {
  /** The lines that were written: those whom it keeps out write none. */
  readonly kept: readonly number[];
  /** The failures that it counted. */
  readonly failures: readonly (readonly [at: number, time: number, host: Host])[];
  readonly bans: readonly (readonly [at: number, time: number, host: Host, until: number])[];
  /** Where it took a host's rate for the number of its failures. */
  readonly estimated: readonly (readonly [at: number, host: Host])[];
  /** Where it took one failure for several. */
  readonly boosted: readonly (readonly [at: number, host: Host])[];
}

const NEEDS = { programs: ["fail2ban-server"] };

testAsRoot("imported jails ban as fail2ban does, but for how it counts", NEEDS, async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-counting-" });
  try {
    const base = await makeConf(folder);
    const { code, stderr } = await banjo(["import", base, "--out", `${folder}/banjo`]);
    assertEquals([code, stderr], [0, ""]);
    const check = await banjo(["check", "--config", `${folder}/banjo`]);
    assertEquals([check.code, check.stderr], [0, ""], check.stdout);

    const logs = await makeLogs();
    const verdicts = await askFail2ban(base, logs);
    const alone = { fail2ban: 0, banjo: 0 };
    for (const trial of TRIALS) {
      await t.step(trial.jail, async () => {
        const verdict = verdicts[trial.jail]!;
        const written = verdict.kept.map((at) => `${logs[trial.jail]![at]!.text}\n`).join("");
        const path = `${folder}/${trial.jail}.log`;
        await Deno.writeTextFile(path, written);
        const bans = await simulate(`${folder}/banjo`, trial.jail, "--file", path);
        const decisions = inOrder(bans);
        assertEquals(decisions, countExactly(trial, verdict), "banjo counts other failures");
        const counts = compare(trial, verdict, decisions);
        assert(counts.both >= 5, `only ${counts.both} bans are the same`);
        alone.fail2ban += counts.fail2ban;
        alone.banjo += counts.banjo;
      });
    }
    assert(alone.fail2ban > 0 && alone.banjo > 0, "no log tells the two ways to count apart");

    await t.step("recidive, which in banjo needs no log", async () => {
      const bans = await simulate(`${folder}/banjo`, "--since", "100y");
      const ours = bans.filter(({ jail }) => jail === RECIDIVE.jail);
      const others = bans.filter(({ jail }) => jail !== RECIDIVE.jail);
      // The log that fail2ban would have written of these bans. A host of IPv6 is 7 in its network.
      const log = others.map(({ jail, host, time }) => {
        const attacker = host.replace("::/64", "::7");
        const date = new Date(time * 1000).toISOString().slice(0, 19).replace("T", " ");
        const text = `${date},000 fail2ban.actions [7]: NOTICE [${jail}] Ban ${attacker}`;
        return { time, attacker, text };
      });
      const verdict = (await askFail2ban(base, { recidive: log }))["recidive"]!;
      assertEquals(inOrder(ours), countExactly(RECIDIVE, verdict));
      const { both } = compare(RECIDIVE, verdict, inOrder(ours));
      assert(both >= 5, `only ${both} bans are the same`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The stock configuration with the jails of the trials, and their logs. */
async function makeConf(folder: string): Promise<string> {
  const base = `${folder}/fail2ban`;
  await new Deno.Command("cp", { args: ["-r", STOCK, base] }).output();
  await Deno.remove(`${base}/jail.d`, { recursive: true });
  const jails = [...TRIALS, RECIDIVE].map(({ jail, maxretry, findtime, bantime, rest = "" }) => `
[${jail}]
enabled = true
logpath = ${folder}/${jail}.log
maxretry = ${maxretry}
findtime = ${findtime}
bantime = ${bantime}
${rest}
`);
  const all = "backend = polling\nusedns = no\nlogtimezone = UTC\nignoreip = 203.0.113.0/24\n";
  await Deno.writeTextFile(`${base}/jail.local`, `[DEFAULT]\n${all}${jails.join("")}`);
  const own = `[Definition]\nlogtarget = ${folder}/${RECIDIVE.jail}.log\n`;
  await Deno.writeTextFile(`${base}/fail2ban.local`, own);
  for (const { jail } of [...TRIALS, RECIDIVE]) {
    await Deno.writeTextFile(`${folder}/${jail}.log`, "");
  }
  return base;
}

type Logs = Readonly<Record<string, readonly LogLine[]>>;

async function makeLogs(): Promise<Logs> {
  const samples = await readSamples();
  return Object.fromEntries(TRIALS.map(({ jail, filter, findtime }, seed) => {
    const checks = samples.filter((sample) => sample.filter === filter && !sample.isFromJournal)
      .flatMap(({ checks }) => checks);
    return [jail, makeLog({ checks, findtime, seed })];
  }));
}

async function askFail2ban(base: string, logs: Logs): Promise<Readonly<Record<string, Verdict>>> {
  const asked = Object.entries(logs).map(([jail, log]) =>
    [jail, log.map(({ time, attacker, text }) => [time, attacker, text])] as const
  );
  const child = new Deno.Command("/usr/bin/python3", {
    args: [new URL("fail2ban_counting.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const input = new TextEncoder().encode(JSON.stringify([base, Object.fromEntries(asked)]));
  const written = writer.write(input).then(() => writer.close());
  const { stdout } = await child.output();
  await written;
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function simulate(config: string, ...words: readonly string[]) {
  const { code, stderr, json } = await banjo(["simulate", "--config", config, "--json", ...words]);
  assertEquals([code, stderr], [0, ""]);
  return json.filter(({ event }) => event === "ban").map(({ jail, host, time, until }) => ({
    jail: jail as string,
    host: host as Host,
    time: Date.parse(time) / 1000,
    until: Date.parse(until) / 1000,
  }));
}

/** The bans that fail2ban's own failures come to if each counts as long as it is no older than findtime. */
function countExactly(trial: Trial, { failures }: Verdict): Decision[] {
  const { maxretry, findtime, bantime, isIncremental } = trial;
  const recent = new Map<Host, readonly number[]>();
  const bans: Decision[] = [];
  for (const [, time, address] of failures) {
    const host = bannedAs(address);
    const past = bans.filter((ban) => ban.host === host);
    if (past.some(({ until }) => time < until)) continue;
    const window = [...recent.get(host) ?? [], time].filter((each) => time - each <= findtime);
    recent.set(host, window.length < maxretry ? window : []);
    if (window.length < maxretry) continue;
    bans.push({ host, time, until: time + bantime * (isIncremental ? 2 ** past.length : 1) });
  }
  return inOrder(bans);
}

/**
 * Follows each host to where the two first differ, if anywhere, and asserts that it comes from how fail2ban counts.
 * Behind that they are in different states. How many bans each made alone.
 */
function compare(trial: Trial, verdict: Verdict, decisions: readonly Decision[]) {
  const counts = { both: 0, fail2ban: 0, banjo: 0 };
  const theirs = Map.groupBy(
    verdict.bans.map(([, time, host, until]) => ({ host: bannedAs(host), time, until })),
    ({ host }) => host,
  );
  const ours = Map.groupBy(decisions, ({ host }) => host);
  for (const host of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(host) ?? [], ours.get(host) ?? []];
    const at = their.findIndex((ban, index) => JSON.stringify(ban) !== JSON.stringify(our[index]));
    const first = at < 0 ? their.length : at;
    const [they, we] = [their[first], our[first]];
    counts.both += first;
    if (they === undefined && we === undefined) continue;
    const what = `${trial.jail}: fail2ban ${JSON.stringify(they)}, banjo ${JSON.stringify(we)}`;
    const isFirstTheirs = we === undefined || (they !== undefined && they.time < we.time);
    const time = isFirstTheirs ? they!.time : we.time;
    assert(they?.time !== we?.time, `one failure, two bans: ${what}`);
    const since = their[first - 1]?.time ?? -Infinity;
    assert(isInexact(verdict, host, since, time), `fail2ban counted simply: ${what}`);
    counts[isFirstTheirs ? "fail2ban" : "banjo"]++;
  }
  return counts;
}

/** Whether after one time and up to another fail2ban did not simply count a host's failures. */
function isInexact(verdict: Verdict, host: Host, since: number, until: number): boolean {
  const times = new Map(verdict.failures.map(([at, time]) => [at, time]));
  return [...verdict.estimated, ...verdict.boosted].some(([at, address]) =>
    bannedAs(address) === host && times.get(at)! > since && times.get(at)! <= until
  );
}

/** What banjo bans an address with. */
function bannedAs(address: Host): Host {
  return networkOf(address, 32, 64);
}

/** By time and host, and nothing else of them. */
function inOrder(bans: readonly Decision[]): Decision[] {
  return bans.map(({ host, time, until }) => ({ host, time, until }))
    .sort((a, b) => a.time - b.time || (a.host < b.host ? -1 : 1));
}
