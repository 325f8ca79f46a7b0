/** A published list as text. Pure: what somebody else publishes is checked before it closes anything. */
import { contains, familyOf, type Host, parseNetwork, prefixLengthOf } from "../address.ts";
import { NetworkSet } from "../network_set.ts";

/** A larger list is a mistake: half a million networks have eight megabytes. In bytes. */
export const LARGEST_LIST = 16 << 20;
/** The kernel needs about 100 bytes for each. */
const MOST_HOSTS = 500_000;
/** Nothing wider is taken. The widest networks that lists of hijacked ones have had are these. */
const WIDEST = { 4: 8, 6: 16 } as const;

/** What a list comes to. */
export interface ParsedList {
  /** Addresses and networks, canonical, each once. */
  readonly hosts: readonly Host[];
  /** Left out: wider than any network that a list should have, and in or around private and local ones. */
  readonly tooWide: number;
  readonly reserved: number;
}

/**
 * Reads a list: an address or network at the beginning of each line, and whatever a blank, a comma, `;` or `#` parts from it;
 * lines that begin with `#`, `;` or `//` are remarks.
 *
 * @throws {SyntaxError} where it has no address, too many, or a line that is none: a page that says "not found" is no list.
 */
export function parseList(text: string): ParsedList {
  const hosts = new Set<Host>();
  let tooWide = 0;
  let reserved = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const word = /^\s*([^\s,;#]*)/.exec(line)![1]!;
    if (word === "" || word.startsWith("//")) continue;
    const host = parseNetwork(word);
    if (host === undefined) {
      const shown = JSON.stringify(word.slice(0, 40));
      throw new SyntaxError(`line ${index + 1} begins with no address or network: ${shown}`);
    }
    if (prefixLengthOf(host) < WIDEST[familyOf(host)]) tooWide++;
    else if (isReserved(host)) reserved++;
    else hosts.add(host);
    if (hosts.size > MOST_HOSTS) throw new SyntaxError(`it has more than ${MOST_HOSTS} addresses`);
  }
  if (hosts.size === 0) throw new SyntaxError("there is no address in it");
  return { hosts: [...hosts], tooWide, reserved };
}

/** Loopback, private, link-local and the like (RFC 6890): whoever blocks these blocks himself. */
const RESERVED: readonly Host[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
  "::/96",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];
const reservedNetworks = new NetworkSet(RESERVED);

function isReserved(host: Host): boolean {
  return reservedNetworks.find(host) !== undefined ||
    (host.includes("/") && RESERVED.some((network) => contains(host, network)));
}
