/**
 * The text that nft reads. nft parses whatever it is given and would resolve names, so every word that comes from
 * outside is checked here once more: jail names, ports, and hosts, which must be canonical addresses.
 *
 * A jail has one set for each address family and prefix length; `ban6-sshd/64` holds first addresses of /64 networks,
 * and its rule masks a packet's address before looking it up. Rules count what they stop; elements do not, for to read
 * one element's counter nft reads the whole set. Sets with `flags interval` would take ranges as they
 * are, but nft reads all elements of such a set back before each change.
 */
import { familyOf, parseNetwork, prefixLengthOf } from "../address.ts";
import { type Change, FirewallError, type Rule, type Target } from "./firewall.ts";
import { portRanges, printRange } from "./ports.ts";

/** The table of the family `inet` that holds all that is banjo's. */
export const table = "banjo";

/**
 * What the chain and the sets have behind their names. Many bans are put in force anew beside those that are, in parts, and
 * the others are taken away when that is done: so there are two names for each.
 */
const editions = ["", ".2"] as const;
/** One of them. */
export type Edition = typeof editions[number];

/** Only packets that come in are judged: below destination NAT (-100), so that a published port has its public number. */
const chain = "banned";

/**
 * A set that is always empty. Each of our transactions puts an element in and takes it out again, by which
 * `nft monitor` shows whose it was.
 */
export const ownMark = "ours";

const MARK = [
  `add element inet ${table} ${ownMark} { 1 }`,
  `delete element inet ${table} ${ownMark} { 1 }`,
];

/** Commands for one transaction of nft, and the sets that exist after it. */
export interface Transaction {
  readonly text: string;
  readonly sets: ReadonlySet<string>;
}

/** Replaces the whole table, at once. */
export function replaceTable(
  targets: readonly Target[],
  rules: readonly Rule[],
  now: number,
): Transaction {
  const edition = addEdition("", targets, rules, now);
  return { ...edition, text: `${removeTable().join("\n")}\n${edition.text}` };
}

/** Puts bans in force beside those that are. */
export function addEdition(
  edition: Edition,
  targets: readonly Target[],
  rules: readonly Rule[],
  now: number,
): Transaction {
  const jails = new Map(targets.map((target) => [target.jail, target]));
  const lines = [
    `add table inet ${table}`,
    addChain(edition),
    `add set inet ${table} ${ownMark} { type mark; }`,
    ...MARK,
  ];
  const sets = new Set<string>();
  for (const target of targets) {
    for (const set of usualSets(target)) lines.push(...addSet(set, target, sets, edition));
  }
  const members = new Members(now, edition);
  for (const rule of rules) members.add(rule, true);
  for (const { name, jail, set, wanted } of members.sets) {
    if (wanted.size === 0) continue;
    lines.push(...addSet(set, targetOf(jails, jail), sets, edition));
    lines.push(...elements("add", name, withTimeouts(wanted, now)));
  }
  return { text: lines.join("\n") + "\n", sets };
}

/** What there is of one edition, all of it in force. */
export interface Standing {
  readonly edition: Edition;
  readonly sets: ReadonlySet<string>;
}

