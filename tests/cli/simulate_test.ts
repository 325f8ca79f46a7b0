/** `banjo simulate`, run as a program: what it prints, and that `banjo run` decides the same. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo, type Json, type Result } from "../banjo.ts";
import { PrivateJournald } from "../journald.ts";
import { Network } from "../network.ts";
import { testAsRoot } from "../root.ts";

const HOUR = 3_600_000;

Deno.test("simulate prints bans and unbans for scripts as documented", async () => {
  await using folder = await newFolder();
  const since = folder.fails([["192.0.2.7", 0], ["2001:db8::7", 1], ["192.0.2.7", 2], [
    "2001:db8::8",
    3,
  ]]);
  const ban = (seconds: number, host: string) => ({
    time: iso(since + seconds * 1000),
    jail: "test",
    host,
    until: iso(since + seconds * 1000 + 600_000),
    failures: 2,
  });
  const first = ban(2, "192.0.2.7");
  const second = ban(3, "2001:db8::/64");
  const { code, json, stderr } = await simulate(folder, "--json");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(json, [
    { event: "ban", ...first },
    { event: "ban", ...second },
    { event: "unban", ...first, time: first.until },
    { event: "unban", ...second, time: second.until },
  ]);
  const forever = await simulate(folder, "--json", "--set", "bantime=forever");
  assertEquals(forever.json, [
    { event: "ban", ...first, until: null },
    { event: "ban", ...second, until: null },
  ]);
});

Deno.test("simulate tells people who, when, for how long and on which lines", async () => {
  await using folder = await newFolder();
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1], ["192.0.2.8", 1]]);
  const { stdout } = await simulate(folder);
  assertMatch(stdout, /^\S+ \S+ {2}ban +192\.0\.2\.7 {2}test, 2 failures, for 10m\n/);
  assertMatch(stdout, /\n {4}\S+ failed 192\.0\.2\.7\n {4}\S+ failed 192\.0\.2\.7\n/);
  assertStringIncludes(stdout, "\n1 ban of 1 address by 1 jail.\n");
  const nobody = await simulate(folder, "--set", "maxretry=3");
  assertEquals(nobody.stdout, "Nobody would have been banned by test.\n");
});

Deno.test("simulate reads another file, another time and other settings when it is told to", async () => {
  await using folder = await newFolder();
  await using other = await newFolder();
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1]]);
  other.fails([["192.0.2.8", 0], ["192.0.2.8", 1]]);
  const hosts = async (...words: string[]) =>
    (await simulate(folder, ...words, "--json")).json.filter(({ event }) => event === "ban")
      .map(({ host }) => host);
  assertEquals(await hosts(), ["192.0.2.7"]);
  assertEquals(await hosts("test"), ["192.0.2.7"]);
  assertEquals(await hosts("--file", other.log), ["192.0.2.8"]);
  assertEquals(await hosts("--since", "1d"), ["192.0.2.7"]);
  assertEquals(await hosts("--since", "10m"), []);
  assertEquals(await hosts("--set", "maxretry=3"), []);
  assertEquals(await hosts("--set", "maxretry=1", "--set", "ignoreip=192.0.2.0/24"), []);
  // No matter that jails which are not asked for ban for longer.
  const short = ["test", "--set", 'bantime_increment={ maxtime = "20m" }'];
  assertEquals(await hosts(...short), ["192.0.2.7"]);
});

Deno.test("simulate has bans counted in the order of their times, whichever log they come from", async () => {
  await using folder = await newFolder({ bantime: "1m" });
  await Deno.writeTextFile(
    `${folder.config}/jails/others.toml`,
    `[other]
enabled = true
files = ["${folder.log}.other"]
failregex = ["^ failed <ADDR>$"]
maxretry = 1
bantime = "1m"
[again]
enabled = true
banned_by = ["*"]
maxretry = 2
findtime = "15m"
bantime = "4m"
`,
  );
  const since = folder.fails([0, 12].flatMap((minute) => [
    ["192.0.2.7", minute * 60],
    ["192.0.2.7", minute * 60],
  ]));
  const others = [6, 18].map((minute) => line("192.0.2.7", since + minute * 60_000));
  await Deno.writeTextFile(`${folder.log}.other`, others.join(""));
  const { json } = await simulate(folder, "--json");
  const bans = json.filter(({ event, jail }) => event === "ban" && jail === "again");
  assertEquals(bans.map(({ time }) => time), [6, 18].map((minute) => iso(since + minute * 60_000)));
});

Deno.test("simulate counts a line once that several paths lead to, for each jail that reads one of them", async () => {
  await using folder = await newFolder();
  const link = `${folder.log}.link`;
  await Deno.symlink(folder.log, link);
  const jail = (name: string, files: readonly string[]) =>
    `[${name}]\nenabled = true\nfiles = ${toml(files)}\nfailregex = ["^ failed <ADDR>$"]\n`;
  await Deno.writeTextFile(
    `${folder.config}/jails/others.toml`,
    jail("both", [`${folder.log}*`, folder.log.replace("/test.log", "//test.log")]) +
      jail("link", [link]),
  );
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1]]);
  const failures = async (maxretry: number) =>
    (await simulate(folder, "--json", "--set", `maxretry=${maxretry}`)).json
      .filter(({ event }) => event === "ban").map(({ jail, failures }) => [jail, failures]);
  assertEquals((await failures(2)).sort(), [["both", 2], ["link", 2], ["test", 2]]);
  assertEquals(await failures(3), []);
});

Deno.test("simulate tells what --set does to the jails that are named, and no others", async () => {
  await using folder = await newFolder();
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1]]);
  const files = `files=${toml([folder.log])}`;
  // `recidive` reads no files; the jail of the folder does.
  for (const jail of [[], ["test"]]) {
    const { code, stderr, json } = await simulate(folder, ...jail, "--set", files, "--json");
    assertEquals([code, stderr, json.length], [0, "", 2]);
  }
  const { code, stderr } = await simulate(folder, "recidive", "--set", files);
  assertEquals(code, 2);
  assertMatch(stderr, /\[recidive\] a jail needs `filter` or `failregex`/);
});

Deno.test("simulate and tune say which logs do not exist, and fail where none does", async () => {
  await using folder = await newFolder();
  const typo = `${folder.log}/app.log`;
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1]]);
  const both = await simulate(folder, "--json", "--set", `files=${toml([folder.log, typo])}`);
  assertEquals([both.code, both.json.length], [0, 2]);
  assertStringIncludes(both.stderr, `banjo: There is no ${typo}\n`);
  const jail = `${folder.config}/jails/test.toml`;
  await Deno.writeTextFile(jail, (await Deno.readTextFile(jail)).replace(folder.log, typo));
  for (const command of ["simulate", "tune"]) {
    const { code, stdout, stderr } = await banjo([command, "test", "--config", folder.config]);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(
      stderr,
      `banjo: There is no ${typo}\nbanjo: Nothing could be read: none of these logs exists\n`,
    );
  }
  // Without any jail that is wanted, those are tried whose logs are here.
  const { code, stderr } = await banjo(["simulate"]);
  assertEquals([code, stderr.includes("There is no")], [0, false]);
});

Deno.test("simulate calls wrong words wrong, with exit code 2", async () => {
  await using folder = await newFolder();
  for (
    const [words, complaint] of [
      [["tets"], /no such jail; did you mean test\?/],
      [["--since", "soon"], /Cannot read --since/],
      [["--file", "/no/such/file"], /Cannot read --file/],
      [["--file", "/tmp"], /\/tmp is a folder/],
      [["--set", "maxretyr=3"], /did you mean `maxretry`\?/],
      [["--set", "maxretry=many"], /maxretry: expected a whole number/],
      [["--config", "/no/such/folder"], /there is no such folder/],
    ] as const
  ) {
    const config = words[0] === "--config" ? [] : ["--config", folder.config];
    const { code, stdout, stderr } = await banjo(["simulate", ...words, ...config]);
    assertEquals([code, stdout], [2, ""], words.join(" "));
    assertMatch(stderr, complaint);
  }
});

testAsRoot("simulate needs no rights but to read the log", { programs: ["setpriv"] }, async () => {
  await using folder = await newFolder();
  folder.fails([["192.0.2.7", 0], ["192.0.2.7", 1]]);
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const place = (...command: readonly string[]) => [...nobody, ...command];
  const words = ["simulate", "--config", folder.config, "--json"];
  const { code, json } = await banjo(words, { place });
  assertEquals([code, json.length], [0, 2]);
  await Deno.chmod(folder.log, 0o600);
  const unreadable = await banjo(words, { place });
  assertEquals([unreadable.code, unreadable.stdout], [1, ""]);
  assertStringIncludes(unreadable.stderr, `Cannot read ${folder.log}: Permission denied\n`);
  assertStringIncludes(unreadable.stderr, "the groups adm and systemd-journal");
  const tuning = await banjo(["tune", "test", "--config", folder.config], { place });
  assertEquals([tuning.code, tuning.stdout], [1, ""]);
});

testAsRoot("simulate replays the journal", {}, async () => {
  await using journald = await PrivateJournald.start();
  for (let i = 0; i < 2; i++) {
    await journald.log("door", "failed 192.0.2.7");
    await journald.log("window", "failed 192.0.2.8");
  }
  await journald.sync();
  await using folder = await newFolder({
    files: undefined,
    journalmatch: ["SYSLOG_IDENTIFIER=door"],
    failregex: ["^failed <ADDR>$"],
  });
  await Deno.writeTextFile(
    `${folder.config}/banjo.toml`,
    `agent.journal.directory = "${journald.directory}"\n`,
  );
  const { json } = await simulate(folder, "--json");
  const entries = await journald.run(["journalctl", "--output=json", "SYSLOG_IDENTIFIER=door"]);
  const second = JSON.parse(entries.trim().split("\n")[1]!).__REALTIME_TIMESTAMP;
  assertEquals(json.map(({ event, time, host }) => [event, time, host]), [
    ["ban", iso(Math.floor(second / 1000)), "192.0.2.7"],
  ]);
});

testAsRoot(
  "simulate decides what run decided, through stops and crashes",
  { programs: ["nft"] },
  async () => {
    await using folder = await newFolder({
      // An agent that has caught up goes by the clock, and forgets failures older than twice this: none of these are.
      findtime: "3h",
      bantime: "2m",
      maxretry: 12,
      bantime_increment: { rndtime: "30s", maxtime: "20m" },
    });
    await using network = await Network.create();
    const jail = await Deno.readTextFile(`${folder.config}/jails/test.toml`);
    await using agent = await TestAgent.start({
      config: { "jails/test.toml": jail },
      place: (...command) => network.on("server", ...command),
    });
    // From here on the agent knows where it was, and takes what comes, however old it is.
    await agent.restart();

    const lines = attack(2_000, Date.now() - 5 * HOUR);
    const state = () =>
      JSON.parse(Deno.readTextFileSync(`${agent.state}/state.json`)).jails.test.jail;
    const random = generator(7);
    for (let sent = 0; sent < lines.length;) {
      const chunk = lines.slice(sent, sent + 1 + Math.floor(random() * 600));
      await Deno.writeTextFile(folder.log, chunk.join(""), { append: true });
      sent += chunk.length;
      await agent.waitFor(`${sent} failures`, async () => {
        const [{ failed }] = await agent.query("status", "test");
        assert(failed.total <= sent, `counted ${failed.total} of ${sent}`);
        return failed.total === sent;
      });
      if (random() < 0.3) await agent.restart();
      else {
        await agent.kill9();
        await agent.run();
      }
    }
    await agent.waitFor("the end of all bans, saved", () => {
      const { failed, bans } = state();
      return failed === lines.length && bans.length === 0;
    });
    await agent.stop();

    const history = (await Deno.readTextFile(`${agent.state}/history.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line));
    const simulated = await simulate(folder, "--json");
    const bans = simulated.json.filter(({ event }) => event === "ban");
    assert(bans.length > 50, `only ${bans.length} bans`);
    assertEquals(history.map(eventOf).toSorted(byTime), simulated.json.toSorted(byTime));
  },
);

/** A folder with a configuration whose jail `test` reads a log in it. */
interface Folder extends AsyncDisposable {
  readonly config: string;
  readonly log: string;
  /** Adds failures, at so many seconds after a time that is returned: an hour ago, in milliseconds since the epoch. */
  fails(failures: readonly (readonly [host: string, seconds: number])[]): number;
}

