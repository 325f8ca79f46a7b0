/** A client's end of the control socket. */
import { readLines } from "./lines.ts";
import { controlSocket, type MethodName, type Methods, RpcError } from "./protocol.ts";

/** A reply may list a million bans. */
const REPLY_LIMIT = 1 << 30;

/** The agent could not be reached. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/**
 * Calls a method of the agent whose runtime folder this is.
 * @throws {Unreachable} where no agent answers; {@linkcode RpcError} where it refuses.
 */
export async function call<Name extends MethodName>(
  runtimeDir: string,
  method: Name,
  params: Methods[Name]["params"],
): Promise<Methods[Name]["result"]> {
  const path = controlSocket(runtimeDir);
  const connection = await connect(path);
  try {
    const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) + "\n";
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(request));
    for await (const line of readLines(connection.readable, REPLY_LIMIT)) {
      const reply = JSON.parse(line);
      if (reply.error !== undefined) throw new RpcError(reply.error.code, reply.error.message);
      return reply.result;
    }
  } catch (error) {
    if (error instanceof RpcError) throw error;
    throw new Unreachable(`Cannot read the agent's answer on ${path}: ${messageOf(error)}`);
  } finally {
    try {
      connection.close();
    } catch {
      // Reading to the end has closed it.
    }
  }
  throw new Unreachable(`Cannot read the agent's answer on ${path}: it closed the connection`);
}

async function connect(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
      throw new Unreachable(
        `Cannot reach the agent: nothing listens on ${path}; start it with \`banjo run\` or \`systemctl start banjo\``,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Unreachable(
        `Cannot reach the agent: no right to use ${path}; be root or a member of the group banjo`,
      );
    }
    throw new Unreachable(`Cannot reach the agent on ${path}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
