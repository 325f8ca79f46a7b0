/** The agent's end of the control socket. */
import * as v from "valibot";
import { LineTooLong, readLines } from "./lines.ts";
import { controlSocket, errorCodes, type Handlers, type MethodName, RpcError } from "./protocol.ts";

/** No request is longer: room for some ten thousand addresses. */
const REQUEST_LIMIT = 1 << 20;
/** A client that sends nothing, or does not take its answer, for so long is let go. In milliseconds. */
const IDLE_LIMIT = 60_000;
/** More clients than this at once are turned away. */
const CLIENT_LIMIT = 64;
/** After a client could not be let in, the next one is tried so much later, in milliseconds. */
const RETRY = 100;

/** Answers requests on a Unix socket until it is closed. */
export class ControlServer {
  readonly #listener: Deno.UnixListener;
  readonly #path: string;
  readonly #handlers: Handlers;
  readonly #clients = new Set<Deno.UnixConn>();
  readonly #serving: Promise<void>;
  #isClosed = false;

  private constructor(listener: Deno.UnixListener, path: string, handlers: Handlers) {
    this.#listener = listener;
    this.#path = path;
    this.#handlers = handlers;
    this.#serving = this.#accept();
  }

  /**
   * Opens the socket, mode 0660, in `runtimeDir`. A socket left over by an agent that died is replaced.
   * @throws {Error} where another agent answers there, or the folder cannot be written.
   */
  static async open(runtimeDir: string, handlers: Handlers): Promise<ControlServer> {
    await Deno.mkdir(runtimeDir, { recursive: true, mode: 0o755 });
    if ((await Deno.lstat(runtimeDir)).isSymlink) {
      throw new Error(`Cannot listen in ${runtimeDir}: it is a symbolic link`);
    }
    const path = controlSocket(runtimeDir);
    await removeStaleSocket(path);
    // Until the chmod it has the mode that the process's mask gives it. To connect takes the right to write, which no
    // usual mask leaves to others; and to set a mask takes every right that Deno knows, which this program has not.
    const listener = Deno.listen({ transport: "unix", path });
    await giveToGroup(path, "banjo");
    return new ControlServer(listener, path, handlers);
  }

  /** Stops answering, lets every client go and takes the socket away. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const client of this.#clients) closeQuietly(client);
    await this.#serving;
    await Deno.remove(this.#path).catch(ignoreMissing);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      const connection = await this.#listener.accept().catch(() => undefined);
      if (connection === undefined) {
        // Closed, or for now out of file descriptors, say: whoever waits is served once there are some again.
        if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, RETRY));
        continue;
      }
      if (this.#clients.size >= CLIENT_LIMIT) {
        closeQuietly(connection);
        continue;
      }
      this.#clients.add(connection);
      this.#serve(connection).finally(() => {
        this.#clients.delete(connection);
        closeQuietly(connection);
      });
    }
  }

  async #serve(connection: Deno.UnixConn): Promise<void> {
    let idle: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(idle);
      idle = setTimeout(() => closeQuietly(connection), IDLE_LIMIT);
    };
    try {
      wait();
      for await (const line of readLines(connection.readable, REQUEST_LIMIT)) {
        // Only the client is waited for so long, not the handlers.
        clearTimeout(idle);
        const reply = await answer(line, this.#handlers);
        wait();
        await send(connection, reply);
        wait();
      }
    } catch (error) {
      // A client that went away needs no answer; one that sent too much gets its reason.
      if (error instanceof LineTooLong) {
        await send(connection, failure(null, errorCodes.request, error.message)).catch(() => {});
      }
    } finally {
      clearTimeout(idle);
    }
  }
}

/** The longest ban but for one for ever, in milliseconds: its end is still a date. */
const LONGEST = 8e15;

const host = v.string();
/** What each method takes; anything else is refused before a handler sees it. */
const parameters: Record<MethodName, v.GenericSchema> = {
  status: v.strictObject({}),
  jail: v.strictObject({ jail: v.string() }),
  bans: v.strictObject({ jail: v.optional(v.string()) }),
  explain: v.strictObject({ host }),
  history: v.strictObject({
    host: v.optional(host),
    jail: v.optional(v.string()),
    since: v.optional(v.number()),
    from: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  }),
  stopped: v.strictObject({}),
  ban: v.strictObject({
    hosts: v.pipe(v.array(host), v.minLength(1)),
    jail: v.optional(v.string()),
    for: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(LONGEST)))),
    force: v.optional(v.boolean()),
  }),
  unban: v.strictObject({
    hosts: v.union([v.literal("all"), v.pipe(v.array(host), v.minLength(1))]),
  }),
  reload: v.strictObject({ jail: v.optional(v.string()) }),
  stop: v.strictObject({}),
};

const request = v.object({
  jsonrpc: v.literal("2.0"),
  id: v.optional(v.union([v.string(), v.number(), v.null()])),
  method: v.string(),
  params: v.optional(v.record(v.string(), v.unknown())),
});

/** The reply to one request line. */
async function answer(line: string, handlers: Handlers): Promise<string> {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return failure(null, errorCodes.parse, "Cannot read the request: it is not JSON");
  }
  const parsed = v.safeParse(request, message);
  if (!parsed.success) {
    return failure(null, errorCodes.request, "Cannot read the request: it is not JSON-RPC 2.0");
  }
  const { id = null, method, params = {} } = parsed.output;
  if (!Object.hasOwn(parameters, method)) {
    return failure(id, errorCodes.method, `Cannot call ${JSON.stringify(method)}: no such method`);
  }
  const name = method as MethodName;
  const checked = v.safeParse(parameters[name], params);
  if (!checked.success) {
    const issue = checked.issues[0];
    return failure(id, errorCodes.params, `Cannot call ${name}: ${issue.message}`);
  }
  try {
    const handler = handlers[name] as (params: unknown) => unknown;
    return JSON.stringify({ jsonrpc: "2.0", id, result: await handler(checked.output) });
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error.code, error.message);
    return failure(id, errorCodes.internal, error instanceof Error ? error.message : String(error));
  }
}

function failure(id: string | number | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}

async function send(connection: Deno.UnixConn, message: string): Promise<void> {
  const bytes = new TextEncoder().encode(message + "\n");
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(ignoreMissing);
  if (found === undefined) return;
  if (!found.isSocket) {
    throw new Error(`Cannot listen on ${path}: something that is no socket is there; move it away`);
  }
  const other = await Deno.connect({ transport: "unix", path }).catch(() => undefined);
  if (other !== undefined) {
    other.close();
    throw new Error(
      `Cannot listen on ${path}: another agent answers there; stop it, or use another --runtime`,
    );
  }
  await Deno.remove(path);
}

/** Members of the group may use the socket. Without such a group, or the right to give files away, it stays ours. */
async function giveToGroup(path: string, group: string): Promise<void> {
  await Deno.chmod(path, 0o660);
  const groups = await Deno.readTextFile("/etc/group").catch(() => "");
  const id = groups.split("\n").map((line) => line.split(":")).find(([name]) => name === group)
    ?.[2];
  if (id !== undefined) await Deno.chown(path, null, Number(id)).catch(() => {});
}

function closeQuietly(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // Already closed by the other side.
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}
