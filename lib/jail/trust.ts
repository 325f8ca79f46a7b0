import { contains, type Host, networkOf } from "../address.ts";

/** `[host, time]` of a host's latest login, as the state file has it. */
export type SavedLogin = readonly [host: Host, time: number];

/** By what a jail counts and bans addresses. */
export interface PrefixLengths {
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

/** So many hosts are remembered at most: whoever has many addresses and one account can log in from all of them. */
const MOST = 10_000;

/**
 * Who has logged in of late, and who is logged in now. One for all jails, which each ask by their own prefix lengths:
 * an address, or the network that one of these addresses lies in.
 */
export class Trust {
  readonly #lengths: readonly PrefixLengths[];
  /** The latest login of each host, the longest ago first. */
  readonly #logins = new Map<Host, number>();
  /** The latest login of each key: each host, and its network by each jail's prefix lengths. */
  readonly #byKey = new Map<Host, number>();
  #sessions: ReadonlySet<Host> = new Set();
  #sessionKeys: ReadonlySet<Host> = new Set();

  constructor(jails: Iterable<PrefixLengths>, saved: readonly SavedLogin[] = []) {
    const lengths = [...jails].map(({ ipv4Prefix, ipv6Prefix }) => ({ ipv4Prefix, ipv6Prefix }));
    this.#lengths = [...new Map(lengths.map((each) => [JSON.stringify(each), each])).values()];
    for (const [host, time] of saved) this.login(host, time);
  }

  /** A host has logged in. */
  login(host: Host, time: number): void {
    // Each jail that reads the line tells of it.
    if (time <= (this.#logins.get(host) ?? -Infinity)) return;
    this.#logins.delete(host);
    this.#logins.set(host, time);
    for (const key of this.#keysOf(host)) {
      this.#byKey.set(key, Math.max(time, this.#byKey.get(key) ?? -Infinity));
    }
    if (this.#logins.size > MOST) this.#forget(this.#logins.keys().next().value!);
  }

  /** Tells who is logged in now. */
  setSessions(hosts: readonly Host[]): void {
    this.#sessions = new Set(hosts);
    this.#sessionKeys = new Set(hosts.flatMap((host) => this.#keysOf(host)));
  }

  /** When a host, or one in a jail's network, last logged in; undefined if that is not known. */
  lastLogin(key: Host): number | undefined {
    // V8 hashes a text also for a map that is empty, which takes it a third of a microsecond.
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** Whether a host, or one in a jail's network, is logged in. */
  hasSession(key: Host): boolean {
    return this.#sessionKeys.size > 0 && this.#sessionKeys.has(key);
  }

  /** The hosts in a network of any length that have logged in or are logged in. A scan. */
  within(network: Host): readonly Host[] {
    return [...new Set([...this.#logins.keys(), ...this.#sessions])]
      .filter((host) => contains(network, host));
  }

  /** Forgets the logins before a time. */
  sweep(time: number): void {
    for (const [host, login] of this.#logins) if (login < time) this.#forget(host);
  }

  save(): readonly SavedLogin[] {
    return [...this.#logins];
  }

  #forget(host: Host): void {
    const login = this.#logins.get(host);
    this.#logins.delete(host);
    // A network keeps a later login of its other hosts; an earlier one of theirs is lost with this one.
    for (const key of this.#keysOf(host)) {
      if (this.#byKey.get(key) === login) this.#byKey.delete(key);
    }
  }

  #keysOf(host: Host): readonly Host[] {
    const networks = this.#lengths.map(({ ipv4Prefix, ipv6Prefix }) =>
      networkOf(host, ipv4Prefix, ipv6Prefix)
    );
    return [...new Set([host, ...networks])];
  }
}