/** Which edition a table is of; undefined where it holds anything else as well. `structure`: as nft lists it, without elements. */
export function parseStructure(structure: string): Standing | undefined {
  const objects = [...structure.matchAll(/^\t(\w+) (\S+) \{$/gm)]
    .map(([, kind, name]) => `${kind} ${name}`).filter((object) => object !== `set ${ownMark}`);
  const edition = editions.find((edition) => objects.includes(`chain ${chain}${edition}`));
  const sets = objects.filter((object) => object !== `chain ${chain}${edition}`)
    .map((object) => object.replace(/^set /, ""));
  const areOurs = sets.every((name) => parseSetName(name)?.edition === edition);
  return edition === undefined || !areOurs ? undefined : { edition, sets: new Set(sets) };
}

/** Takes an edition away, when another is in force. */
export function removeEdition({ edition, sets }: Standing): string {
  const lines = [
    `flush chain inet ${table} ${chain}${edition}`,
    `delete chain inet ${table} ${chain}${edition}`,
    ...Array.from(sets, (set) => `delete set inet ${table} ${set}`),
    ...MARK,
  ];
  return lines.join("\n") + "\n";
}

/**
 * Puts bans in force and takes others away, given the sets that exist; the last change of a host counts.
 *
 * `create` fails as a whole where an element is there already. `replace` adds an element, deletes it and adds it again:
 * the delete cannot fail, and older kernels keep an existing element's timeout when it is added anew. Nearly every ban
 * is of a host that is not there, and `create` takes nft half the time and `nft monitor` a third.
 */
export function changeElements(
  jails: ReadonlyMap<string, Target>,
  existing: ReadonlySet<string>,
  changes: readonly Change[],
  now: number,
  way: "create" | "replace",
  edition: Edition = "",
): Transaction {
  const lines: string[] = [];
  const sets = new Set(existing);
  const members = new Members(now, edition);
  for (const { kind, rule } of changes) members.add(rule, kind === "ban");
  for (const { name, jail, set, wanted, unwanted } of members.sets) {
    if (wanted.size > 0) {
      lines.push(...addSet(set, targetOf(jails, jail), sets, edition));
      if (way === "replace") lines.push(...clear(name, [...wanted.keys()]));
      const verb = way === "create" ? "create" : "add";
      lines.push(...elements(verb, name, withTimeouts(wanted, now)));
    }
    if (unwanted.size > 0 && sets.has(name)) lines.push(...clear(name, [...unwanted]));
  }
  if (lines.length > 0) lines.push(...MARK);
  return { text: lines.map((line) => line + "\n").join(""), sets };
}

/** The set that a ban is kept in, and a command that fails if the set holds it already. */
export function createElement(
  rule: Rule,
  edition: Edition,
): { readonly set: string; readonly text: string } {
  const members = new Members(-Infinity, edition);
  members.add(rule, true);
  const [{ name, wanted }] = [...members.sets] as [SetMembers];
  return { set: name, text: elements("create", name, [...wanted.keys()]) + "\n" };
}

/** Takes the table away, whether or not it is there. */
export function removeTable(): readonly string[] {
  return [`add table inet ${table}`, `delete table inet ${table}`];
}

/** A set's jail, family and prefix length out of its name; undefined for a set that is not banjo's. */
export function parseSetName(
  name: string,
): BanSet & { readonly jail: string; readonly edition: Edition } | undefined {
  const [, family, jail, length, edition] =
    /^ban([46])-([A-Za-z0-9_-]{1,64})\/(\d{1,3})(\.2)?$/.exec(name) ?? [];
  if (jail === undefined) return undefined;
  return {
    jail,
    family: family === "4" ? 4 : 6,
    length: Number(length),
    edition: edition === undefined ? "" : ".2",
  };
}

/** Which hosts a set holds. */
export interface BanSet {
  readonly family: 4 | 6;
  readonly length: number;
}

/** What is to be in a set and what not. A set holds addresses alone; of each, the time when its ban ends. */
interface SetMembers {
  readonly name: string;
  readonly jail: string;
  readonly set: BanSet;
  readonly wanted: Map<string, number | null>;
  readonly unwanted: Set<string>;
}

/** Sorts rules into sets; the last one of a host counts. One that is over takes the host out, for it may shorten one. */
class Members {
  readonly #sets = new Map<string, SetMembers>();
  readonly #now: number;
  readonly #edition: Edition;
  /** Mostly the next rule goes where the last one went: a set's name is made and checked once in a while. */
  #last: SetMembers | undefined;

  constructor(now: number, edition: Edition) {
    this.#now = now;
    this.#edition = edition;
  }

  get sets(): Iterable<SetMembers> {
    return this.#sets.values();
  }

  /** @throws {FirewallError} where the host is not in canonical spelling. */
  add({ jail, host, until }: Rule, isWanted: boolean): void {
    if (parseNetwork(host) !== host) {
      throw new FirewallError(
        `Cannot ban ${JSON.stringify(host)}: it is no address in canonical spelling`,
      );
    }
    const slash = host.indexOf("/");
    const address = slash < 0 ? host : host.slice(0, slash);
    const { wanted, unwanted } = this.#setOf(jail, familyOf(host), prefixLengthOf(host));
    if (isWanted && (until === null || until > this.#now)) {
      wanted.set(address, until);
      unwanted.delete(address);
    } else {
      wanted.delete(address);
      unwanted.add(address);
    }
  }

  #setOf(jail: string, family: 4 | 6, length: number): SetMembers {
    const last = this.#last;
    if (last?.jail === jail && last.set.family === family && last.set.length === length) {
      return last;
    }
    const set = { family, length };
    const name = setName(jail, set, this.#edition);
    let members = this.#sets.get(name);
    if (members === undefined) {
      members = { name, jail, set, wanted: new Map(), unwanted: new Set() };
      this.#sets.set(name, members);
    }
    return this.#last = members;
  }
}

/** nft takes no number of seconds above 2^31 and kernels differ beyond: a ban of a century is one for ever. */
const CENTURY = 36_500 * 86_400;
const ELEMENTS_A_LINE = 1000;

function usualSets(target: Target): readonly BanSet[] {
  return [{ family: 4, length: target.ipv4Prefix }, { family: 6, length: target.ipv6Prefix }];
}

function addChain(edition: Edition): string {
  return `add chain inet ${table} ${chain}${edition} { type filter hook prerouting priority -150; policy accept; }`;
}

function addSet(
  set: BanSet,
  target: Target,
  sets: Set<string>,
  edition: Edition,
): readonly string[] {
  const name = setName(target.jail, set, edition);
  if (sets.has(name)) return [];
  sets.add(name);
  const type = set.family === 4 ? "ipv4_addr" : "ipv6_addr";
  return [
    `add set inet ${table} ${name} { type ${type}; flags timeout; }`,
    `add rule inet ${table} ${chain}${edition} ${sourceOf(set)} @${name}${
      traffic(target)
    } counter drop`,
  ];
}

function setName(jail: string, { family, length }: BanSet, edition: Edition): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(jail)) {
    throw new FirewallError(`Cannot name a set: received the jail name ${JSON.stringify(jail)}`);
  }
  return `ban${family}-${jail}/${length}${edition}`;
}

