/** Host names from logs, resolved where a jail says `usedns = true`. */
import { type Host, parseAddress } from "../address.ts";
import { isHostName } from "../host_name.ts";
import { ownCopy } from "../own_copy.ts";

/** A name is asked for again after so long, in milliseconds. */
const MEMORY = 300_000;
/** So many names are remembered at most: an attacker chooses them. */
const MOST = 10_000;
/** So many lookups run at once at most; a name beyond is not resolved. */
const LOOKUPS = 8;

/** Resolves host names as the system does, remembering the answers for a while. */
export class NameResolver {
  readonly #known = new Map<string, { readonly time: number; readonly hosts: Promise<Host[]> }>();
  #running = 0;

  /** The addresses of `name`, canonical; empty where it has none, is no host name, or too many are being asked for. */
  resolve(name: string, now: number): Promise<readonly Host[]> {
    if (!isHostName(name)) return Promise.resolve([]);
    const known = this.#known.get(name);
    if (known !== undefined && now - known.time < MEMORY) return known.hosts;
    if (this.#running >= LOOKUPS) return Promise.resolve([]);
    this.#running++;
    const hosts = lookUp(name).finally(() => this.#running--);
    this.#known.delete(name);
    this.#known.set(ownCopy(name), { time: now, hosts });
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value!);
    return hosts;
  }
}

/** A look-up that takes longer, in milliseconds, is given up: longer than three tries of a resolver of 5 s each. */
const PATIENCE = 20_000;

/**
 * The addresses of a name, canonical; none where it has none or nobody answers in time. getent(1) asks what
 * nsswitch.conf names, and needs no network permission of ours.
 */
export async function lookUp(name: string): Promise<Host[]> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  const { stdout } = await new Deno.Command("/usr/bin/getent", {
    signal: limit.signal,
    args: ["ahosts", name],
    clearEnv: true,
    // The folder that we were started in may be closed to us.
    cwd: "/",
    stdin: "null",
    stderr: "null",
  }).output().finally(() => clearTimeout(timer));
  const words = new TextDecoder().decode(stdout).split("\n").map((line) => line.split(/\s/)[0]!);
  const hosts = words.map((word) => parseAddress(word)).filter((host) => host !== undefined);
  return [...new Set(hosts)];
}
