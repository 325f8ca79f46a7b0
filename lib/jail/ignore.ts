import { contains, type Host, isAddress, networkOf } from "../address.ts";
import { NetworkSet } from "../network_set.ts";
import type { JailSettings } from "./settings.ts";

/** What the jails must know of this host to spare the right ones. It changes while they run. All canonical. */
export interface HostFacts {
  /** This host's own addresses. */
  readonly own: readonly Host[];
  /** The next hops of its default routes. */
  readonly gateways: readonly Host[];
  /** The name servers that it asks. */
  readonly resolvers: readonly Host[];
  /** What the host names and files among `ignoreip` stand for, by the words of the entry. */
  readonly lookedUp: ReadonlyMap<string, readonly Host[]>;
}

/** Nothing is known. */
export const noFacts: HostFacts = { own: [], gateways: [], resolvers: [], lookedUp: new Map() };

/** Why a host is never banned: which entry it lies in, and in words what that is. */
export interface Exemption {
  readonly entry: Host;
  readonly why: string;
}

/** The hosts that a jail never bans, and what that means for banning whole networks. */
export class IgnoreList {
  readonly #settings: IgnoreSettings;
  #reasons: ReadonlyMap<Host, string> = new Map();
  #entries = new NetworkSet([]);
  /** The networks of the jail's prefix length that hold an entry. */
  #shared: ReadonlyMap<Host, Host> = new Map();

  constructor(settings: IgnoreSettings, facts: HostFacts) {
    this.#settings = settings;
    this.setFacts(facts);
  }

  /** Tells what is true of this host now. Gives whether that spares others than before. */
  setFacts({ own, gateways, resolvers, lookedUp }: HostFacts): boolean {
    const { ignoreip, ignoreLookups, ignoreself, ipv4Prefix, ipv6Prefix } = this.#settings;
    const because = (why: string, hosts: readonly Host[]) =>
      hosts.map((host) => [host, why] as const);
    const reasons = new Map([
      ...because("a default gateway of this host", gateways),
      ...because("a name server of this host", resolvers),
      ...ignoreself
        ? [...because("loopback", LOOPBACK), ...because("an address of this host", own)]
        : [],
      ...ignoreLookups.flatMap((entry) =>
        because(`in ignoreip, as ${entry}`, lookedUp.get(entry) ?? [])
      ),
      ...because("in ignoreip", ignoreip),
    ]);
    const isSame = reasons.size === this.#reasons.size &&
      reasons.keys().every((entry) => this.#reasons.has(entry));
    this.#reasons = reasons;
    if (isSame) return false;
    const entries = [...reasons.keys()].filter(isAddress);
    this.#entries = new NetworkSet(entries);
    this.#shared = new Map(
      entries.map((entry) => [networkOf(entry, ipv4Prefix, ipv6Prefix), entry]),
    );
    return true;
  }

  /** Why a host is not to be banned; undefined if it may be. A network is spared if one of its addresses is. */
  find(host: Host): Exemption | undefined {
    const entry = !isAddress(host)
      ? host
      : this.#entries.find(host) ?? (host.includes("/") ? this.#within(host) : undefined);
    if (entry === undefined) return undefined;
    const why = this.#reasons.get(entry);
    return why === undefined ? undefined : { entry, why };
  }

  /**
   * By what a host is counted and banned: its network of the jail's prefix length, or itself alone where that
   * network also holds an ignored host. Banning one customer's neighbour must not lock the customer out.
   */
  keyOf(host: Host): Host {
    if (!isAddress(host)) return host;
    const { ipv4Prefix, ipv6Prefix } = this.#settings;
    const network = networkOf(host, ipv4Prefix, ipv6Prefix);
    return network !== host && this.#shared.has(network) ? host : network;
  }

  /** An entry inside of a network. Those of the jail's own length are many; of another one are only some by hand. */
  #within(network: Host): Host | undefined {
    const { ipv4Prefix, ipv6Prefix } = this.#settings;
    const length = Number(network.slice(network.indexOf("/") + 1));
    const isUsual = length === (network.includes(":") ? ipv6Prefix : ipv4Prefix);
    return isUsual
      ? this.#shared.get(network)
      : [...this.#reasons.keys()].find((entry) => isAddress(entry) && contains(network, entry));
  }
}

type IgnoreSettings = Pick<
  JailSettings,
  "ignoreip" | "ignoreLookups" | "ignoreself" | "ipv4Prefix" | "ipv6Prefix"
>;

const LOOPBACK: readonly Host[] = ["127.0.0.0/8", "::1"];
