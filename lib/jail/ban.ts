import type { Host } from "../address.ts";
import type { Failure } from "../filter/failure.ts";

/** A host that a jail keeps out, and why. Times are log time in milliseconds since the epoch. */
export interface Ban {
  readonly jail: string;
  /** An address, or the network of the jail's prefix length that it is banned with. */
  readonly host: Host;
  /** The time of the failure that reached maxretry. */
  readonly since: number;
  /** When it ends: at that time the host may come again. null for ever. */
  readonly until: number | null;
  /** How many failures led to it. */
  readonly failures: number;
  /** How many times the host has been banned now, as far as remembered, this one included. */
  readonly bans: number;
  /** The newest of the lines that led to it. Hostile text. */
  readonly lines: readonly string[];
  /** Failures, an administrator, or found in the firewall when the state was lost. */
  readonly cause: "failures" | "manual" | "adopted";
}

/** What a jail decided: to ban, to lift a ban, or not to ban after all. */
export type JailEvent = BanEvent | WithheldEvent;

/** What is put in force and on record. `ignored`: the host has since become one that is never banned. */
export type BanEvent =
  | { readonly kind: "ban"; readonly time: number; readonly ban: Ban }
  | {
    readonly kind: "unban";
    readonly time: number;
    readonly ban: Ban;
    readonly reason: "expired" | "manual" | "ignored";
  };

/** A ban that is not made. `spared`: the host has logged in of late, as `reason` says. `held`: there are too many. */
export type WithheldEvent =
  | { readonly kind: "spared"; readonly time: number; readonly ban: Ban; readonly reason: string }
  | { readonly kind: "held"; readonly time: number; readonly ban: Ban };

/** A ban as a failure, for a jail that watches other jails' bans. Only bans by failures are meant to be fed on. */
export function failureOfBan(ban: Ban): Failure {
  const evidence = ban.lines.at(-1);
  return {
    kind: "failure",
    time: ban.since,
    host: ban.host,
    line: `banned by ${ban.jail}${evidence === undefined ? "" : `: ${evidence}`}`,
    pattern: 0,
  };
}
