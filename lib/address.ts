/**
 * IP addresses and networks in the one spelling that banjo uses everywhere: IPv4 dotted decimal, IPv6 as
 * RFC 5952 asks. Whatever reaches a set, a file or a firewall has been through {@linkcode parseAddress}.
 */

/**
 * An address, or a network as `ADDRESS/LENGTH` with the host bits zero, in canonical spelling; or `id:TEXT`, something that
 * failures are counted of, but which is no address. The text of an id is hostile.
 */
export type Host = string;

/** An id as a host. */
export function idHost(text: string): Host {
  return `${ID}${text}`;
}

/** Whether a host is an address or a network, and no id: only these can be kept out. */
export function isAddress(host: Host): boolean {
  return !host.startsWith(ID);
}

const ID = "id:";

/**
 * Reads an address as logs write it: IPv4 (four decimal numbers, no leading zeros), IPv6 (RFC 4291), in brackets or
 * not, with a zone id or not (`fe80::1%eth0`; the zone is dropped). IPv4-mapped IPv6 becomes the IPv4 address that
 * it is. Anything else, a host name above all, is undefined.
 */
export function parseAddress(text: string): Host | undefined {
  if (readIPv4(text) >= 0) return text;
  const bare = bareAddress(text);
  if (bare.length < text.length && readIPv4(bare) >= 0) return bare;
  const groups = readIPv6(bare);
  if (groups === undefined) return undefined;
  return isMapped(groups) ? printIPv4(mappedIPv4(groups)) : printIPv6(groups, bare);
}

/**
 * Reads `ADDRESS`, `ADDRESS/LENGTH` or, for IPv4, `ADDRESS/NETMASK`. The bits behind the prefix are zeroed, and a
 * network of one address is that address. Undefined for anything else.
 */
export function parseNetwork(text: string): Host | undefined {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return parseAddress(text);
  const bare = bareAddress(text.slice(0, slash));
  const suffix = text.slice(slash + 1);

  const ipv4 = readIPv4(bare);
  if (ipv4 >= 0) {
    const length = readLength(suffix, 32) ?? readNetmask(suffix);
    return length === undefined ? undefined : printIPv4Network(ipv4, length);
  }
  const groups = readIPv6(bare);
  const length = readLength(suffix, 128);
  if (groups === undefined || length === undefined) return undefined;
  return isMapped(groups) && length >= 96
    ? printIPv4Network(mappedIPv4(groups), length - 96)
    : printIPv6Network(groups, length);
}

/**
 * The network of the given prefix length that a canonical host belongs to: the key by which it is counted and
 * banned. A host that is as wide already stays what it is, so 32 and 128 give the plain address.
 */
export function networkOf(host: Host, ipv4Prefix: number, ipv6Prefix: number): Host {
  const family = familyOf(host);
  const length = family === 4 ? ipv4Prefix : ipv6Prefix;
  const slash = host.indexOf("/");
  if (length >= (slash < 0 ? fullLength(family) : Number(host.slice(slash + 1)))) return host;
  const address = slash < 0 ? host : host.slice(0, slash);
  return family === 4
    ? printIPv4Network(readIPv4(address), length)
    : printIPv6Network(readIPv6(address)!, length);
}

/** A canonical host and all networks around it, the narrowest first; of an id, itself. */
export function networksAround(host: Host): Host[] {
  if (!isAddress(host)) return [host];
  const lengths = Array.from({ length: prefixLengthOf(host) + 1 }, (_, index) => index);
  return lengths.reverse().map((length) => networkOf(host, length, length));
}

/** Whether a canonical host is IPv4 or IPv6. */
export function familyOf(host: Host): 4 | 6 {
  return host.includes(":") ? 6 : 4;
}

/** How many leading bits a canonical host fixes: 32 or 128 for a single address. */
export function prefixLengthOf(host: Host): number {
  const slash = host.indexOf("/");
  return slash < 0 ? fullLength(familyOf(host)) : Number(host.slice(slash + 1));
}

/** Whether all of `host` lies in `network`; both canonical, each an address or a network. */
export function contains(network: Host, host: Host): boolean {
  if (familyOf(network) !== familyOf(host)) return false;
  const length = prefixLengthOf(network);
  return length <= prefixLengthOf(host) && networkOf(host, length, length) === network;
}

/**
 * A text by which canonical hosts sort: IPv4 before IPv6 before ids, addresses by number, a network before what lies in
 * it.
 */
