import { emptyFilter } from "../../lib/config/mod.ts";
import type { Failure } from "../../lib/filter/failure.ts";
import {
  BanMemory,
  Jail,
  type JailParts,
  type JailSettings,
  type JailState,
  noFacts,
  Trust,
} from "../../lib/jail/mod.ts";

/** Settings for a test: three failures within ten seconds ban for a minute. */
export function settingsOf(changes: Partial<JailSettings> = {}): JailSettings {
  return {
    name: "test",
    enabled: true,
    filter: emptyFilter("test"),
    files: [],
    journalmatch: [],
    bannedBy: [],
    reports: false,
    ports: [],
    protocol: "tcp",
    maxretry: 3,
    findtime: 10_000,
    bantime: 60_000,
    increment: undefined,
    ignoreip: [],
    ignoreLookups: [],
    trustLogins: 0,
    maxBansPerMinute: Infinity,
    ignoreself: true,
    firewall: "dry-run",
    ipv4Prefix: 32,
    ipv6Prefix: 64,
    maxmatches: 5,
    maxTracked: 1000,
    ...changes,
  };
}

/** A jail with such settings. */
export function jailOf(changes: Partial<JailSettings> = {}, saved?: JailState): Jail {
  return new Jail(settingsOf(changes), partsOf(), saved);
}

/** What a jail needs beside its settings: nothing is known of the host, and nobody has logged in. */
export function partsOf(changes: Partial<JailParts> = {}): JailParts {
  return { memory: new BanMemory(), trust: new Trust([]), facts: noFacts, ...changes };
}

/** A failure of a host at a time. */
export function failureOf(
  host: string,
  time: number,
  more: { session?: string; line?: string } = {},
): Failure {
  return { kind: "failure", host, time, line: `${time} failure of ${host}`, pattern: 0, ...more };
}
