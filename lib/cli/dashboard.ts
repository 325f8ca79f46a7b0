import { loadConfig } from "../config/mod.ts";
import { read, readSocket, removeStaleSocket, TOKEN_FILE, unbanByToken } from "../control/mod.ts";
import {
  Feed,
  type Listening,
  parseListening,
  renderDashboard,
  serve,
  type View,
} from "../dashboard/mod.ts";
import { log, startLog } from "../log.ts";
import { readMetrics } from "../metrics/mod.ts";
import type { Page } from "../report/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { count } from "./render.ts";
import { serverName } from "./server_name.ts";
import { reasonOf } from "../system_error.ts";

/** How far back it shows, in milliseconds: a week. */
const SPAN = 7 * 86_400_000;

/** So long the same metrics do, in milliseconds: to make them, nft reads its rules. */
const METRICS_REST = 5_000;

/** `banjo dashboard` */
export const dashboard: Command = {
  name: "dashboard",
  operands: "",
  summary: "Serve the report of the last week, live, on this machine",
  details:
    "For browsers on this machine, or by `ssh -L`; and /metrics for Prometheus. It only reads, by the read\n" +
    "socket. Who knows the token in dashboard.token of the configuration may lift bans. On an address every\n" +
    "user of this machine can read it; a socket is for root and the group of the read socket.",
  flags: {
    listen: {
      value: "ADDRESS:PORT",
      about: "a loopback address (default 127.0.0.1:8070)",
    },
    socket: { value: "PATH", offers: "files", about: "a Unix socket instead" },
    ...sharedFlags.config,
    ...sharedFlags.runtime,
  },
  arity: [0, 0],
  async run(words) {
    const listening = readListening(words);
    // What it does not need it cannot do, whatever it was granted.
    Deno.permissions.revokeSync({ name: "run" });
    startLog("info");
    if (listening.kind === "socket") await removeStaleSocket(listening.path, "dashboard");
    const server = await serve(listening, await contentsFor(words)).catch((error: Error) => {
      throw new Error(`Cannot listen on ${describe(listening)}: ${reasonOf(error)}`);
    });
    if (listening.kind === "socket") await openToReaders(listening.path, dirOf(words, "runtime"));
    log.info(`The dashboard is at ${describe(listening)}`);
    const ended = Promise.withResolvers<void>();
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      Deno.addSignalListener(signal, () => ended.resolve());
    }
    await ended.promise;
    server.closeAllConnections();
    server.close();
    if (listening.kind === "socket") await Deno.remove(listening.path).catch(() => {});
    return 0;
  },
};

function readListening(words: Words): Listening {
  const [address, path] = [words.value("listen"), words.value("socket")];
  if (path !== undefined) {
    if (address === undefined) return { kind: "socket", path };
    throw new UsageError("Cannot listen: --listen and --socket exclude each other");
  }
  try {
    return parseListening(address ?? "127.0.0.1:8070");
  } catch (error) {
    throw new UsageError(`Cannot listen: ${(error as Error).message}`);
  }
}

function describe(listening: Listening): string {
  if (listening.kind === "socket") return listening.path;
  const { host, port } = listening;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function contentsFor(words: Words): Promise<Parameters<typeof serve>[1]> {
  const [runtimeDir, configDir] = [dirOf(words, "runtime"), dirOf(words, "config")];
  const server = await serverName();
  const feed = new Feed({
    runtimeDir,
    span: SPAN,
    readJails: async () => (await loadConfig(configDir, { isOptional: true, isLean: true })).jails,
  });
  const metrics = resting(METRICS_REST, async () => {
    const { text } = await readMetrics({
      status: () => read(runtimeDir, "status", {}),
      stopped: () => read(runtimeDir, "stopped", {}),
    });
    return text;
  });
  let shown:
    | { readonly view: View; readonly mayUnban: boolean; readonly page: Promise<Page> }
    | undefined;
  return {
    // However many look on, it is made once.
    async page() {
      const mayUnban = await Deno.lstat(`${configDir}/${TOKEN_FILE}`).then(() => true, () => false);
      const view = await feed.view();
      if (shown?.view !== view || shown.mayUnban !== mayUnban) {
        shown = { view, mayUnban, page: renderDashboard(view, server, mayUnban) };
      }
      return await shown.page;
    },
    metrics,
    async unban(host, token) {
      const lifted = await unbanByToken(runtimeDir, { hosts: [host], token });
      feed.expire();
      log.info(`${host} was let in again, by the token: ${count(lifted.length, "ban")} lifted`);
      return lifted.length === 0 ? `${host} was not banned.` : `${host} is let in again.`;
    },
  };
}

/** What some work came to, done anew at most so often. In milliseconds. */
function resting<T>(rest: number, work: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  let at = -Infinity;
  return () => {
    if (last === undefined || performance.now() - at > rest) {
      at = performance.now();
      last = work();
    }
    return last;
  };
}

/** Whoever may read from the agent may see the page. */
async function openToReaders(path: string, runtimeDir: string): Promise<void> {
  await Deno.chmod(path, 0o660);
  const { gid } = await Deno.lstat(readSocket(runtimeDir)).catch(() => ({ gid: null }));
  if (gid !== null) await Deno.chown(path, null, gid).catch(() => {});
}