export function sortKeyOf(host: Host): string {
  if (!isAddress(host)) return `9 ${host}`;
  const family = familyOf(host);
  const address = host.replace(/\/.*/, "");
  const groups = family === 4 ? address.split(".").map(Number) : readIPv6(address)!;
  const digits = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
  return `${family} ${digits}/${String(prefixLengthOf(host)).padStart(3, "0")}`;
}

/** An IPv4 address as a number from 0 to 2^32 - 1; -1 for anything else. */
export function ipv4Number(host: Host): number {
  return readIPv4(host);
}

/** The IPv4 address of which {@linkcode ipv4Number} gave that number. */
export function ipv4Text(number: number): Host {
  return printIPv4(number);
}

/**
 * Writes a canonical address or network as numbers into `words`, the first four, and gives what kind it is, which stands
 * for its family and prefix length: from 1 to 254. 0 for an id and whatever else is no such host.
 */
export function packHost(host: Host, words: Uint32Array): number {
  const slash = host.indexOf("/");
  const address = slash < 0 ? host : host.slice(0, slash);
  const ipv4 = readIPv4(address);
  if (ipv4 >= 0) {
    words[0] = ipv4;
    words[1] = words[2] = words[3] = 0;
    return slash < 0 ? IPV4 + 32 : kindOf(IPV4, 32, host.slice(slash + 1));
  }
  const groups = readIPv6(address);
  if (groups === undefined) return 0;
  for (let word = 0; word < 4; word++) {
    words[word] = groups[2 * word]! * 0x10000 + groups[2 * word + 1]!;
  }
  return slash < 0 ? IPV6 + 128 : kindOf(IPV6, 128, host.slice(slash + 1));
}

/** The host that {@linkcode packHost} wrote at that place of `words`, of that kind. */
export function unpackHost(kind: number, words: Uint32Array, at: number): Host {
  if (kind <= IPV4 + 32) return printIPv4Network(words[at]!, kind - IPV4);
  const groups: number[] = [];
  for (let word = at; word < at + 4; word++) {
    groups.push(words[word]! >>> 16, words[word]! & 0xffff);
  }
  return printIPv6Network(groups, kind - IPV6);
}

/** As {@linkcode contains}, of hosts that {@linkcode packHost} wrote: a hundredth of the time, for whoever asks of a million. */
export function containsPacked(
  network: Host,
): (kind: number, words: Uint32Array, at: number) => boolean {
  const first = new Uint32Array(4);
  const widest = packHost(network, first);
  const longest = widest <= IPV4 + 32 ? IPV4 + 32 : IPV6 + 128;
  const length = widest - (widest <= IPV4 + 32 ? IPV4 : IPV6);
  const masks = Uint32Array.from(first, (_, word) => {
    const bits = Math.min(Math.max(length - 32 * word, 0), 32);
    return bits === 0 ? 0 : -1 << (32 - bits);
  });
  return (kind, words, at) => {
    if (kind < widest || kind > longest) return false;
    for (let word = 0; word < 4; word++) {
      if ((words[at + word]! & masks[word]!) >>> 0 !== first[word]!) return false;
    }
    return true;
  };
}

/** What the prefix lengths are added to. */
const IPV4 = 1;
const IPV6 = 64;

function kindOf(family: number, longest: number, suffix: string): number {
  const length = readLength(suffix, longest);
  return length === undefined ? 0 : family + length;
}

function fullLength(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Takes off brackets, and the zone id of an IPv6 address. */
function bareAddress(text: string): string {
  const inner = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const zone = inner.indexOf("%");
  return zone > 0 && inner.includes(":") && ZONE.test(inner.slice(zone))
    ? inner.slice(0, zone)
    : inner;
}

/** What Linux takes as a name of an interface, or its number. */
const ZONE = /^%[\w.@~-]{1,15}$/;

/** The address as a number, -1 if the text is none. */
function readIPv4(text: string): number {
  if (text.length > 15) return -1;
  let address = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && part === 0) return -1;
      part = part * 10 + digit;
      if (part > 255) return -1;
      digits++;
    } else {
      if (digit !== DOT || digits === 0 || dots === 3) return -1;
      address = address * 256 + part;
      part = digits = 0;
      dots++;
    }
  }
  return dots === 3 && digits > 0 ? address * 256 + part : -1;
}

const ZERO = 0x30;
const DOT = 0x2e - ZERO;

