/** What the jails must know of this host, so that they lock out nobody whom it needs. */
import { type Host, parseAddress, parseNetwork } from "../address.ts";
import type { HostFacts, JailSettings } from "../jail/mod.ts";
import { log } from "../log.ts";
import { wait } from "../wait.ts";
import { lookUp } from "./names.ts";
import { ownAddresses } from "./own_addresses.ts";

/** The routes are asked for again after so long, in milliseconds, or when our addresses have changed. */
const ROUTES_LAST = 60_000;
/** Host names of `ignoreip` are asked for again after so long, in milliseconds. */
const NAMES_LAST = 300_000;
/** The same while one has no address: at boot the name servers may be out of reach yet. */
const NAMES_MISSED = 20_000;
/** So many look-ups run at once at most. */
const LOOKUPS = 8;
/** The start waits no longer, in milliseconds, for host names that do not resolve. */
const PATIENCE = 3_000;
/** A tool that has not answered after so long, in milliseconds, is ended. */
const TOOL_LIMIT = 10_000;
/** A longer list is a mistake. In bytes. */
const LARGEST_LIST = 4 * 1024 * 1024;

/** Gathers the facts, and keeps what it knew of those that cannot be had just now: protection does not lapse. */
export class HostFactsReader {
  readonly #lookUpName: typeof lookUp;
  readonly #lookedUp = new Map<string, readonly Host[]>();
  readonly #lists = new Map<string, { readonly mtime: number; readonly size: number }>();
  /** What is wrong with entries of `ignoreip`. */
  readonly #told = new Map<string, string>();
  #own: readonly Host[] = [];
  #gateways: readonly Host[] = [];
  #routesRead = -Infinity;
  #namesRead = -Infinity;
  #isResolving = false;
  #entries: readonly string[] = [];

  /** `lookUpName` asks for the addresses of a host name. */
  constructor(lookUpName = lookUp) {
    this.#lookUpName = lookUpName;
  }

  /** All that is known now. Host names of these jails that take long to resolve come with a later call. */
  async read(jails: readonly JailSettings[]): Promise<HostFacts> {
    const own = ownAddresses();
    const now = performance.now();
    if (now - this.#routesRead > ROUTES_LAST || own.join() !== this.#own.join()) {
      this.#routesRead = now;
      this.#gateways = await readGateways() ?? this.#gateways;
    }
    this.#own = own;
    await this.#lookUp(jails, now);
    return {
      own,
      gateways: this.#gateways,
      resolvers: readResolvers(),
      lookedUp: new Map(this.#lookedUp),
    };
  }

  async #lookUp(jails: readonly JailSettings[], now: number): Promise<void> {
    const entries = [...new Set(jails.flatMap(({ ignoreLookups }) => ignoreLookups))];
    const areNew = entries.some((entry) => !this.#entries.includes(entry));
    this.#entries = entries;
    for (const entry of this.#told.keys()) if (!entries.includes(entry)) this.#told.delete(entry);
    for (const entry of entries) if (isList(entry)) await this.#readList(entry);
    const names = entries.filter((entry) => !isList(entry));
    const lasts = names.some((name) => this.#told.has(name)) ? NAMES_MISSED : NAMES_LAST;
    if (!areNew && (this.#isResolving || now - this.#namesRead < lasts)) return;
    this.#namesRead = now;
    const all = this.#resolveAll(names);
    if (!areNew) return;
    const late = new AbortController();
    await Promise.race([all, wait(PATIENCE, late.signal)]);
    late.abort();
  }

  /** Asks for all of these names, and for some of them at once. */
  async #resolveAll(names: readonly string[]): Promise<void> {
    this.#isResolving = true;
    const waiting = names.values();
    const resolveNext = async () => {
      for (const name of waiting) await this.#resolve(name);
    };
    await Promise.all(Array.from({ length: LOOKUPS }, resolveNext));
    this.#isResolving = false;
  }

  async #resolve(name: string): Promise<void> {
    // Without getent(1), or the permission to run it as in a trial, names are not known.
    const hosts = await this.#lookUpName(name).catch(() => []);
    if (hosts.length > 0) this.#lookedUp.set(name, hosts);
    this.#tell(name, hosts.length > 0 ? null : `ignoreip: ${name} has no address just now`);
  }

  /** Reads a list anew where it has changed. */
  async #readList(entry: string): Promise<void> {
    const path = entry.slice("file:".length);
    try {
      const { mtime, size, isFile } = await Deno.stat(path);
      if (!isFile) throw new Error("it is no regular file");
      if (size > LARGEST_LIST) throw new Error(`it has ${size} bytes, more than ${LARGEST_LIST}`);
      const found = { mtime: mtime?.getTime() ?? 0, size };
      const known = this.#lists.get(entry);
      if (known?.mtime === found.mtime && known.size === found.size) return;
      const { hosts, wrong } = parseList(await Deno.readTextFile(path));
      this.#lists.set(entry, found);
      this.#lookedUp.set(entry, hosts);
      this.#tell(
        entry,
        wrong === undefined ? null : `ignoreip: ${path}:${wrong}: neither address nor network`,
      );
    } catch (error) {
      this.#tell(entry, `ignoreip: cannot read ${path}: ${(error as Error).message}`);
    }
  }

  /** What is wrong with entries of `ignoreip` now. */
  get problems(): readonly string[] {
    return [...this.#told.values()];
  }

  /** Says what is wrong once, until it is right again. */
  #tell(entry: string, problem: string | null): void {
    if (problem === null) this.#told.delete(entry);
    else if (!this.#told.has(entry)) {
      this.#told.set(entry, problem);
      log.warn(`${problem}; what was known of it goes on counting`);
    }
  }
}

/**
 * The hosts of the sessions that systemd-logind has open, by its own files, which only root can have it write
 * (sd-login(3) reads the same). Without logind none are known. utmp is not asked: any local user may have a line of his
 * choice put there.
 */
export function readSessions(folder = "/run/systemd/sessions"): readonly Host[] {
  const hosts = new Set<Host>();
  try {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile || !/^\w+$/.test(name)) continue;
      const text = readSmall(`${folder}/${name}`);
      // A session whose user has gone stays as "closing" while he left a program running.
      if (!/^STATE=(?:active|online)$/m.test(text)) continue;
      const host = parseAddress(/^REMOTE_HOST=(.+)$/m.exec(text)?.[1] ?? "");
      if (host !== undefined) hosts.add(host);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) log.debug(`${folder}: ${error}`);
  }
  return [...hosts];
}

