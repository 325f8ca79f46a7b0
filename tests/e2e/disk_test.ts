/** The agent on a disk that fails it, and with files that it cannot use: what it says, keeps, and goes on with. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import type { Json } from "../banjo.ts";
import { end, must } from "../network.ts";
import { testAsRoot } from "../root.ts";

const needs = { programs: ["mount", "unshare", "nsenter"] };

testAsRoot("on a full disk bans are made, and are on it once there is room", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await agent.run();
  await server.fails("198.51.100.1");
  await agent.waitForBan("198.51.100.1");
  await agent.waitFor("a save", async () => (await server.state()).includes("198.51.100.1"));

  await server.shell("! head -c 4M /dev/zero >filler 2>&1");
  await server.fails("198.51.100.2");
  await agent.waitForBan("198.51.100.2");
  await server.isDegraded(/Cannot save the state to \S+: No space left on device/);
  const { code, stderr } = await agent.cli("ban", "198.51.100.3", "--jail", "test");
  assertEquals(code, 1);
  assertMatch(stderr, /It is done, but a crash would undo it: Cannot save .*: No space left/);
  assertEquals((await agent.query("reload")).length, 1);
  assertEquals(await agent.banned(), ["198.51.100.1", "198.51.100.2", "198.51.100.3"]);
  assertEquals(agent.said.split("No space left").length, 2, "told once");

  // What was durable is there after a crash, and the log tells the rest.
  await agent.kill9();
  await agent.run();
  await agent.waitForBan("198.51.100.2");
  assertEquals(await agent.banned(), ["198.51.100.1", "198.51.100.2"]);
  await server.isDegraded(/No space left/);
  await server.shell("rm filler");
  await agent.waitFor("health", async () => (await agent.cli("status")).code === 0);
  await server.hasKept("198.51.100.1", "198.51.100.2");
});

testAsRoot("an agent starts on a disk that is full from the first", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await server.shell("! head -c 4M /dev/zero >filler 2>&1");
  await agent.run();
  await server.fails("198.51.100.1");
  await agent.waitForBan("198.51.100.1");
  await server.isDegraded(/No space left/);
  await server.shell("rm filler");
  await agent.waitFor("health", async () => (await agent.cli("status")).code === 0);
  await server.hasKept("198.51.100.1");
});

testAsRoot(
  "on a read-only disk an agent goes on, and starts with what is there",
  needs,
  async () => {
    await using server = await newServer();
    const { agent } = server;
    await agent.run();
    await server.fails("198.51.100.1");
    await agent.waitForBan("198.51.100.1");
    await agent.waitFor("a save", async () => (await server.state()).includes("198.51.100.1"));
    // A crash in the middle of a save leaves a part of the next file.
    await server.shell('echo \'{"version":1,"ban\' >state.json.new');
    await server.shell('mount --bind . "$1"; mount -o remount,bind,ro "$1"');
    for (const host of ["198.51.100.2", "198.51.100.3"]) {
      await server.fails(host);
      await agent.waitForBan(host);
      await server.isDegraded(/Cannot save the state to \S+: Read-only file system/);
      await agent.kill9();
      await agent.run();
      await agent.waitForBan(host);
      assertEquals((await agent.banned())[0], "198.51.100.1");
    }
    const { code, stderr } = await agent.cli("stop");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Read-only file system");
    await agent.waitFor("its end", () => agent.hasEnded);

    await agent.run();
    await agent.waitForBan("198.51.100.3");
    await server.isDegraded(/Read-only file system/);
    await server.shell('mount -o remount,bind,rw "$1"');
    await agent.waitFor("health", async () => (await agent.cli("status")).code === 0);
    await server.hasKept("198.51.100.1", "198.51.100.2", "198.51.100.3");
  },
);

testAsRoot("files of another user are set aside, and one's own begin anew", needs, async () => {
  const nobody = 65534;
  await using server = await newServer(nobody);
  const { agent } = server;
  await agent.run();
  await server.fails("198.51.100.1");
  await agent.waitForBan("198.51.100.1");
  await agent.stop();
  // As a `banjo run` by root leaves them.
  await server.shell("chown root:root *; chmod 600 *");
  const before = await server.state();
  await agent.run();
  assertMatch(
    agent.said,
    /The state cannot be used \(Permission denied.*\) and is now \S+unreadable/,
  );
  // The log tells.
  await agent.waitForBan("198.51.100.1");
  await agent.waitFor("a save", async () => (await agent.cli("status")).code === 0);
  await server.hasKept("198.51.100.1");
  assertEquals(await server.shell("cat state.json.unreadable-*"), before);

  // Where not even the folder is its own, nothing is touched.
  await agent.stop();
  await server.shell("chown root:root . *; chmod 700 .");
  await agent.run();
  await server.fails("198.51.100.2");
  await agent.waitForBan("198.51.100.2");
  await server.isDegraded(/Cannot save the state to \S+: Permission denied/);
  assertEquals((await server.shell("ls")).includes("198.51.100.2"), false);
});

testAsRoot("with the state lost, the history tells whom was banned, and why", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await agent.run();
  await server.fails("198.51.100.1");
  await agent.waitForBan("198.51.100.1");
  await agent.query("ban", "198.51.100.2", "--jail", "test", "--for", "-1");
  await agent.query("ban", "198.51.100.3", "--jail", "test");
  await agent.query("unban", "198.51.100.3");
  const before = await agent.query("bans");
  const history = await agent.query("history");
  await agent.stop();
  // As a crash in the midst of the very first save leaves it: nothing is decided a second time.
  await server.shell("rm state.json");
  await agent.run();
  await agent.waitFor("the log", async () => (await server.counted()).failed.total === 2);
  assertEquals([await agent.query("bans"), await agent.query("history")], [before, history]);
  await agent.stop();
  // The log is gone as well.
  await Deno.truncate(server.log);
  for (
    const [what, text] of [
      ["newer", '{"version":2,"bans":"elsewhere"}'],
      ["damaged", '{"version":1,"banjo":'],
      ["damaged", ""],
    ] as const
  ) {
    await server.shell(`printf %s '${text}' >state.json`);
    await agent.run();
    assertMatch(agent.said, new RegExp(`The state cannot be used .*state\\.json\\.${what}-`));
    assertEquals(await agent.query("bans"), before);
    const [{ jails }] = await agent.query("explain", "198.51.100.1");
    const { ban } = jails.find(({ jail }: { jail: string }) => jail === "test");
    assertEquals([ban.cause, ban.evidence.length], ["failures", 2]);
    assertEquals((await agent.cli("status")).code, 0);
    await agent.stop();
    assertEquals(await server.shell(`cat "$(ls -t state.json.${what}-* | head -1)"`), text);
  }
  await server.hasKept("198.51.100.1", "198.51.100.2");
});

testAsRoot(
  "what is ordered by hand is kept where the whole state cannot be, and is carried out once",
  needs,
  async () => {
    await using server = await newServer();
    const { agent } = server;
    await agent.run();
    await agent.waitFor("a save", async () => (await server.state()).includes('"orders":0'));
    // From now on the state cannot be saved: all that is known of what follows is the log, and the log of orders.
    await server.shell(
      "mkdir -p no/way; until mv -T no state.json.new 2>&1; do sleep 0.01; done",
    );
    await server.fails("198.51.100.1");
    await agent.waitForBan("198.51.100.1");
    await agent.query("ban", "198.51.100.2", "--jail", "test", "--for", "1d");
    await agent.query("unban", "198.51.100.1");
    await agent.query("ban", "198.51.100.3", "198.51.100.4", "--jail", "test", "--for", "-1");
    await agent.query("unban", "198.51.100.3");
    const bans = await agent.query("bans");
    const events = async () => {
      const history = await agent.query("history");
      return history.map(({ event, jail, host }: Json) => `${event} ${jail} ${host}`).sort();
    };
    const done = await events();
    const counted = async () => {
      const { failed, banned } = (await agent.query("status", "test"))[0];
      return [failed.total, banned.total];
    };
    const isAsBefore = async () => {
      await agent.waitFor("the lines", async () => (await counted())[0] === 2);
      assertEquals(await agent.query("bans"), bans);
      assertEquals([await counted(), await events()], [[2, 4], done]);
    };
    for (let crash = 0; crash < 2; crash++) {
      await agent.kill9();
      await agent.run();
      await isAsBefore();
    }

    await server.shell("rm -r state.json.new");
    await agent.waitFor("a save", async () => (await server.state()).includes('"orders":4'));
    await agent.waitFor("room", async () => await server.shell("cat orders-*") === "");
    await agent.kill9();
    // What is in the state is not done once more, where a crash came before the log was emptied; what is damaged is told.
    const damaged = '{"number":5,"kind":"unban","hosts":"al';
    await server.shell("cat >orders-1.jsonl", `${JSON.stringify(ALREADY)}\n${damaged}\n`);
    await agent.run();
    assertMatch(agent.said, /ordered by hand .*may be lost: line 2 of \S+orders-1\.jsonl: /);
    await isAsBefore();
  },
);

/** An order that the state has. */
const ALREADY = { number: 4, kind: "unban", time: 1, hosts: "all", lifted: [] };

