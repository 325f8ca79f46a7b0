/**
 * The text that nft reads. nft parses whatever it is given and would resolve names, so every word that comes from
 * outside is checked here once more: jail names, ports, and hosts, which must be canonical addresses.
 *
 * A jail has one set for each address family and prefix length; `ban6-sshd/64` holds first addresses of /64 networks,
 * and its rule masks a packet's address before looking it up. Sets with `flags interval` would take ranges as they
 * are, but nft reads all elements of such a set back before each change.
 */
import { familyOf, type Host, parseNetwork, prefixLengthOf } from "../address.ts";
import { lastOfEach } from "./changes.ts";
import { FirewallError, type Rule, type Target } from "./firewall.ts";
import { portRanges, printRange } from "./ports.ts";

/** The table of the family `inet` that holds all that is banjo's. */
export const table = "banjo";

/** Only packets that come in are judged: below destination NAT (-100), so that a published port has its public number. */
export const chain = "banned";

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
  const jails = new Map(targets.map((target) => [target.jail, target]));
  const lines = [
    ...removeTable(),
    `add table inet ${table}`,
    addChain(),
    `add set inet ${table} ${ownMark} { type mark; }`,
    ...MARK,
  ];
  const sets = new Set<string>();
  for (const target of targets) {
    for (const set of usualSets(target)) lines.push(...addSet(set, target, sets));
  }
  const inForce = lastOfEach(rules).filter((rule) => !isOver(rule, now));
  for (const [name, members] of bySet(inForce)) {
    const { jail, set } = members[0]!;
    lines.push(...addSet(set, targetOf(jails, jail), sets));
    lines.push(...elements("add", name, members.map((member) => withTimeout(member, now))));
  }
  return { text: lines.join("\n") + "\n", sets };
}

/**
 * Puts bans in force and takes others away, given the sets that exist.
 *
 * An element is added, deleted and added again: the delete cannot fail, and older kernels keep an existing element's
 * timeout when it is added anew. A ban that is over already is taken away, for it may shorten one in force.
 */
export function changeElements(
  jails: ReadonlyMap<string, Target>,
  existing: ReadonlySet<string>,
  wanted: readonly Rule[],
  unwanted: readonly Rule[],
  now: number,
): Transaction {
  const lines: string[] = [];
  const sets = new Set(existing);
  const inForce = wanted.filter((rule) => !isOver(rule, now));
  for (const [name, members] of bySet(inForce)) {
    const { jail, set } = members[0]!;
    lines.push(...addSet(set, targetOf(jails, jail), sets));
    lines.push(...clear(name, members));
    lines.push(...elements("add", name, members.map((member) => withTimeout(member, now))));
  }
  const gone = [...unwanted, ...wanted.filter((rule) => isOver(rule, now))];
  for (const [name, members] of bySet(gone)) {
    if (sets.has(name)) lines.push(...clear(name, members));
  }
  if (lines.length > 0) lines.push(...MARK);
  return { text: lines.map((line) => line + "\n").join(""), sets };
}

/** Takes the table away, whether or not it is there. */
export function removeTable(): readonly string[] {
  return [`add table inet ${table}`, `delete table inet ${table}`];
}

/** A set's jail, family and prefix length out of its name; undefined for a set that is not banjo's. */
export function parseSetName(name: string): BanSet & { readonly jail: string } | undefined {
  const [, family, jail, length] = /^ban([46])-([A-Za-z0-9_-]{1,64})\/(\d{1,3})$/.exec(name) ?? [];
  if (jail === undefined) return undefined;
  return { jail, family: family === "4" ? 4 : 6, length: Number(length) };
}

interface BanSet {
  readonly family: 4 | 6;
  readonly length: number;
}

interface Member {
  readonly jail: string;
  readonly set: BanSet;
  /** What the set holds: the address alone. */
  readonly key: string;
  readonly until: number | null;
}

/** nft takes no number of seconds above 2^31 and kernels differ beyond: a ban of a century is one for ever. */
const CENTURY = 36_500 * 86_400;
const ELEMENTS_A_LINE = 1000;

function usualSets(target: Target): readonly BanSet[] {
  return [{ family: 4, length: target.ipv4Prefix }, { family: 6, length: target.ipv6Prefix }];
}

function addChain(): string {
  return `add chain inet ${table} ${chain} { type filter hook prerouting priority -150; policy accept; }`;
}

function addSet(set: BanSet, target: Target, sets: Set<string>): readonly string[] {
  const name = setName(target.jail, set);
  if (sets.has(name)) return [];
  sets.add(name);
  const [type, source] = set.family === 4 ? ["ipv4_addr", "ip saddr"] : ["ipv6_addr", "ip6 saddr"];
  return [
    `add set inet ${table} ${name} { type ${type}; flags timeout; }`,
    `add rule inet ${table} ${chain} ${source}${mask(set)} @${name}${traffic(target)} drop`,
  ];
}

function setName(jail: string, { family, length }: BanSet): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(jail)) {
    throw new FirewallError(`Cannot name a set: received the jail name ${JSON.stringify(jail)}`);
  }
  return `ban${family}-${jail}/${length}`;
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

function bySet(rules: readonly Rule[]): ReadonlyMap<string, readonly Member[]> {
  const members = rules.map(memberOf);
  return Map.groupBy(members, ({ jail, set }) => setName(jail, set));
}

function memberOf({ jail, host, until }: Rule): Member {
  if (parseNetwork(host) !== host) {
    throw new FirewallError(
      `Cannot ban ${JSON.stringify(host)}: it is no address in canonical spelling`,
    );
  }
  const set = { family: familyOf(host), length: prefixLengthOf(host) };
  return { jail, set, key: addressOf(host), until };
}

function addressOf(host: Host): string {
  return host.replace(/\/.*/, "");
}

function targetOf(jails: ReadonlyMap<string, Target>, jail: string): Target {
  const target = jails.get(jail);
  if (target !== undefined) return target;
  throw new FirewallError(
    `Cannot ban for the jail ${JSON.stringify(jail)}: the firewall knows no such jail`,
  );
}

function clear(set: string, members: readonly Member[]): readonly string[] {
  const keys = members.map(({ key }) => key);
  return [...elements("add", set, keys), ...elements("delete", set, keys)];
}

/** Statements of limited length, since nft quotes the whole line of each mistake. */
function elements(
  verb: "add" | "delete",
  set: string,
  elements: readonly string[],
): readonly string[] {
  const lines: string[] = [];
  for (let i = 0; i < elements.length; i += ELEMENTS_A_LINE) {
    const some = elements.slice(i, i + ELEMENTS_A_LINE).join(", ");
    lines.push(`${verb} element inet ${table} ${set} { ${some} }`);
  }
  return lines;
}

function withTimeout({ key, until }: Member, now: number): string {
  if (until === null) return key;
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds >= CENTURY) return key;
  return `${key} timeout ${Math.floor(seconds / 86_400)}d${seconds % 86_400}s`;
}

function isOver({ until }: Rule, now: number): boolean {
  return until !== null && until <= now;
}
