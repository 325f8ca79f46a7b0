import type { Host } from "../address.ts";

/** The firewalls that banjo can drive. */
export const firewallNames = ["nftables", "ufw", "dry-run"] as const;
/** One of them. */
export type FirewallName = typeof firewallNames[number];

/** What a firewall must know of a jail: which traffic its bans stop. */
export interface Target {
  readonly jail: string;
  /** Ports as numbers or `FIRST-LAST`, as `parsePort` gives them; empty closes all. */
  readonly ports: readonly string[];
  readonly protocol: "tcp" | "udp" | "all";
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

/** A ban as a firewall sees it. */
export interface Rule {
  readonly jail: string;
  readonly host: Host;
  /** Milliseconds since the epoch; null for ever. Firewalls count in seconds, rounded up. */
  readonly until: number | null;
}

/** A change for the kernel. `expire`: the ban ran out by itself, so a firewall with timeouts has nothing to do. */
export type Change =
  | { readonly kind: "ban"; readonly rule: Rule }
  | { readonly kind: "unban" | "expire"; readonly rule: Rule };

/** Where a ban is kept, and whether it is. */
export interface Enforcement {
  /** In words, such as `the set ban4-sshd/32 of the table inet banjo`. */
  readonly place: string;
  /** Null in a dry run: it is not meant to be. */
  readonly isInForce: boolean | null;
}

/** What a jail's bans have kept out, all together. */
export interface Stopped {
  readonly jail: string;
  readonly packets: number;
  readonly bytes: number;
}

/**
 * How many changes are made at one go at most, and how many where one jail has few among others that have many: a ban that
 * comes meanwhile waits for all of them.
 */
export interface BatchSize {
  readonly most: number;
  readonly quick: number;
}

/** Why a firewall's tool refused, with its own words. */
export class FirewallError extends Error {
  override readonly name = "FirewallError";
}

/**
 * Makes the kernel agree with the bans. Every call may throw {@linkcode FirewallError}; none retries, and of those
 * that change something none runs beside another: the queue sees to both. The first call is `reconcile`, or `list`, `remove`, which need no targets.
 */
export interface Firewall {
  readonly name: FirewallName;
  readonly batch: BatchSize;
  /**
   * Puts exactly these targets and rules in force, replacing what stood before without a gap. Idempotent. Where that takes long,
   * changes that came meanwhile are asked for by `takeNewer` and applied in between.
   */
  reconcile(
    targets: readonly Target[],
    rules: readonly Rule[],
    takeNewer?: () => readonly Change[],
  ): Promise<void>;
  /** Applies a batch in order; all of it or, where an error is thrown, possibly part of it. */
  apply(changes: readonly Change[]): Promise<void>;
  /** What is in force now by the firewall's own account, and only what is banjo's. */
  list(): Promise<readonly Rule[]>;
  /** Where the firewall keeps a ban. Cheap at any number of bans. */
  locate(rule: Rule): Promise<Enforcement>;
  /** What was stopped since the last reconcile, jail by jail; none of a firewall that does not count. As cheap. */
  stopped(): Promise<readonly Stopped[]>;
  /** Whether what was put in force still stands: false after somebody changed it. Cheap at any number of bans. */
  isIntact(): Promise<boolean>;
  /**
   * Calls `onChange` whenever somebody else may have changed what was put in force, which `isIntact` then tells.
   * Resolves at the signal.
   */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
  /** Takes all that is banjo's away. */
  remove(): Promise<void>;
}
