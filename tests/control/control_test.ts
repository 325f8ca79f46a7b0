import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  call,
  controlSocket,
  type Handlers,
  RpcError,
  serveControl,
  Unreachable,
} from "../../lib/control/mod.ts";

const refuse = () => {
  throw new RpcError(-32000, "not here");
};
let reloads = 0;
const handlers: Handlers = {
  status: () => ({
    health: "healthy",
    version: "1",
    jails: [],
    pending: 0,
    problems: [],
    spared: [],
  }),
  jail: refuse,
  bans: () => [],
  overview: () => ({ newest: [], networks: [] }),
  explain: refuse,
  history: refuse,
  events: () => ({
    events: [],
    position: { history: 0, agent: "a", notices: 0 },
    isEnd: true,
  }),
  stopped: () => [],
  blocklists: () => [],
  addBlocklist: () => null,
  removeBlocklist: () => null,
  refreshBlocklists: () => null,
  ban: ({ hosts }) =>
    hosts.map((host) => ({
      jail: "manual",
      host,
      enforceable: true,
      since: "",
      until: null,
      failures: 0,
    })),
  unban: () => [],
  reload: () => {
    reloads++;
    return Promise.reject(new Error("boom"));
  },
  stop: () => null,
};

async function withServer(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const server = await serveControl(dir, handlers);
  try {
    await test(dir);
  } finally {
    await server.close();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Sends bytes as they are and returns the first line that comes back, or "" where the server hangs up. */
async function talk(dir: string, bytes: string | Uint8Array): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path: controlSocket(dir) });
  try {
    const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const writer = connection.writable.getWriter();
    writer.write(data).catch(() => {});
    let text = "";
    for await (
      const chunk of connection.readable.pipeThrough(
        new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>,
      )
    ) {
      text += chunk;
      if (text.includes("\n")) break;
    }
    return text.trimEnd();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return "";
    throw error;
  } finally {
    try {
      connection.close();
    } catch {
      // Already closed.
    }
  }
}

/** Takes the rest of a line, or what there is of it where the server hangs up; gives its length in bytes. */
async function takeLine(connection: Deno.Conn): Promise<number> {
  using _closing = connection;
  const buffer = new Uint8Array(65_536);
  let taken = 0;
  for (let length; (length = await connection.read(buffer)) !== null;) {
    taken += length;
    if (buffer[length - 1] === 10) break;
  }
  return taken;
}

Deno.test("a client gets the result of the method that it calls", () =>
  withServer(async (dir) => {
    assertEquals((await call(dir, "status", {})).version, "1");
    const made = await call(dir, "ban", { hosts: ["192.0.2.7", "2001:db8::/64"] });
    assertEquals(made.map(({ host }) => host), ["192.0.2.7", "2001:db8::/64"]);
  }));

Deno.test("what a handler refuses reaches the client in its words", () =>
  withServer(async (dir) => {
    const error = await assertRejects(() => call(dir, "jail", { jail: "x" }), RpcError);
    assertEquals([error.code, error.message], [-32000, "not here"]);
    await assertRejects(() => call(dir, "reload", {}), RpcError, "boom");
  }));

Deno.test("requests that make no sense get JSON-RPC's own errors and the server goes on", () =>
  withServer(async (dir) => {
    const codeFor = async (line: string) => JSON.parse(await talk(dir, line + "\n")).error.code;
    assertEquals(await codeFor("{nonsense"), -32700);
    assertEquals(await codeFor("[]"), -32600);
    assertEquals(await codeFor('{"jsonrpc":"1.0","method":"status"}'), -32600);
    assertEquals(await codeFor('{"jsonrpc":"2.0","id":1,"method":"toString"}'), -32601);
    assertEquals(
      await codeFor('{"jsonrpc":"2.0","id":1,"method":"bans","params":{"x":1}}'),
      -32602,
    );
    assertEquals(
      await codeFor('{"jsonrpc":"2.0","id":1,"method":"ban","params":{"hosts":[]}}'),
      -32602,
    );
    assertEquals((await call(dir, "status", {})).version, "1");
  }));

