/** A real agent whose control socket is misused in every way, and which goes on banning meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { bansBySince, call, controlSocket, MOST_BANS, readSocket } from "../../lib/control/mod.ts";
import { connectInTurn } from "../../lib/control/client.ts";
import { TestAgent } from "../agent.ts";
import { damaged, fuzz } from "../fuzz/fuzz.ts";
import { usualOrLong } from "../long.ts";
import { must, run } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { mayBeNotification } from "./notification.ts";

/** What the agent may hold more than before, in bytes. */
const MOST_MORE = 64 * 1024 * 1024;

const encoder = new TextEncoder();

Deno.test("whatever is sent to the control socket is answered by JSON-RPC, and kept from the jails", async () => {
  await using busy = await newAgent();
  const good = [
    { method: "status", params: {} },
    { method: "bans", params: { jail: "test" } },
    { method: "bans", params: { most: 5, covering: "192.0.2.7" } },
    { method: "jail", params: { jail: "test" } },
    { method: "explain", params: { host: "192.0.2.7" } },
    { method: "history", params: { since: 0, from: 7, jail: "test", host: "192.0.2.7" } },
    { method: "events", params: { after: { history: 9, agent: "x", notices: 3 }, since: 0 } },
    { method: "ban", params: { hosts: ["192.0.2.1"], jail: "test", for: 60_000, force: true } },
    { method: "unban", params: { hosts: ["192.0.2.1"] } },
  ].map((request, id) => JSON.stringify({ jsonrpc: "2.0", id, ...request }));
  await fuzz(damaged(good), async (text) => {
    const line = text.replaceAll("\n", " ");
    if (mayBeNotification(line)) return;
    const reply = JSON.parse(await ask(busy.agent, line));
    assertEquals(reply.jsonrpc, "2.0");
    assert(reply.error === undefined || Number.isInteger(reply.error.code), JSON.stringify(reply));
    assert(reply.error?.code !== -32603, `${line.slice(0, 300)}: ${JSON.stringify(reply)}`);
  });
  await busy.bansStill();
});

Deno.test("times that are none are refused, and nothing is banned by them", async () => {
  await using busy = await newAgent();
  for (const time of ["1e300", "1e999", "0", "-5", "9e15"]) {
    const line =
      `{"jsonrpc":"2.0","id":1,"method":"ban","params":{"hosts":["203.0.113.9"],"for":${time}}}`;
    assertEquals(JSON.parse(await ask(busy.agent, line)).error?.code, -32602, time);
  }
  assertEquals(await busy.agent.banned(), []);
  await busy.bansStill();
});

Deno.test("clients that never read, never end or never say anything keep nobody out", async () => {
  await using busy = await newAgent();
  const { agent } = busy;
  // More than a socket holds: 2000 bans are some 300 KB.
  for (let block = 0; block < 8; block++) {
    const hosts = Array.from({ length: 250 }, (_, index) => `198.18.${block}.${index}`);
    await call(agent.runtime, "ban", { hosts });
  }
  const before = memoryOf(agent);
  const bans = encoder.encode('{"jsonrpc":"2.0","id":1,"method":"bans"}\n'.repeat(20));
  const open: Deno.Conn[] = [];
  try {
    for (let client = 0; client < 60; client++) {
      const connection = await connect(agent);
      open.push(connection);
      if (client % 3 === 0) await connection.write(bans);
      if (client % 3 === 1) {
        await connection.write(encoder.encode('{"jsonrpc":"2.0",'));
        // Endless: it is cut off at some point.
        void writeUntilRefused(connection);
      }
    }
    await busy.bansStill();
    assertEquals((await call(agent.runtime, "status", {})).pending, 0);
    assert(memoryOf(agent) - before < MOST_MORE, `${memoryOf(agent) - before} bytes more`);
  } finally {
    for (const connection of open) closeQuietly(connection);
  }
  await busy.bansStill();
});

Deno.test("clients that never read cost the same beside many bans, and all bans are to be had by pages", async () => {
  const blocks = 12;
  await using busy = await newAgent();
  const { agent } = busy;
  for (let block = 0; block < blocks; block++) {
    const hosts = Array.from(
      { length: 2_500 },
      (_, index) => `198.18.${10 * block + Math.floor(index / 250)}.${index % 250}`,
    );
    await call(agent.runtime, "ban", { hosts });
  }
  const before = memoryOf(agent);
  const open: Deno.Conn[] = [];
  try {
    for (const method of ["bans", "jail"]) {
      const request = { jsonrpc: "2.0", id: 1, method, params: { jail: "manual" } };
      for (let client = 0; client < 60; client++) {
        const connection = await connectInTurn(readSocket(agent.runtime));
        open.push(connection);
        await connection.write(encoder.encode(`${JSON.stringify(request)}\n`));
      }
      await busy.bansStill();
    }
    const more = memoryOf(agent) - before;
    assert(more < 4 * MOST_MORE, `${more} bytes more`);
  } finally {
    for (const connection of open) closeQuietly(connection);
  }
  const { hosts, now } = (await call(agent.runtime, "jail", { jail: "manual" })).banned;
  assertEquals([hosts.length, now], [MOST_BANS, 2_500 * blocks]);
  const jail = "manual";
  const pages = await Array.fromAsync(bansBySince(agent.runtime, { jail, since: -Infinity }));
  const all = new Set(pages.flat().map(({ host }) => host));
  assertEquals(all.size, now);
  const [status] = await agent.query("status", "manual");
  assertEquals(new Set(status.banned.hosts), all);
  assertEquals((await agent.query("bans", "--sort", "host")).length, now + 2);
});

