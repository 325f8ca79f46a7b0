/** A client's end of the control socket. */
import { readLines } from "./lines.ts";
import {
  controlSocket,
  type GuardedMethods,
  type MethodName,
  type Methods,
  type ReadingMethodName,
  readSocket,
  type ReportMethodName,
  type ReportMethods,
  reportSocket,
  RpcError,
} from "./protocol.ts";

/** A reply may list a million bans. */
const REPLY_LIMIT = 1 << 30;

/** In milliseconds: so long a client tries to be let in. */
const PATIENCE = 10_000;

/** The agent could not be reached. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/**
 * Calls a method of the agent whose runtime folder this is.
 * @throws {Unreachable} where no agent answers; {@linkcode RpcError} where it refuses.
 */
export function call<Name extends MethodName>(
  runtimeDir: string,
  method: Name,
  params: Methods[Name]["params"],
): Promise<Methods[Name]["result"]> {
  return ask(controlSocket(runtimeDir), controlAdvice, method, params);
}

/**
 * As {@linkcode call}, by the socket that is open to programs which only read.
 * @throws {Unreachable} where no agent answers; {@linkcode RpcError} where it refuses.
 */
export function read<Name extends ReadingMethodName>(
  runtimeDir: string,
  method: Name,
  params: Methods[Name]["params"],
): Promise<Methods[Name]["result"]> {
  return ask(readSocket(runtimeDir), readAdvice, method, params);
}

/**
 * Lifts bans by the same socket, with the token that the administrator has given out for that.
 * @throws {Unreachable} where no agent answers; {@linkcode RpcError} where it refuses.
 */
export function unbanByToken(
  runtimeDir: string,
  params: GuardedMethods["unban"]["params"],
): Promise<GuardedMethods["unban"]["result"]> {
  return ask(readSocket(runtimeDir), readAdvice, "unban", params);
}

/**
 * Tells the agent what has happened at an application; it is on the disk when this resolves.
 * @throws {Unreachable} where no agent takes reports; {@linkcode RpcError} where it refuses.
 */
export async function report<Name extends ReportMethodName>(
  runtimeDir: string,
  method: Name,
  params: ReportMethods[Name]["params"],
): Promise<void> {
  await ask(reportSocket(runtimeDir), reportAdvice, method, params);
}

/** What to do where a socket is not there, or closed to us. */
interface Advice {
  readonly missing: string;
  readonly denied: string;
}

const controlAdvice: Advice = {
  missing: "start it with `banjo run` or `systemctl start banjo`",
  denied: "be root or a member of the group banjo",
};

const readAdvice: Advice = {
  missing: controlAdvice.missing,
  denied: "be root or a member of the group banjo-read",
};

const reportAdvice: Advice = {
  missing: "start it, and allow a jail `reports = true`",
  denied: "be root or a member of the group banjo-report",
};

async function ask<Result>(
  path: string,
  advice: Advice,
  method: string,
  params: unknown,
): Promise<Result> {
  const connection = await connect(path, advice);
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

async function connect(path: string, advice: Advice): Promise<Deno.UnixConn> {
  try {
    return await connectInTurn(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
      throw new Unreachable(
        `Cannot reach the agent: nothing listens on ${path}; ${advice.missing}`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Unreachable(
        `Cannot reach the agent: no right to use ${path}; ${advice.denied}`,
      );
    }
    throw new Unreachable(`Cannot reach the agent on ${path}: ${messageOf(error)}`);
  }
}

/** Connects to a socket, also where so many are before us that the kernel lets nobody else wait. */
export async function connectInTurn(path: string): Promise<Deno.UnixConn> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await Deno.connect({ transport: "unix", path });
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock) || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