/**
 * A file's text; empty where it cannot be read. Every ten seconds some hundred bytes are read from memory while others
 * wait. If they did not wait, Deno would start three threads for that each time.
 */
function readSmall(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

function isList(entry: string): boolean {
  return entry.startsWith("file:");
}

/** One address or network a line; `#` begins a remark. `wrong`: the first line that is none. */
function parseList(text: string): { hosts: readonly Host[]; wrong: number | undefined } {
  const hosts: Host[] = [];
  let wrong: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    for (const word of line.replace(/#.*/, "").split(/[\s,]+/).filter((word) => word !== "")) {
      const host = parseNetwork(word);
      if (host === undefined) wrong ??= index + 1;
      else hosts.push(host);
    }
  }
  return { hosts: [...new Set(hosts)], wrong };
}

/** The next hops of all default routes; undefined where ip(8) does not tell. /proc/net is closed to Deno's programs. */
async function readGateways(): Promise<readonly Host[] | undefined> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TOOL_LIMIT);
  try {
    const { success, stdout } = await new Deno.Command("/usr/bin/ip", {
      args: ["-oneline", "route", "show", "table", "all", "default"],
      clearEnv: true,
      // The folder that we were started in may be closed to us.
      cwd: "/",
      stdin: "null",
      stderr: "null",
      signal: limit.signal,
    }).output();
    if (!success) return undefined;
    const hops = new TextDecoder().decode(stdout).matchAll(/ via (?:inet6? )?(\S+)/g);
    const hosts = [...hops].map(([, hop]) => parseAddress(hop!));
    return [...new Set(hosts.filter((host) => host !== undefined))];
  } catch {
    // Without ip(8), or the permission to run it as in a trial, the gateways are not known.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The name servers of resolv.conf(5), and those that systemd-resolved asks behind its own. */
function readResolvers(): readonly Host[] {
  const texts = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"].map(readSmall);
  const servers = texts.join("\n").matchAll(/^\s*nameserver\s+(\S+)/gm);
  const hosts = [...servers].map(([, server]) => parseAddress(server!));
  return [...new Set(hosts.filter((host) => host !== undefined))];
}
