/**
 * Published lists in nftables: a table of their own, `inet banjo-lists`, so that bans and lists do not wait for each other.
 *
 * As with bans, a list has a plain set for each family and prefix length, and no interval set: beside one of a hundred
 * thousand elements nft takes a second for each single ban. A rule in front lets those through who are never banned.
 */
import { familyOf, type Host, parseNetwork, prefixLengthOf } from "../address.ts";
import { type Counter, countersBy } from "./counters.ts";
import { FirewallError } from "./firewall.ts";
import { type BanSet, elements, sourceOf } from "./ruleset.ts";
import { findTool, quote, runTool, type ToolResult } from "./tool.ts";

const table = "banjo-lists";
const chain = "listed";

/** What the rules of a list have stopped. */
export interface ListCount extends Counter {
  readonly list: string;
}

/** Keeps lists in the kernel. Every call may throw {@linkcode FirewallError}; none runs beside another. */
export class ListTable {
  readonly #command: readonly string[] | undefined;
  /** The sets of those who are let through. */
  #spared: ReadonlySet<string> = new Set();
  #structure: string | undefined;

  /** `command`: nft with its leading arguments; by default it is looked for. */
  constructor(command?: readonly string[]) {
    this.#command = command;
  }

  /** Puts exactly these lists in force, by name, and lets the spared through, at once and without a gap. */
  async put(lists: ReadonlyMap<string, readonly Host[]>, spared: readonly Host[]): Promise<void> {
    const lines = [
      ...REMOVE,
      `add table inet ${table}`,
      `add chain inet ${table} ${chain} { type filter hook prerouting priority -149; policy accept; }`,
    ];
    const sparedSets = group("spared", spared);
    for (const set of sparedSets) lines.push(...addSet(set, "accept"));
    for (const [name, hosts] of lists) {
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
        throw new FirewallError(`Cannot name a set: ${name}`);
      }
      for (const set of group(`list-${name}`, hosts)) lines.push(...addSet(set, "counter drop"));
    }
    await this.#commit("put the lists in force", lines);
    this.#spared = new Set(sparedSets.map(({ name }) => name));
    this.#structure = await this.#readStructure();
  }

  /** Lets these through and no others; false where that takes a new {@linkcode put}. */
  async spare(spared: readonly Host[]): Promise<boolean> {
    const sets = group("spared", spared);
    if (sets.some(({ name }) => !this.#spared.has(name))) return false;
    const lines = [
      ...[...this.#spared].map((name) => `flush set inet ${table} ${name}`),
      ...sets.flatMap(({ name, addresses }) => elements("add", name, addresses, table)),
    ];
    await this.#commit("let those through who are never banned", lines);
    return true;
  }

  /** Whether the table still stands, elements apart. Takes as long for many as for few. */
  async isIntact(): Promise<boolean> {
    return this.#structure !== undefined && await this.#readStructure() === this.#structure;
  }

  /** What each list has stopped since it was put in force. */
  async counts(): Promise<readonly ListCount[]> {
    const { code, stdout } = await this.#nft(["-j", "-t", "list", "table", "inet", table]);
    if (code !== 0) return [];
    const counters = countersBy(stdout, table, (set) => /^list-(.+)-ipv[46]\/\d+$/.exec(set)?.[1]);
    return Array.from(counters, ([list, counter]) => ({ list, ...counter }));
  }

  /** Takes all lists away. */
  async remove(): Promise<void> {
    await this.#commit("take the lists away", REMOVE);
    this.#structure = undefined;
  }

  async #commit(purpose: string, lines: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#nft(["-f", "-"], `${lines.join("\n")}\n`);
    if (code === 0) return;
    throw new FirewallError(`Cannot ${purpose}: nft says: ${quote(stderr.split("\n", 1)[0]!)}`);
  }

  async #readStructure(): Promise<string | undefined> {
    const { code, stdout } = await this.#nft(["-s", "-t", "list", "table", "inet", table]);
    return code === 0 ? stdout : undefined;
  }

  #nft(args: readonly string[], input?: string): Promise<ToolResult> {
    return runTool([...this.#command ?? [findTool("nft")], ...args], input);
  }
}

const REMOVE = [`add table inet ${table}`, `delete table inet ${table}`];

/** A set with what is in it. */
interface Filled {
  readonly name: string;
  readonly set: BanSet;
  readonly addresses: readonly string[];
}

/** Sorts hosts into sets by family and prefix length. @throws {FirewallError} where one is not in canonical spelling. */
function group(prefix: string, hosts: readonly Host[]): readonly Filled[] {
  const sets = new Map<string, { set: BanSet; addresses: string[] }>();
  for (const host of hosts) {
    if (parseNetwork(host) !== host) {
      throw new FirewallError(`Cannot list ${JSON.stringify(host)}: it is no canonical address`);
    }
    const set = { family: familyOf(host), length: prefixLengthOf(host) };
    const name = `${prefix}-ipv${set.family}/${set.length}`;
    const filled = sets.get(name) ?? { set, addresses: [] };
    filled.addresses.push(host.split("/", 1)[0]!);
    sets.set(name, filled);
  }
  return [...sets].map(([name, filled]) => ({ name, ...filled }));
}

function addSet({ name, set, addresses }: Filled, verdict: string): readonly string[] {
  return [
    `add set inet ${table} ${name} { type ipv${set.family}_addr; }`,
    `add rule inet ${table} ${chain} ${sourceOf(set)} @${name} ${verdict}`,
    ...elements("add", name, addresses, table),
  ];
}
