/** The dashboard's HTTP: three things to ask for, each within bounds. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { RpcError, Unreachable } from "../control/mod.ts";
import type { Page } from "../report/mod.ts";
import { log } from "../log.ts";
import type { Listening } from "./address.ts";
import { objectionTo } from "./guard.ts";
import { renderUnreachable } from "./page.ts";

/** What is served. */
export interface Contents {
  /** @throws {Unreachable} */
  page(): Promise<Page>;
  metrics(): Promise<string>;
  /** Lifts the bans of a host; says in words what came of it. @throws {RpcError} where it is refused. */
  unban(host: string, token: string): Promise<string>;
}

/** More connections at once are turned away. */
const MOST_CONNECTIONS = 32;
/** How long a request may take to arrive, and a connection be idle, in milliseconds. */
const SLOWEST_REQUEST = 5_000;
const LONGEST_IDLE = 30_000;
/** How often that is looked at. */
const CHECK = 2_000;
/** No body is longer, in bytes. */
const LONGEST_BODY = 4096;

/**
 * Serves until the server is closed; resolves when it listens.
 * @throws {Error} where it cannot listen.
 */
export async function serve(listening: Listening, contents: Contents): Promise<Server> {
  const server = createServer({ connectionsCheckingInterval: CHECK }, (request, response) => {
    // The first page beside a hundred thousand bans takes its time: that is ours, and not the client's.
    request.socket.setTimeout(0);
    void answer(request, contents).then(
      (reply) => send(response, request.method === "HEAD" ? { ...reply, body: "" } : reply),
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = server.requestTimeout = SLOWEST_REQUEST;
  server.keepAliveTimeout = server.timeout = LONGEST_IDLE;
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
    if (listening.kind === "socket") server.listen(listening.path);
    else server.listen(listening.port, listening.host);
  });
  return server;
}

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(request: IncomingMessage, contents: Contents): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const objection = objectionTo({ method, headers });
  if (objection !== undefined) return { status: 403, body: `Refused: ${objection}.\n` };
  const isReading = method === "GET" || method === "HEAD";
  try {
    if (url === "/" && isReading) {
      return await pageReply(await contents.page(), headers["if-none-match"]);
    }
    if (url === "/metrics" && isReading) {
      return { status: 200, type: METRICS, body: await contents.metrics() };
    }
    if (url === "/unban" && method === "POST") return await unban(request, contents);
    const isKnown = ["/", "/metrics", "/unban"].includes(url);
    return isKnown
      ? { status: 405, body: "That is not to be done with this.\n" }
      : { status: 404, body: "There is no such page.\n" };
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      log.error(`Cannot answer ${method} ${url}: ${error instanceof Error ? error.stack : error}`);
      return { status: 500, body: "Something broke; the dashboard's log says what.\n" };
    }
    return { ...await pageReply(renderUnreachable(error.message), undefined), status: 503 };
  }
}

/** Only what has changed is sent again. */
async function pageReply({ text, policy }: Page, known: string | undefined): Promise<Reply> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const tag = `"${new Uint8Array(digest).toBase64()}"`;
  const headers = {
    "ETag": tag,
    "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
  };
  return known === tag
    ? { status: 304, body: "", headers }
    : { status: 200, type: "text/html; charset=utf-8", body: text, headers };
}

async function unban(request: IncomingMessage, contents: Contents): Promise<Reply> {
  const token = request.headers["x-banjo-token"];
  if (typeof token !== "string") return { status: 403, body: "There is no token.\n" };
  const host = hostIn(await bodyOf(request));
  if (host === undefined) return { status: 400, body: 'It takes {"host": "192.0.2.7"}.\n' };
  try {
    return { status: 200, body: await contents.unban(host, token) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { status: 403, body: error.message };
  }
}

function hostIn(body: string | undefined): string | undefined {
  try {
    const { host } = JSON.parse(body ?? "");
    return typeof host === "string" ? host : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST_BODY) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(await new Blob(parts as Uint8Array<ArrayBuffer>[]).bytes());
}

function send(response: ServerResponse, { status, type = TEXT, body, headers }: Reply): void {
  response.socket?.setTimeout(LONGEST_IDLE);
  response.writeHead(status, {
    "Content-Type": type,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    ...headers,
  });
  response.end(body);
}

const TEXT = "text/plain; charset=utf-8";
const METRICS = "text/plain; version=0.0.4; charset=utf-8";