testAsRoot("an upgrade and a downgrade change no ban and no count", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await agent.run();
  await server.fails("198.51.100.1");
  await agent.waitForBan("198.51.100.1");
  await server.fails("198.51.100.9", 1);
  await agent.waitFor("the count", async () => (await server.counted()).failed.total === 3);
  const [bans, status] = [await agent.query("bans"), await server.counted()];
  await agent.stop();
  // What a later banjo may add, and what an earlier one did not write.
  const state = JSON.parse(await server.state());
  const later = { ...state, later: { any: "thing" }, banjo: "9.9.9" };
  for (const ban of later.jails.test.jail.bans) ban.later = [1];
  later.jails.test.jail.later = later.jails.test.filter.later = "x";
  const { logins: _, orders: __, ...earlier } = state;
  delete earlier.jails.test.jail.fuse;
  delete earlier.jails.test.filter.lines;
  for (const written of [later, earlier]) {
    await server.shell("cat >state.json", JSON.stringify(written));
    await agent.run();
    assert(!agent.said.includes("cannot be used"), agent.said);
    assertEquals([await agent.query("bans"), await server.counted()], [bans, status]);
    await agent.stop();
  }
  await agent.run();
  await server.fails("198.51.100.9", 1);
  await agent.waitForBan("198.51.100.9");
});

