import { nearest } from "../nearest.ts";

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a port as people write it: `22`, `6000-6010` or `6000:6010`, or a service's name. Gives a number or
 * `FIRST-LAST`, the only spellings that reach a firewall.
 *
 * @throws {RangeError} if it is none of these; for a name with the nearest known one.
 */
export function parsePort(text: string): string {
  if (/^\d/.test(text)) return printRange(readRange(text));
  const port = services().get(text);
  if (port !== undefined) return String(port);
  const known = nearest(text, [...services().keys()]);
  throw new RangeError(
    `Cannot read port ${JSON.stringify(text)}: no service has this name` +
      (known === undefined ? "" : `: did you mean ${JSON.stringify(known)}?`),
  );
}

/**
 * The ranges that these ports cover, sorted and without overlaps, which nft would refuse.
 *
 * @throws {RangeError} if one is not a number or `FIRST-LAST`.
 */
export function portRanges(ports: readonly string[]): readonly PortRange[] {
  const ranges = ports.map(readRange).sort((a, b) => a.first - b.first);
  const merged: PortRange[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last) merged.push(range);
    else merged[merged.length - 1] = { ...before, last: Math.max(before.last, range.last) };
  }
  return merged;
}

/** A range as nft writes it; ufw wants `:` between the ends. */
export function printRange({ first, last }: PortRange, between = "-"): string {
  return first === last ? String(first) : `${first}${between}${last}`;
}

function readRange(text: string): PortRange {
  const [, first, last = first] = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (range.first >= 1 && range.first <= range.last && range.last <= 65535) return range;
  throw new RangeError(
    `Cannot read port ${
      JSON.stringify(text)
    }: expected a number from 1 to 65535, a range like 6000-6010, or a name`,
  );
}

let known: ReadonlyMap<string, number> | undefined;

function services(): ReadonlyMap<string, number> {
  return known ??= new Map([...COMMON, ...readServices()]);
}

/** Names and aliases in /etc/services (services(5)); where a name has several ports, the first. */
function readServices(): ReadonlyMap<string, number> {
  const services = new Map<string, number>();
  for (const line of servicesFile().split("\n")) {
    const [name, port, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const number = parseInt(port ?? "");
    if (name === undefined || !(number > 0)) continue;
    for (const each of [name, ...aliases]) if (!services.has(each)) services.set(each, number);
  }
  return services;
}

function servicesFile(): string {
  try {
    return Deno.readTextFileSync("/etc/services");
  } catch (error) {
    // Small images have no /etc/services; the names of the shipped jails must be known there too.
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The IANA's numbers for what servers commonly offer. */
const COMMON: readonly (readonly [string, number])[] = [
  ["ftp", 21],
  ["ssh", 22],
  ["telnet", 23],
  ["smtp", 25],
  ["domain", 53],
  ["http", 80],
  ["pop3", 110],
  ["imap2", 143],
  ["imap", 143],
  ["https", 443],
  ["submissions", 465],
  ["submission", 587],
  ["imaps", 993],
  ["pop3s", 995],
  ["mysql", 3306],
  ["postgresql", 5432],
  ["http-alt", 8080],
];