/**
 * The eight groups of 16 bits, undefined if the text is no address. Character by character, like its printing: with
 * `split` and `join` an IPv6 address took longer than all the rest of its line.
 */
function readIPv6(text: string): number[] | undefined {
  if (text.length < 2 || text.length > 45) return undefined;
  const groups: number[] = [];
  /** How many groups stand before "::". */
  let gap = -1;
  let start = 0;
  for (let at = 0; at < text.length; start = ++at) {
    let value = 0;
    for (let digit; (digit = hexDigit(text.charCodeAt(at))) >= 0; at++) value = value * 16 + digit;
    if (at - start > 4) return undefined;
    if (text.charCodeAt(at) === DOT + ZERO) {
      // The last two groups may be written as an IPv4 address.
      const ipv4 = readIPv4(text.slice(start));
      if (ipv4 < 0) return undefined;
      groups.push(ipv4 >>> 16, ipv4 & 0xffff);
      break;
    }
    if (at > start) groups.push(value);
    if (at === text.length) break;
    if (text.charCodeAt(at) !== COLON) return undefined;
    if (text.charCodeAt(at + 1) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      at++;
    } else if (at === start || at === text.length - 1) {
      return undefined;
    }
  }
  if (gap < 0) return groups.length === 8 ? groups : undefined;
  const missing = 8 - groups.length;
  if (missing < 1) return undefined;
  groups.splice(gap, 0, ...ZEROS.slice(0, missing));
  return groups;
}

const ZEROS: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];
const COLON = 0x3a;

/** The value of a hexadecimal digit, -1 if it is none. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** `::ffff:0:0/96`, RFC 4291 2.5.5.2. */
function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff &&
    (groups[0]! | groups[1]! | groups[2]! | groups[3]! | groups[4]!) === 0;
}

function mappedIPv4(groups: readonly number[]): number {
  return groups[6]! * 0x10000 + groups[7]!;
}

function readLength(text: string, longest: number): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= longest ? Number(text) : undefined;
}

/** The length that a netmask such as `255.255.255.0` stands for. */
function readNetmask(text: string): number | undefined {
  const mask = readIPv4(text);
  if (mask < 0) return undefined;
  const length = 32 - Math.log2(2 ** 32 - mask);
  return Number.isInteger(length) ? length : undefined;
}

function printIPv4(address: number): Host {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function printIPv4Network(address: number, length: number): Host {
  const size = 2 ** (32 - length);
  const network = printIPv4(address - address % size);
  return length === 32 ? network : `${network}/${length}`;
}

function printIPv6Network(groups: readonly number[], length: number): Host {
  const network = groups.map((group, index) => {
    const fixed = Math.min(Math.max(length - index * 16, 0), 16);
    return group & (0xffff << (16 - fixed)) & 0xffff;
  });
  return length === 128 ? printIPv6(network) : `${printIPv6(network)}/${length}`;
}

/**
 * RFC 5952: lower case, no leading zeros, `::` for the first longest run of two or more zero groups. `text`: how it was
 * written, which is given back where it is so already, as it mostly is.
 */
function printIPv6(groups: readonly number[], text?: string): Host {
  let start = 0;
  let longest = 1;
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > longest) {
      start = from;
      longest = to - from;
    }
    if (to > from) from = to;
  }
  const gap = longest === 1 ? 8 : start;
  if (text !== undefined && isSpelled(text, groups, gap, longest)) return text;
  const hex = groups.map((group) => group.toString(16));
  if (gap === 8) return hex.join(":");
  return `${hex.slice(0, gap).join(":")}::${hex.slice(gap + longest).join(":")}`;
}

/** Whether a text is these groups in lower case, without leading zeros, and with `::` for `length` of them from `gap` on. */
function isSpelled(text: string, groups: readonly number[], gap: number, length: number): boolean {
  let at = 0;
  for (let index = 0; index < 8; index++) {
    if (index === gap) {
      if (!text.startsWith("::", at)) return false;
      at += 2;
      index += length - 1;
      continue;
    }
    if (index > 0 && index !== gap + length && text.charCodeAt(at++) !== COLON) return false;
    const group = groups[index]!;
    let shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0;
    for (; shift >= 0; shift -= 4) {
      const digit = (group >> shift) & 15;
      if (text.charCodeAt(at++) !== (digit < 10 ? ZERO : 0x57) + digit) return false;
    }
  }
  return at === text.length;
}
