/** A real agent that takes reports of applications, also of those that mean no good. */
import { assert, assertEquals } from "@std/assert";
import { report, reportSocket } from "../../lib/control/mod.ts";
import { Rate } from "../../lib/control/rate.ts";
import { TestAgent } from "../agent.ts";
import { damaged, fuzz } from "../fuzz/fuzz.ts";
import { run } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { mayBeNotification } from "./notification.ts";

const encoder = new TextEncoder();

Deno.test("a report that was acknowledged survives a crash, and counts once", async () => {
  await using agent = await newAgent();
  const fail = (host: string) => report(agent.runtime, "report", { jail: "app", host });
  await fail("192.0.2.7");
  await fail("192.0.2.7");
  await agent.kill9();
  await agent.run();
  assertEquals(await agent.banned(), []);
  await fail("192.0.2.7");
  assertEquals(await agent.banned(), ["192.0.2.7"]);
  await agent.kill9();
  await agent.run();
  assertEquals(await agent.banned(), ["192.0.2.7"]);
  const [{ failed }] = await agent.query("status", "app");
  assertEquals(failed.total, 3);
  await agent.restart();
  const [again] = await agent.query("status", "app");
  assertEquals(again.failed.total, 3);
});

Deno.test("a success takes back its user's failures from that address, and nobody else's", async () => {
  await using agent = await newAgent();
  const who = (user: string, host = "192.0.2.7") => ({ jail: "app", host, user });
  await report(agent.runtime, "report", who("alice"));
  await report(agent.runtime, "report", who("alice"));
  await report(agent.runtime, "success", who("mallory"));
  await report(agent.runtime, "success", who("alice", "192.0.2.8"));
  const failures = async () => {
    const [{ jails }] = await agent.query("explain", "192.0.2.7");
    return jails.find(({ jail }: { jail: string }) => jail === "app").failures.length;
  };
  assertEquals(await failures(), 2);
  await report(agent.runtime, "success", who("alice"));
  assertEquals(await failures(), 0);
  // It is no login to be trusted for.
  for (let time = 0; time < 3; time++) await report(agent.runtime, "report", who("alice"));
  assertEquals(await agent.banned(), ["192.0.2.7"]);
});

Deno.test("a report of bans tells the users that applications named, whatever they gave for a reason", async () => {
  await using agent = await newAgent();
  const fail = (user: string | undefined, reason: string) =>
    report(agent.runtime, "report", {
      ...{ jail: "app", host: "192.0.2.7", reason },
      ...(user === undefined ? {} : { user }),
    });
  await fail("alice", "wrong PIN");
  await fail("bob\n", "wrong PIN (user admin)");
  await fail("carol", "x".repeat(1000));
  assertEquals(await agent.banned(), ["192.0.2.7"]);
  const [{ names }] = await agent.query("report", "--config", agent.config);
  assertEquals(names.map(({ name }: { name: string }) => name), ["alice", "bob\\x0a", "carol"]);
});

Deno.test("only jails that allow it hear of reports, and the socket is there as long as one does", async () => {
  await using agent = await newAgent();
  assertEquals(await codeOf(agent, "report", { jail: "closed", host: "192.0.2.7" }), -32000);
  assertEquals(await codeOf(agent, "report", { jail: "nobody", host: "192.0.2.7" }), -32000);
  for (const host of ["192.0.2.0/24", "example.org", "1.2.3.4:5", "", "id:x"]) {
    assertEquals(await codeOf(agent, "report", { jail: "app", host }), -32602, host);
  }
  assertEquals(await codeOf(agent, "success", { jail: "app", host: "192.0.2.7" }), -32602);
  for (const method of ["status", "bans", "ban", "unban", "stop", "reload"]) {
    assertEquals(await codeOf(agent, method, {}), -32601, method);
  }
  assertEquals(
    (await agent.query("status"))[0].jails.map((each: { failed: { total: number } }) =>
      each.failed.total
    ),
    [0, 0],
  );

  await agent.configure({ "jails/app.toml": "" });
  await agent.query("reload");
  const { code, stderr } = await agent.cli("attempt", "app", "192.0.2.7");
  assertEquals(code, 1);
  assert(stderr.includes("nothing listens"), stderr);
  await agent.configure({ "jails/app.toml": JAIL });
  await agent.query("reload");
  assertEquals((await agent.cli("attempt", "app", "::ffff:192.0.2.7")).code, 0);
});

Deno.test("whatever is sent to the report socket is answered, and nothing of it acts on a terminal", async () => {
  await using agent = await newAgent();
  const good = ["report", "success"].map((method, id) =>
    JSON.stringify({
      jsonrpc: "2.0",
      id,
      method,
      params: { jail: "app", host: "192.0.2.9", user: "a\u001b[2J", reason: "b\nc" },
    })
  );
  const connection = await Client.open(agent);
  let asked = 0;
  await fuzz(damaged(good), async (text) => {
    const line = text.replaceAll("\n", " ");
    if (mayBeNotification(line)) return;
    // One connection has so many reports at once.
    if (++asked % 150 === 0) await connection.renew();
    const reply = JSON.parse(await connection.ask(line));
    assert(reply.error?.code !== -32603, `${text}: ${JSON.stringify(reply)}`);
  });
  connection.close();
  const { stdout } = await agent.cli("explain", "192.0.2.9");
  assert(!stdout.includes("\x1b"), stdout);
});

