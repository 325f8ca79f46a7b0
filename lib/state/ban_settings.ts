/** The shape of what a jail's bans go by, as the state file has it. */
import * as v from "valibot";
import { firewallNames, portRanges } from "../firewall/mod.ts";
import type { BanSettings } from "../jail/mod.ts";
import { COUNT, HOST } from "./schema.ts";

/** JSON has no Infinity. */
const MEASURE = v.union([
  v.pipe(v.number(), v.finite(), v.minValue(0)),
  v.pipe(v.null(), v.transform(() => Infinity)),
]);

const PORTS = v.pipe(v.array(v.string()), v.check((ports: string[]) => arePorts(ports)));

const ESCALATION = v.object({
  factor: MEASURE,
  multipliers: v.exactOptional(v.array(MEASURE)),
  maxtime: MEASURE,
  rndtime: MEASURE,
  memory: MEASURE,
  overalljails: v.boolean(),
});

const SETTINGS = v.pipe(
  v.object({
    ports: PORTS,
    protocol: v.picklist(["tcp", "udp", "all"]),
    maxretry: COUNT,
    findtime: MEASURE,
    bantime: MEASURE,
    increment: v.exactOptional(ESCALATION),
    ignoreip: v.array(HOST),
    ignoreLookups: v.array(v.string()),
    trustLogins: MEASURE,
    maxBansPerMinute: MEASURE,
    ignoreself: v.boolean(),
    firewall: v.picklist(firewallNames),
    ipv4Prefix: v.pipe(COUNT, v.minValue(1), v.maxValue(32)),
    ipv6Prefix: v.pipe(COUNT, v.minValue(1), v.maxValue(128)),
    maxmatches: COUNT,
    maxTracked: COUNT,
  }),
  v.transform((settings): BanSettings => ({ increment: undefined, ...settings })),
);

/** Settings that make no sense are as good as none. */
export const BAN_SETTINGS = v.fallback(v.optional(SETTINGS), undefined);

function arePorts(ports: readonly string[]): boolean {
  try {
    portRanges(ports);
    return true;
  } catch {
    return false;
  }
}
