import { type Host, isAddress, networkOf, NetworkSet } from "../address.ts";
import type { JailSettings } from "./settings.ts";

/** Why a host is never banned: which entry it lies in, and which setting that entry comes from. */
export interface Exemption {
  readonly entry: Host;
  readonly setting: "ignoreip" | "ignoreself";
}

/** The hosts that a jail never bans, and what that means for banning whole networks. */
export class IgnoreList {
  readonly #settings: IgnoreSettings;
  #settingOf!: ReadonlyMap<Host, Exemption["setting"]>;
  #entries!: NetworkSet;
  /** The networks of the jail's prefix length that hold an entry. */
  #shared!: ReadonlyMap<Host, Host>;

  constructor(settings: IgnoreSettings, ownAddresses: readonly Host[]) {
    this.#settings = settings;
    this.setOwnAddresses(ownAddresses);
  }

  /** Tells this machine's addresses, which change while it runs. */
  setOwnAddresses(addresses: readonly Host[]): void {
    const { ignoreip, ignoreself, ipv4Prefix, ipv6Prefix } = this.#settings;
    const own = ignoreself ? [...LOOPBACK, ...addresses] : [];
    this.#settingOf = new Map([
      ...own.map((entry) => [entry, "ignoreself"] as const),
      ...ignoreip.map((entry) => [entry, "ignoreip"] as const),
    ]);
    const entries = [...this.#settingOf.keys()].filter(isAddress);
    this.#entries = new NetworkSet(entries);
    this.#shared = new Map(
      entries.map((entry) => [networkOf(entry, ipv4Prefix, ipv6Prefix), entry]),
    );
  }

  /** Why a host is not to be banned; undefined if it may be. A network is spared if one of its addresses is. */
  find(host: Host): Exemption | undefined {
    if (!isAddress(host)) return this.#exemptionBy(host);
    const entry = this.#entries.find(host) ??
      (host.includes("/") ? this.#shared.get(host) : undefined);
    return entry === undefined ? undefined : this.#exemptionBy(entry);
  }

  #exemptionBy(entry: Host): Exemption | undefined {
    const setting = this.#settingOf.get(entry);
    return setting && { entry, setting };
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
}

type IgnoreSettings = Pick<JailSettings, "ignoreip" | "ignoreself" | "ipv4Prefix" | "ipv6Prefix">;

const LOOPBACK: readonly Host[] = ["127.0.0.0/8", "::1"];
