/** Published lists, fetched for the agent, which has no network. */
import * as v from "valibot";
import { fetchedName, LARGEST_LIST, parseList } from "../blocklist/mod.ts";
import { type BlocklistReport, read, Unreachable } from "../control/mod.ts";
import { log } from "../log.ts";
import { printable } from "../printable.ts";
import { replaceFile } from "../state/mod.ts";
import { wait } from "../wait.ts";

/** What fetching needs. */
export interface FetchOptions {
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/** The agent is asked so often which lists there are, in milliseconds. */
const POLL = 5_000;
/** A list is fetched so often, in milliseconds: publishers turn away whoever comes more often. */
const EVERY = 6 * 3_600_000;
/** After a failure so much later, doubling, up to the usual time; in milliseconds. */
const RETRY = 60_000;
/** A server that has not sent a list after so long, in milliseconds, is given up. */
const PATIENCE = 120_000;

/** What is remembered of a list. */
interface Seen {
  /** In milliseconds since the epoch. */
  readonly fetched: number;
  readonly etag?: string;
  readonly modified?: string;
}

/** How a fetching ended. `restart`: a list is on a host that was not there when this process was granted its hosts. */
export type FetchEnd = "restart" | "signal";

/** Fetches the agent's lists until the signal. */
export async function fetchLists(options: FetchOptions): Promise<FetchEnd> {
  const { runtimeDir, stateDir, signal } = options;
  await makeFolder(`${stateDir}/lists`);
  const failures = new Map<string, { readonly times: number; readonly next: number }>();
  let known: ReadonlySet<string> | undefined;
  while (!signal.aborted) {
    const lists = await askForLists(runtimeDir);
    for (const list of lists ?? []) {
      if (!isUrl(list.source)) continue;
      if (!await isGranted(list.source)) {
        // Where it was there from the beginning, another beginning does not help.
        if (known !== undefined && !known.has(list.source)) return "restart";
        if (known === undefined) log.error(`${list.name}: no right to speak to ${list.source}`);
        continue;
      }
      const failed = failures.get(list.name);
      if (failed !== undefined && Date.now() < failed.next && !isAskedSince(list, failed)) continue;
      try {
        await refresh(list, stateDir);
        failures.delete(list.name);
      } catch (error) {
        const times = (failed?.times ?? 0) + 1;
        const rest = Math.min(RETRY * 2 ** (times - 1), EVERY);
        failures.set(list.name, { times, next: Date.now() + rest });
        const why = printable((error as Error).message);
        await shareWithAgent(stateDir, `${fileOf(list)}.problem`, why);
        log.warn(`${list.name}: ${why}; what there was stays, the next try is in ${rest / 1000} s`);
      }
    }
    if (lists !== undefined) {
      known = new Set(lists.map(({ source }) => source));
      await forget(stateDir, new Set(lists.map(fileOf)));
    }
    await wait(POLL, signal);
  }
  return "signal";
}

/** The lists that are to be fetched; undefined where no agent answers. */
export async function askForLists(
  runtimeDir: string,
): Promise<readonly BlocklistReport[] | undefined> {
  try {
    return await read(runtimeDir, "blocklists", {});
  } catch (error) {
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

/** Whether a list is one to be fetched: else it is a file, and the agent's. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

async function isGranted(source: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(source);
  const host = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  return (await Deno.permissions.query({ name: "net", host })).state === "granted";
}

/** Whether somebody asked for it after its last failure. */
function isAskedSince(
  { requested }: BlocklistReport,
  { next, times }: { readonly next: number; readonly times: number },
): boolean {
  return Date.parse(requested) > next - Math.min(RETRY * 2 ** (times - 1), EVERY);
}

/** Fetches a list if it is time to. @throws {Error} saying why it could not be had. */
async function refresh(list: BlocklistReport, stateDir: string): Promise<void> {
  const { name, source, requested } = list;
  const file = fileOf(list);
  const seen = await readSeen(`${stateDir}/${file}.json`);
  const due = seen === undefined
    ? 0
    : Math.min(seen.fetched + EVERY, afterRequest(seen, requested));
  if (Date.now() < due) return;
  const response = await fetch(source, {
    headers: {
      ...seen?.etag === undefined ? {} : { "if-none-match": seen.etag },
      ...seen?.modified === undefined ? {} : { "if-modified-since": seen.modified },
    },
    // Where it leads is not among the hosts that were granted.
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { status, headers } = response;
  const now: Seen = { ...seen, fetched: Date.now() };
  if (status === 304 && seen !== undefined) {
    await response.body?.cancel();
    await Deno.remove(`${stateDir}/${file}.problem`).catch(() => {});
    return await replaceFile(stateDir, `${file}.json`, [JSON.stringify(now)]);
  }
  if (status !== 200) {
    await response.body?.cancel();
    const to = headers.get("location");
    throw new Error(
      `${source} answers with ${status}` + (to === null ? "" : `, and leads to ${to}: add that`),
    );
  }
  const text = await readWithin(response, LARGEST_LIST);
  let entries: number;
  try {
    entries = parseList(text).hosts.length;
  } catch (error) {
    throw new Error(`${source} is no list: ${(error as Error).message}`);
  }
  await shareWithAgent(stateDir, file, text);
  await Deno.remove(`${stateDir}/${file}.problem`).catch(() => {});
  const [etag, modified] = [headers.get("etag"), headers.get("last-modified")];
  const marks = { ...etag === null ? {} : { etag }, ...modified === null ? {} : { modified } };
  const record: Seen = { fetched: now.fetched, ...marks };
  await replaceFile(stateDir, `${file}.json`, [JSON.stringify(record)]);
  log.info(`${name}: fetched ${entries} addresses`);
}

/**
 * Where a list is put. Beside it `.json` is what is remembered of it, and `.problem` says why it could not be fetched, for as
 * long as it cannot.
 */
function fileOf({ name, source }: BlocklistReport): string {
  return `lists/${fetchedName(name, source)}`;
}

/** Writes a file for the agent, which is another user. */
async function shareWithAgent(stateDir: string, file: string, text: string): Promise<void> {
  await replaceFile(stateDir, file, [text]);
  await Deno.chmod(`${stateDir}/${file}`, 0o644);
}

/** A request that came after it was fetched makes it due at once. */
function afterRequest({ fetched }: Seen, requested: string): number {
  return Date.parse(requested) > fetched ? 0 : Infinity;
}

async function readWithin(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > limit) throw new Error(`${response.url} has more than ${limit} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

const SEEN = v.object({
  fetched: v.number(),
  etag: v.exactOptional(v.string()),
  modified: v.exactOptional(v.string()),
});

/** What is remembered of a list. */
async function readSeen(path: string): Promise<Seen | undefined> {
  try {
    return v.parse(SEEN, JSON.parse(await Deno.readTextFile(path)));
  } catch {
    // None, or damaged: it is fetched anew.
    return undefined;
  }
}

/** Lets go of the files of lists that are no more. */
async function forget(stateDir: string, files: ReadonlySet<string>): Promise<void> {
  for await (const { name } of Deno.readDir(`${stateDir}/lists`)) {
    const file = `lists/${name}`;
    if (!files.has(file.replace(/\.(?:json|problem)$/, ""))) {
      await Deno.remove(`${stateDir}/${file}`);
    }
  }
}

/** The agent, which is another user, may read what is in it. */
async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  await Deno.chmod(path, 0o755);
}
