import {
  familyOf,
  type Host,
  ipv4Number,
  isAddress,
  networkOf,
  prefixLengthOf,
} from "./address.ts";

/** A set of addresses and networks. A look-up takes one step for each prefix length in it, however large it is. */
export class NetworkSet {
  /** All but IPv4. */
  readonly #hosts = new Set<Host>();
  /** The prefix lengths of the IPv6 networks in the set. */
  readonly #lengths = new Set<number>();
  /**
   * IPv4: for each size, the smallest first, by their first addresses. Every failure is looked up, and a text that was just
   * cut from a line is slow to look up as it is: V8 takes 0.28 µs to hash it, and to read it as a number 0.02.
   */
  readonly #ipv4: ReadonlyMap<number, ReadonlyMap<number, Host>>;

  /** Takes canonical hosts. */
  constructor(hosts: Iterable<Host>) {
    const ipv4 = new Map<number, Map<number, Host>>();
    for (const host of hosts) {
      if (isAddress(host) && familyOf(host) === 4) {
        const size = sizeOfIPv4(host);
        const networks = ipv4.get(size) ?? new Map<number, Host>();
        ipv4.set(size, networks.set(firstIPv4(host), host));
      } else {
        this.#hosts.add(host);
        if (isAddress(host) && host.includes("/")) this.#lengths.add(prefixLengthOf(host));
      }
    }
    this.#ipv4 = new Map([...ipv4].sort(([a], [b]) => a - b));
  }

  /** Whether all of a canonical host lies in the set. */
  has(host: Host): boolean {
    return this.find(host) !== undefined;
  }

  /** The entry that a canonical host lies in: itself or a network around it. */
  find(host: Host): Host | undefined {
    if (isAddress(host) && familyOf(host) === 4) return this.#findIPv4(host);
    if (this.#hosts.has(host)) return host;
    for (const length of this.#lengths) {
      const network = networkOf(host, length, length);
      if (this.#hosts.has(network)) return network;
    }
    return undefined;
  }

  #findIPv4(host: Host): Host | undefined {
    if (this.#ipv4.size === 0) return undefined;
    const own = host.includes("/") ? sizeOfIPv4(host) : 1;
    const first = firstIPv4(host);
    for (const [size, networks] of this.#ipv4) {
      const network = size >= own ? networks.get(size * Math.floor(first / size)) : undefined;
      if (network !== undefined) return network;
    }
    return undefined;
  }
}

/** How many addresses a canonical IPv4 host has. */
function sizeOfIPv4(host: Host): number {
  return 2 ** (32 - prefixLengthOf(host));
}

/** The first address of a canonical IPv4 host, as a number. */
function firstIPv4(host: Host): number {
  const slash = host.indexOf("/");
  return ipv4Number(slash < 0 ? host : host.slice(0, slash));
}