Deno.test("an endless request is cut off with a reason", () =>
  withServer(async (dir) => {
    const reply = await talk(dir, new Uint8Array(2 << 20).fill(97));
    // The reason may be lost where the hang-up overtakes it; an answer, if any, is the reason.
    if (reply !== "") assertEquals(JSON.parse(reply).error.code, -32600);
    assertEquals((await call(dir, "status", {})).version, "1");
  }));

Deno.test("several requests on one connection are answered in order", () =>
  withServer(async (dir) => {
    const connection = await Deno.connect({ transport: "unix", path: controlSocket(dir) });
    const request = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"status"}\n`;
    await connection.write(new TextEncoder().encode(request(1) + request(2) + request(3)));
    let text = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    while (text.split("\n").length < 4) {
      text += decoder.decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    }
    connection.close();
    assertEquals(text.trim().split("\n").map((line) => JSON.parse(line).id), [1, 2, 3]);
  }));

Deno.test("a notification is carried out and not answered, and a short request is", () =>
  withServer(async (dir) => {
    const lines = [
      '{"jsonrpc":"2.0","method":"reload"}',
      '{"jsonrpc":"2.0","method":"nonsense"}',
      '{"jsonrpc":"2.0","method":"status","params":{"x":1}}',
      '{"method":"status"}',
    ];
    const before = reloads;
    const reply = JSON.parse(await talk(dir, lines.map((line) => `${line}\n`).join("")));
    assertEquals([reply.id, reply.result.version], [null, "1"]);
    assertEquals(reloads, before + 1);
  }));

Deno.test("of clients that do not take their answers some are let go, whoever has waited longest first", () =>
  withServer(async (dir) => {
    // The answer is a megabyte, too, of which the kernel holds a part.
    const hosts = ["x".repeat(1_000_000)];
    const request = `{"id":1,"method":"ban","params":${JSON.stringify({ hosts })}}\n`;
    const clients: Deno.Conn[] = [];
    const taken: number[] = [];
    for (let client = 0; client < 40; client++) {
      const connection = await Deno.connect({ transport: "unix", path: controlSocket(dir) });
      clients.push(connection);
      const bytes = new TextEncoder().encode(request);
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
      // The answer has begun.
      await connection.read(new Uint8Array(1));
    }
    assertEquals((await call(dir, "status", {})).version, "1");
    for (const connection of clients) taken.push(await takeLine(connection));
    const isWhole = taken.map((length) => length > 1_000_000);
    const whole = isWhole.filter((each) => each).length;
    assert(whole >= 8 && whole <= 16, `${whole} got the whole answer`);
    assertEquals(isWhole.indexOf(true), 40 - whole);
  }));

Deno.test("only the owner and the group may use the socket", () =>
  withServer(async (dir) => {
    assertEquals((await Deno.stat(controlSocket(dir))).mode! & 0o777, 0o660);
  }));

Deno.test("a second agent on the same folder is refused, a dead one's socket replaced", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const first = await serveControl(dir, handlers);
    await assertRejects(() => serveControl(dir, handlers), Error, "another agent");
    await first.close();
    // A socket file whose listener is gone, as an agent that was killed leaves it.
    Deno.listen({ transport: "unix", path: controlSocket(dir) }).close();
    const second = await serveControl(dir, handlers);
    assertEquals((await call(dir, "status", {})).version, "1");
    await second.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a file where the socket should be is left alone", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(controlSocket(dir), "precious");
    await assertRejects(() => serveControl(dir, handlers), Error, "no socket");
    assertEquals(await Deno.readTextFile(controlSocket(dir)), "precious");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a client without an agent is told how to start one", async () => {
  const dir = await Deno.makeTempDir();
  const error = await assertRejects(() => call(dir, "status", {}), Unreachable);
  assert(error.message.includes("banjo run"));
  await Deno.remove(dir);
});
