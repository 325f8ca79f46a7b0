import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { pageOf } from "../../lib/agent/ban_page.ts";
import { overviewOf } from "../../lib/agent/overview.ts";
import type { Ban, Jail } from "../../lib/jail/mod.ts";
import { jailOf } from "../jail/settings.ts";

const NOW = 1_000;

/** Two jails with bans by hand at some times, some of which have run out. */
const jails = fc.array(
  fc.record({
    jail: fc.constantFrom(0, 1),
    host: fc.integer({ min: 0, max: 40 }),
    since: fc.integer({ min: 0, max: 20 }),
    until: fc.constantFrom(null, NOW - 1, NOW, NOW + 1),
  }),
  { maxLength: 60 },
).map((bans) => {
  const both = [jailOf({ name: "a" }), jailOf({ name: "b" })] as const;
  for (const { jail, host, since, until } of bans) {
    both[jail]!.ban(`192.0.2.${host}`, { since, until, cause: "manual" });
  }
  return both;
});

const nameOf = ({ since, jail, host }: Ban) => `${String(since).padStart(4)} ${jail} ${host}`;

function inForce(jails: readonly Jail[]): Ban[] {
  return jails.flatMap((jail) => [...jail.bans]).filter(({ until }) =>
    until === null || until > NOW
  );
}

Deno.test("pages of bans, one behind the other, are all bans in the order of time, or those of hosts that begin so", () => {
  const prefixes = fc.constantFrom(undefined, "192.0.2.1", "192.0.2.40", "198");
  fc.assert(fc.property(jails, fc.integer({ min: 1, max: 30 }), prefixes, (jails, most, prefix) => {
    const all: Ban[] = [];
    for (;;) {
      const last = all.at(-1);
      const after = last && { ...last, since: new Date(last.since).toISOString() };
      const page = pageOf(jails, NOW, most, after, prefix);
      if (page.length === 0) break;
      all.push(...page);
    }
    const wanted = inForce(jails).filter(({ host }) => host.startsWith(prefix ?? ""));
    assertEquals(all.map(nameOf), wanted.map(nameOf).sort());
  }));
});

Deno.test("the overview has the newest bans in force, and networks by their bans", () => {
  fc.assert(fc.property(jails, fc.integer({ min: 0, max: 30 }), (jails, bans) => {
    const { newest, networks } = overviewOf(jails, NOW, { bans, networks: 3 });
    const times = inForce(jails).map(({ since }) => since).sort((a, b) => b - a);
    assertEquals(newest.length, Math.min(bans, times.length));
    for (const { since } of newest) assertEquals(typeof since, "string");
    const all = jails.flatMap((jail) => [...jail.bannedHosts]).length;
    assertEquals(networks, all > 1 ? [{ network: "192.0.2.0/24", bans: all }] : []);
  }));
});