Deno.test("thousands of connections cost no memory and keep no failure from being read", async () => {
  const clients = usualOrLong(1_000, 10_000);
  await using busy = await newAgent();
  const { agent } = busy;
  const before = memoryOf(agent);
  const open: Deno.Conn[] = [];
  try {
    while (open.length < clients) {
      open.push(await connect(agent));
      if (open.length % 500 === 0) await busy.bansStill();
    }
    assert(memoryOf(agent) - before < MOST_MORE, `${memoryOf(agent) - before} bytes more`);
  } finally {
    for (const connection of open) closeQuietly(connection);
  }
  await agent.waitFor("an answer", async () => (await agent.cli("status")).stdout !== "");
  await busy.bansStill();
});

testAsRoot("an agent without a file descriptor to spare goes on", {}, async () => {
  await using busy = await newAgent();
  const { agent } = busy;
  const held = [...Deno.readDirSync(`/proc/${agent.pid}/fd`)].length;
  const open: Deno.Conn[] = [];
  try {
    await must(["prlimit", "--pid", `${agent.pid}`, `--nofile=${held + 5}:`]);
    for (let client = 0; client < 20; client++) open.push(await connect(agent));
    // It cannot even open the log's folder now.
    await Deno.writeTextFile(`${agent.folder}/other.log`, "");
  } finally {
    for (const connection of open) closeQuietly(connection);
  }
  await must(["prlimit", "--pid", `${agent.pid}`, "--nofile=1024:"]);
  await agent.waitFor("an answer", async () => (await agent.cli("status")).stdout !== "");
  await busy.bansStill();
});

testAsRoot("another user is refused", { programs: ["setpriv"] }, async () => {
  await using busy = await newAgent();
  const { agent } = busy;
  // Of the folders on the way nothing is closed to him.
  const as = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const script = `
    use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
    connect($s, sockaddr_un($ARGV[0])) and print "in"; print "$!";`;
  const { stdout } = await run([...as, "perl", "-e", script, controlSocket(agent.runtime)]);
  assertEquals(stdout, "Permission denied");
  await busy.bansStill();
});

/** An agent in a dry run whose log the test writes. */
async function newAgent() {
  const agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/test.log`;
  await Deno.writeTextFile(log, "");
  await agent.configure({
    "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
    "jails/test.toml": `[test]
enabled = true
files = ["${log}"]
failregex = ['^ failed <ADDR>$']
maxretry = 1
`,
  });
  try {
    await agent.run();
  } catch (error) {
    await agent[Symbol.asyncDispose]();
    throw error;
  }
  let attackers = 0;
  return {
    agent,
    /** Waits for the ban of an attacker who comes now, by what the agent says. */
    async bansStill() {
      const host = `203.0.113.${++attackers}`;
      const line = `${new Date().toISOString()} failed ${host}\n`;
      await Deno.writeTextFile(log, line, { append: true });
      await agent.waitFor(`a ban of ${host}`, () => agent.said.includes(`test: ban ${host} `));
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

function connect(agent: TestAgent): Promise<Deno.UnixConn> {
  return connectInTurn(controlSocket(agent.runtime));
}

/** Sends a line and gives the line that comes back. */
async function ask(agent: TestAgent, line: string): Promise<string> {
  const connection = await connect(agent);
  try {
    const writer = connection.writable.getWriter();
    await writer.write(encoder.encode(`${line}\n`));
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of connection.readable) {
      text += decoder.decode(chunk, { stream: true });
      if (text.endsWith("\n")) break;
    }
    return text;
  } finally {
    closeQuietly(connection);
  }
}

async function writeUntilRefused(connection: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(65_536).fill(97);
  try {
    for (;;) await connection.write(piece);
  } catch {
    // It was.
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed from the other end.
  }
}

/** What it holds in memory now, in bytes. */
function memoryOf(agent: TestAgent): number {
  const [, pages] = Deno.readTextFileSync(`/proc/${agent.pid}/statm`).split(" ");
  return Number(pages) * 4096;
}