/** A packet's source, by the network of a set's prefix length that it is in: what is looked up in the set. */
export function sourceOf(set: BanSet): string {
  return `${set.family === 4 ? "ip" : "ip6"} saddr${mask(set)}`;
}

function mask({ family, length }: BanSet): string {
  const bits = family === 4 ? 32 : 128;
  if (!Number.isInteger(length) || length < 1 || length > bits) {
    throw new FirewallError(
      `Cannot ban IPv${family} networks by a prefix of ${length} bits: expected 1 to ${bits}`,
    );
  }
  if (length === bits) return "";
  const ones = "1".repeat(length).padEnd(bits, "0");
  const mask = family === 4
    ? ones.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)).join(".")
    : ones.match(/.{16}/g)!.map((group) => parseInt(group, 2).toString(16)).join(":");
  return ` & ${mask}`;
}

function traffic({ ports, protocol }: Target): string {
  const protocols = protocol === "all" ? "{ tcp, udp }" : protocol;
  if (ports.length > 0) {
    const ranges = portRanges(ports).map((range) => printRange(range)).join(", ");
    return ` meta l4proto ${protocols} th dport { ${ranges} }`;
  }
  return protocol === "all" ? "" : ` meta l4proto ${protocols}`;
}

function targetOf(jails: ReadonlyMap<string, Target>, jail: string): Target {
  const target = jails.get(jail);
  if (target !== undefined) return target;
  throw new FirewallError(
    `Cannot ban for the jail ${JSON.stringify(jail)}: the firewall knows no such jail`,
  );
}

function clear(set: string, addresses: readonly string[]): readonly string[] {
  return [...elements("add", set, addresses), ...elements("delete", set, addresses)];
}

/** Commands about elements of a set. Statements of limited length, since nft quotes the whole line of each mistake. */
export function elements(
  verb: "add" | "create" | "delete",
  set: string,
  elements: readonly string[],
  ofTable = table,
): readonly string[] {
  const lines: string[] = [];
  for (let i = 0; i < elements.length; i += ELEMENTS_A_LINE) {
    const some = elements.slice(i, i + ELEMENTS_A_LINE).join(", ");
    lines.push(`${verb} element inet ${ofTable} ${set} { ${some} }`);
  }
  return lines;
}

function withTimeouts(wanted: ReadonlyMap<string, number | null>, now: number): readonly string[] {
  return Array.from(wanted, ([address, until]) => `${address}${timeout(until, now)}`);
}

function timeout(until: number | null, now: number): string {
  if (until === null) return "";
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds >= CENTURY) return "";
  return ` timeout ${Math.floor(seconds / 86_400)}d${seconds % 86_400}s`;
}
