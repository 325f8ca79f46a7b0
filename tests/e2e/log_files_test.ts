/** The agent and what can become of a log file: nothing is lost, and what cannot be read degrades its health. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { testAsRoot } from "../root.ts";
import { usualOrLong } from "../long.ts";

const nobody = 65534;

testAsRoot(
  "a log that is replaced, closed or cut is read again, and the health tells",
  {},
  async () => {
    await using server = await newServer();
    const { agent, log } = server;
    await agent.run();
    await server.fails(3);
    await server.hasCounted(3);
    await server.isHealthy();

    await Deno.rename(log, `${log}.1`);
    await Deno.mkdir(log);
    await server.isDegraded(/Cannot read \S+app\.log: it is a folder/);
    await Deno.remove(log);
    await server.fails(2);
    await server.hasCounted(5);
    await server.isHealthy();

    await Deno.rename(log, `${log}.2`);
    await server.fails(2, 0o600);
    await server.isDegraded(/Cannot read \S+app\.log: .*Permission denied/);
    // A reload does not make it any better, and forgets nothing of it.
    await agent.query("reload");
    await server.isDegraded(/Permission denied/);
    await Deno.chmod(log, 0o644);
    await server.hasCounted(7);
    await server.isHealthy();

    for (let round = 1; round <= 5; round++) {
      await Deno.truncate(log);
      await server.fails(round);
      await server.hasCounted(7 + round * (round + 1) / 2);
    }
    // A jail that does not read it any more has no problem with it.
    await Deno.rename(log, `${log}.3`);
    await Deno.mkdir(log);
    await server.isDegraded(/it is a folder/);
    await agent.configure({ "jails/app.toml": server.jail.replace(log, `${log}.1`) });
    await agent.query("reload");
    await server.isHealthy();
  },
);

testAsRoot("a log that is not there is waited for, and nobody takes it for read", {}, async () => {
  await using server = await newServer();
  const { agent, log } = server;
  const missing = async () => (await agent.query("status", "app"))[0].missing;
  await agent.run();
  assertEquals(await missing(), [log]);
  await agent.waitFor("a word of it", () => agent.said.includes(`No such log yet: ${log}\n`));
  assertMatch((await agent.cli("status", "app")).stdout, /Sources +\S+app\.log \(missing\)\n/);
  assertMatch((await agent.cli("status")).stdout, /app\.log \(missing\)\n/);
  await server.isHealthy();
  await server.fails(2);
  await server.hasCounted(2);
  assertEquals(await missing(), []);
});

testAsRoot("a log that is rotated again and again under load loses no line", {}, async () => {
  const rotations = usualOrLong(150, 1000);
  await using server = await newServer();
  const { agent, log } = server;
  await agent.run();
  // What is rotated away before the log was seen at all is not looked for.
  await server.fails(1);
  await server.hasCounted(1);
  // Nor is what was rotated away before the agent ever saved where it was.
  await agent.waitFor("a save", async () => {
    const state = await Deno.readTextFile(`${agent.state}/state.json`).catch(() => "{}");
    return JSON.parse(state).jails?.app?.jail.failed === 1;
  });
  for (let rotation = 1; rotation <= rotations; rotation++) {
    await server.fails(10);
    // As logrotate names them with `dateext`.
    const rotated = `${log}-${20_260_000 + rotation}`;
    await Deno.rename(log, rotated);
    // Some programs go on writing to the old file for a while.
    await server.fails(2, 0o644, rotated);
  }
  await server.fails(1);
  await server.hasCounted(rotations * 12 + 2);
  await agent.kill9();
  await server.fails(1);
  await agent.run();
  await server.hasCounted(rotations * 12 + 3);
  await server.isHealthy();
});

testAsRoot("what a log's folder becomes keeps no other log from being read", {}, async () => {
  await using server = await newServer();
  const { agent } = server;
  const folder = `${agent.folder}/other`;
  const other = `${folder}/other.log`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(other, "\n");
  await agent.configure({
    "jails/other.toml": server.jail.replace("[app]", "[other]").replace(server.log, other),
  });
  await agent.run();
  let failures = 0;
  const isRead = async () => {
    await server.fails(1);
    await server.hasCounted(++failures);
  };
  await isRead();
  const becomes: readonly (() => Promise<void>)[] = [
    () => Deno.writeTextFile(folder, ""),
    () => Deno.symlink("other", folder),
    // Of what is there Deno tells nothing.
    () => Deno.symlink("/proc/self/fd", folder),
    async () => {
      await Deno.mkdir(folder);
      await Deno.symlink("/proc/version", other);
    },
  ];
  for (const [index, become] of becomes.entries()) {
    await Deno.rename(folder, `${folder}${index}`);
    await become();
    await isRead();
    await agent.restart();
    await isRead();
  }
  assertEquals(agent.hasEnded, false);
});

testAsRoot("a FIFO in a log's folder holds nothing up", {}, async () => {
  await using server = await newServer();
  const { agent } = server;
  const folder = `${agent.folder}/theirs`;
  await Deno.mkdir(folder);
  await Deno.chown(folder, nobody, nobody);
  await agent.configure({
    "jails/theirs.toml": server.jail.replace("[app]", "[theirs]")
      .replace(server.log, `${folder}/*.log`),
  });
  await agent.run();
  await server.fails(1);
  await server.hasCounted(1);
  await makeFifo(`${folder}/fifo`);
  await makeFifo(`${folder}/fifo.log`);
  await server.isDegraded(/fifo\.log: it is not a regular file/);
  await agent.query("reload");
  await server.fails(1);
  await server.hasCounted(2);
  await server.fails(1, 0o644, `${folder}/regular.log`);
  await agent.waitFor("what they log", async () => {
    const [{ failed }] = await agent.query("status", "theirs");
    return failed.total === 1;
  });
  await Deno.remove(`${folder}/fifo.log`);
  await server.isHealthy();
});

testAsRoot(
  "a list in ignoreip that cannot be read degrades the health until it can",
  {},
  async () => {
    await using server = await newServer();
    const { agent } = server;
    const list = `${agent.folder}/friends`;
    await agent.configure({ "jails/app.toml": `${server.jail}ignoreip = ["file:${list}"]\n` });
    await agent.run();
    await server.isDegraded(/ignoreip: cannot read \S+friends/);
    await Deno.writeTextFile(list, "192.0.2.7\n");
    await server.isHealthy();
    await Deno.writeTextFile(list, "192.0.2.7\n192.0.2.777\n");
    await server.isDegraded(/ignoreip: \S+friends:2: neither address nor network/);
  },
);

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: ["--mode=666", path] }).output();
  assert(success);
}

async function newServer() {
  const drop = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  const agent = await TestAgent.create({
    config: {},
    place: (...command) => [...drop, ...command],
    owner: nobody,
  });
  const log = `${agent.folder}/app.log`;
  const jail = `[app]
enabled = true
files = ["${log}"]
failregex = ['^ failed <ADDR>$']
maxretry = 1_000_000
findtime = "1h"
firewall = "dry-run"
`;
  await agent.configure({ "jails/app.toml": jail });
  return {
    agent,
    log,
    jail,
    async fails(times: number, mode = 0o644, path = log) {
      const line = `${new Date().toISOString()} failed 198.51.100.66\n`;
      await Deno.writeTextFile(path, line.repeat(times), { append: true, mode });
    },
    async hasCounted(failures: number) {
      let total = -1;
      await agent.waitFor(`${failures} failures`, async () => {
        const [{ failed }] = await agent.query("status", "app");
        total = failed.total;
        return total >= failures;
      }, 180_000).catch((error) => {
        throw new Error(`${total} were counted: ${error.message}`);
      });
      assertEquals(total, failures);
    },
    async isHealthy() {
      await agent.waitFor("health", async () => (await agent.cli("status")).code === 0);
    },
    async isDegraded(why: RegExp) {
      await agent.waitFor(`${why}`, async () => (await agent.cli("status")).code === 1);
      const [health] = (await agent.cli("status")).stdout.split("\n");
      assertMatch(health!, /^degraded: /);
      assertMatch(health!, why);
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}