Deno.test("a flood of reports is turned away beyond the limit, and the agent stays small", async () => {
  await using agent = await newAgent();
  const before = memoryOf(agent);
  const connections = await Promise.all(Array.from({ length: 10 }, () => Client.open(agent)));
  // One in fifty has to reach the disk; the others are refused, which takes no time.
  const lines = (client: number) =>
    Array.from({ length: 2000 }, (_, index) => {
      const host = `198.18.${client}.${index % 250}`;
      const jail = index % 50 === 0 ? "app" : "closed";
      return JSON.stringify({ method: "report", params: { jail, host, reason: "x".repeat(400) } });
    });
  const codes = (await Promise.all(connections.map(async (connection, client) => {
    const replies = await connection.askAll(lines(client));
    connection.close();
    return replies.map((reply) => JSON.parse(reply).error?.code ?? 0);
  }))).flat();
  const taken = codes.filter((code) => code === 0).length;
  assertEquals(codes.length, 20_000);
  assertEquals(new Set(codes), new Set([0, -32000, -32001]));
  await agent.waitFor(
    "them to be counted",
    async () => (await agent.query("status", "app"))[0].failed.total === taken,
  );
  assert(memoryOf(agent) - before < 64 * 1024 * 1024, `${memoryOf(agent) - before} bytes more`);
  // A save empties the log.
  await agent.stop();
  for (const name of ["1", "2"]) {
    const size = await Deno.stat(`${agent.state}/reports-${name}.jsonl`).then(
      (info) => info.size,
      () => 0,
    );
    assertEquals(size, 0);
  }
});

Deno.test("those who are silent make room for those who report", async () => {
  await using agent = await newAgent();
  const silent = await Promise.all(Array.from({ length: 300 }, () => Client.open(agent)));
  await report(agent.runtime, "report", { jail: "app", host: "192.0.2.7" });
  for (const client of silent) client.close();
});

testAsRoot("an application's group reports and can do nothing else", {
  programs: ["setpriv", "socat"],
}, async () => {
  await using agent = await newAgent();
  const socket = reportSocket(agent.runtime);
  assertEquals((await Deno.stat(socket)).mode! & 0o777, 0o660);
  // Where this machine has no such group, a number stands for it.
  const group = 61_234;
  await Deno.chown(socket, 0, group);
  const as = (groups: string, path: string) =>
    run(
      [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        groups,
        "socat",
        "-t5",
        "-",
        `UNIX-CONNECT:${path}`,
      ],
      '{"method":"report","params":{"jail":"app","host":"192.0.2.7"}}\n',
    );
  assertEquals(JSON.parse((await as(`--groups=${group}`, socket)).stdout).result, null);
  assert((await as("--clear-groups", socket)).stderr.includes("Permission denied"));
  const control = `${agent.runtime}/control.sock`;
  assert((await as(`--groups=${group}`, control)).stderr.includes("Permission denied"));
});

Deno.test("Rate lets a burst through, and after that so many a second", () => {
  const rate = new Rate(10, 3);
  const at = (now: number) => [1, 2, 3, 4].filter(() => rate.take(now)).length;
  assertEquals(at(0), 3);
  assertEquals(at(100), 1);
  assertEquals(at(150), 0);
  assertEquals(at(200), 1);
  assertEquals(at(60_000), 3);
});

const JAIL = "[app]\nenabled = true\nreports = true\nmaxretry = 3\n";

async function newAgent(): Promise<TestAgent> {
  return await TestAgent.start({
    config: {
      "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
      "jails/app.toml": JAIL,
      "jails/closed.toml":
        "[closed]\nenabled = true\nfiles = '/nowhere/x.log'\nfailregex = '^x <ADDR>'\n",
    },
  });
}

/** The error code that a request is answered with; 0 where it is granted. */
async function codeOf(agent: TestAgent, method: string, params: unknown): Promise<number> {
  const client = await Client.open(agent);
  try {
    return JSON.parse(await client.ask(JSON.stringify({ method, params }))).error?.code ?? 0;
  } finally {
    client.close();
  }
}

/** A connection to the report socket. */
class Client {
  readonly #agent: TestAgent;
  #connection: Deno.UnixConn;
  #rest = "";

  private constructor(agent: TestAgent, connection: Deno.UnixConn) {
    this.#agent = agent;
    this.#connection = connection;
  }

  static async open(agent: TestAgent): Promise<Client> {
    return new Client(agent, await connect(agent));
  }

  async renew(): Promise<void> {
    this.close();
    this.#connection = await connect(this.#agent);
  }

  /** Sends a line and gives the one that comes back. */
  async ask(line: string): Promise<string> {
    return (await this.askAll([line]))[0]!;
  }

  async askAll(lines: readonly string[]): Promise<readonly string[]> {
    const [, replies] = await Promise.all([
      this.#write(lines.map((line) => `${line}\n`).join("")),
      this.#read(lines.length),
    ]);
    return replies;
  }

  close(): void {
    this.#connection.close();
  }

  async #write(text: string): Promise<void> {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
  }

  async #read(count: number): Promise<readonly string[]> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    const lines: string[] = [];
    while (lines.length < count) {
      const length = await this.#connection.read(buffer);
      if (length === null) throw new Error(`The agent hung up after ${lines.length} answers`);
      const parts = (this.#rest + decoder.decode(buffer.subarray(0, length))).split("\n");
      this.#rest = parts.pop()!;
      lines.push(...parts);
    }
    return lines;
  }
}

function connect(agent: TestAgent): Promise<Deno.UnixConn> {
  return Deno.connect({ transport: "unix", path: reportSocket(agent.runtime) });
}

/** What it holds in memory now, in bytes. */
function memoryOf(agent: TestAgent): number {
  const [, pages] = Deno.readTextFileSync(`/proc/${agent.pid}/statm`).split(" ");
  return Number(pages) * 4096;
}