async function newFolder(settings: Readonly<Record<string, unknown>> = {}): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "banjo-simulate-" });
  await Deno.chmod(path, 0o755);
  const log = `${path}/test.log`;
  await Deno.writeTextFile(log, "");
  await Deno.mkdir(`${path}/config/jails`, { recursive: true });
  const jail = {
    enabled: true,
    files: [log],
    failregex: ["^ failed <ADDR>$"],
    maxretry: 2,
    ...settings,
  };
  const lines = Object.entries(jail).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${toml(value)}\n`);
  await Deno.writeTextFile(`${path}/config/jails/test.toml`, `[test]\n${lines.join("")}`);
  return {
    config: `${path}/config`,
    log,
    fails(failures) {
      const start = Math.floor((Date.now() - HOUR) / 1000) * 1000;
      const lines = failures.map(([host, seconds]) => line(host, start + seconds * 1000));
      Deno.writeTextFileSync(log, lines.join(""), { append: true });
      return start;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

function simulate(folder: Folder, ...words: readonly string[]): Promise<Result> {
  return banjo(["simulate", ...words, "--config", folder.config]);
}

/** A table is written inline; everything else is in TOML as it is in JSON. */
function toml(value: unknown): string {
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${
    Object.entries(value!).map(([key, value]) => `${key} = ${toml(value)}`).join(", ")
  } }`;
}

function line(host: string, time: number): string {
  return `${iso(time)} failed ${host}\n`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Failures of 40 hosts, some busy and some not, over some four hours; now and then one is logged late. */
function attack(count: number, start: number): readonly string[] {
  const random = generator(1);
  const lines: string[] = [];
  for (let time = start; lines.length < count; time += random() * 14_400) {
    const number = Math.floor(random() ** 2 * 40);
    const host = number % 4 === 0
      ? `2001:db8:99:${number}::${lines.length + 1}`
      : `198.18.0.${number}`;
    const late = random() < 0.05 ? random() * 120_000 : 0;
    lines.push(line(host, time - late));
  }
  return lines;
}

/** Random numbers from 0 to below 1, the same for the same seed: mulberry32. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A record of the history as `simulate --json` would print it. */
function eventOf({ kind, time, ban }: Json): Json {
  const { jail, host, until, failures } = ban;
  return {
    event: kind,
    time: iso(time),
    jail,
    host,
    until: until === null ? null : iso(until),
    failures,
  };
}

function byTime(a: Json, b: Json): number {
  const key = ({ time, host, event }: Json) => `${time} ${host} ${event}`;
  return key(a) < key(b) ? -1 : 1;
}