interface DiskServer extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly log: string;
  /** Logs failures of a host: two are a ban. */
  fails(host: string, times?: number): Promise<void>;
  /** Runs a shell command in the state folder, as root. Gives what it printed. */
  shell(command: string, input?: string): Promise<string>;
  /** The text of the state file. */
  state(): Promise<string>;
  /** The jail's status. */
  counted(): Promise<Json>;
  /** Asserts that the health says so, in one line, with exit code 1. */
  isDegraded(why: RegExp): Promise<void>;
  /** Asserts that these are banned after a crash without a log. */
  hasKept(...hosts: readonly string[]): Promise<void>;
}

/** An agent whose state folder is a small disk of its own, in a mount namespace of its own. */
async function newServer(owner?: number): Promise<DiskServer> {
  await using parts = new AsyncDisposableStack();
  const enter = (...command: readonly string[]) => [
    "nsenter",
    "-t",
    `${holder.pid}`,
    "-m",
    "--",
    ...command,
  ];
  const drop = owner === undefined
    ? []
    : ["setpriv", `--reuid=${owner}`, `--regid=${owner}`, "--clear-groups"];
  const agent = parts.use(
    await TestAgent.create({
      config: {},
      place: (...command) => enter(...drop, ...command),
      ...(owner === undefined ? {} : { owner }),
    }),
  );
  const mount = `mount -t tmpfs -o size=1M,uid=${
    owner ?? 0
  } tmpfs "$1"; echo ready; exec sleep inf`;
  const holder: Deno.ChildProcess = new Deno.Command("unshare", {
    args: ["--mount", "sh", "-euc", mount, "sh", agent.state],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  parts.defer(() => end(holder));
  const reader = holder.stdout.getReader();
  await reader.read();
  await reader.cancel();

  const log = `${agent.folder}/test.log`;
  await Deno.writeTextFile(log, "");
  await agent.configure({
    // Also for the jail of bans by hand: this is the machine's own network.
    "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
    "jails/test.toml": `[test]
enabled = true
files = ["${log}"]
failregex = ["^ failed <ADDR>$"]
maxretry = 2
findtime = "1h"
bantime = "1h"
`,
  });
  const shell = (command: string, input = "") =>
    must(enter("sh", "-euc", `cd "$1"; ${command}`, "sh", agent.state), input);
  const owned = parts.move();
  return {
    agent,
    log,
    shell,
    async fails(host, times = 2) {
      const line = `${new Date().toISOString()} failed ${host}\n`;
      await Deno.writeTextFile(log, line.repeat(times), { append: true });
    },
    // There is a moment without one after a start.
    state: () => shell("cat state.json || true"),
    counted: async () => (await agent.query("status", "test"))[0],
    async isDegraded(why) {
      await agent.waitFor(`${why}`, async () => {
        const { code, stdout } = await agent.cli("status");
        const [health] = stdout.split("\n");
        return code === 1 && health!.startsWith("degraded: ") && why.test(health!);
      });
    },
    async hasKept(...hosts) {
      const text = await Deno.readTextFile(log);
      await agent.kill9();
      await Deno.truncate(log);
      await agent.run();
      assertEquals(await agent.banned(), hosts);
      await agent.kill9();
      await Deno.writeTextFile(log, text);
      await agent.run();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
