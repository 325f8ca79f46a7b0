/** The agent and a real journal: what happens when the reader, journald or the saved position fails. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { PrivateJournald } from "../journald.ts";
import { Network } from "../network.ts";
import { testAsRoot } from "../root.ts";

const needs = { programs: ["nft", "perl"] };

testAsRoot("a journal reader that dies is started again, and nothing is lost", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await server.fails(2);
  await server.counts(2);
  for (const reader of await readersOf(agent)) Deno.kill(reader, "SIGKILL");
  await server.fails(3);
  await server.counts(5);
  assertStringIncludes(agent.said, "starting it again");
  await server.fails(1);
  await server.counts(6);
  assertEquals((await agent.query("status"))[0].problems, []);
});

testAsRoot("a restart of journald loses nothing", needs, async () => {
  await using server = await newServer();
  await server.fails(2);
  await server.counts(2);
  await server.journald.stopDaemon();
  await server.journald.startDaemon();
  await server.fails(3);
  await server.counts(5);
});

testAsRoot(
  "where the journal does not know the saved cursor, time tells where to go on",
  needs,
  async () => {
    await using server = await newServer();
    const { agent } = server;
    await server.fails(3);
    await server.counts(3);
    await agent.stop();
    const file = `${agent.state}/state.json`;
    const state = JSON.parse(await Deno.readTextFile(file));
    state.sources.journal.cursor = "nonsense";
    await Deno.writeTextFile(file, JSON.stringify(state));
    await server.fails(2);
    await agent.run();
    await server.counts(5);
    assertStringIncludes(agent.said, "cursor");
  },
);

testAsRoot(
  "a jail that is switched on later is shown the journal of its findtime",
  needs,
  async () => {
    await using server = await newServer();
    const { agent } = server;
    await server.fails(4);
    await server.counts(4);
    await agent.configure({ "jails/more.toml": jail("more", 3) });
    assertEquals((await agent.cli("reload")).code, 0);
    await agent.waitForBan(HOST);
    const [{ jail: name, failures }] = await agent.query("bans");
    assertEquals([name, failures], ["more", 3]);
    await server.counts(4);
  },
);

interface TestServer extends AsyncDisposable {
  readonly agent: TestAgent;
  readonly journald: PrivateJournald;
  /** Logs so many failures. */
  fails(times: number): Promise<void>;
  /** Waits until so many were counted, and sees that it were not more. */
  counts(total: number): Promise<void>;
}

async function newServer(): Promise<TestServer> {
  await using parts = new AsyncDisposableStack();
  const network = parts.use(await Network.create());
  const journald = parts.use(await PrivateJournald.start());
  const agent = parts.use(
    await TestAgent.start({
      config: { "jails/test.toml": jail("test", 100) },
      place: (...command) => journald.command(network.on("server", ...command)).flat(),
    }),
  );
  const owned = parts.move();
  return {
    agent,
    journald,
    async fails(times) {
      for (let i = 0; i < times; i++) await journald.log("door", `failed ${HOST}`);
      await journald.sync();
    },
    async counts(total) {
      const failed = async () => (await agent.query("status", "test"))[0].failed.total;
      await agent.waitFor(`${total} failures`, async () => await failed() >= total);
      assertEquals(await failed(), total);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const HOST = "198.51.100.66";

function jail(name: string, maxretry: number): string {
  return `[${name}]
enabled = true
journalmatch = ["_UID=0", "SYSLOG_IDENTIFIER=door"]
failregex = ["^failed <ADDR>$"]
maxretry = ${maxretry}
`;
}

/** The process ids of an agent's journalctl. */
async function readersOf(agent: TestAgent): Promise<readonly number[]> {
  const path = `/proc/${agent.pid}/task`;
  const readers: number[] = [];
  for await (const { name } of Deno.readDir(path)) {
    const children = await Deno.readTextFile(`${path}/${name}/children`);
    readers.push(...children.split(" ").filter((word) => word !== "").map(Number));
  }
  return readers;
}
