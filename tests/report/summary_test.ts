import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PastBan } from "../../lib/report/past.ts";
import { summarise } from "../../lib/report/summary.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-23T21:40:00Z");

const bans: fc.Arbitrary<readonly PastBan[]> = fc.array(fc.record({
  jail: fc.constantFrom("sshd", "nginx-404", "dovecot"),
  host: fc.constantFrom("192.0.2.7", "192.0.2.8", "2001:db8:1::7", "id:<script>"),
  since: fc.integer({ min: NOW - 9 * DAY, max: NOW }),
  until: fc.option(fc.integer({ min: NOW - DAY, max: NOW + DAY })),
  failures: fc.nat(100),
  bans: fc.integer({ min: 1, max: 9 }),
  isManual: fc.boolean(),
  names: fc.uniqueArray(fc.constantFrom("root", "admin", "__proto__")),
  line: fc.constant(null),
})).map((list) => list.sort((one, other) => one.since - other.since));

Deno.test("every ban of the time is counted once by jail, by hour and over time, and no other", () => {
  fc.assert(fc.property(bans, fc.integer({ min: 1, max: 40 }), (all, hours) => {
    const from = NOW - hours * 6 * 3_600_000;
    const summary = summarise(all, from, NOW);
    const inTime = all.filter(({ since }) => since >= from);
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
    assertEquals(summary.totals.bans, inTime.length);
    assertEquals(sum(summary.jails.map(({ bans }) => bans)), inTime.length);
    assertEquals(sum(summary.hours), inTime.length);
    assertEquals(sum(summary.overTime.flatMap(({ bans }) => bans)), inTime.length);
    assertEquals(summary.bans.length, inTime.length);
    summary.jails.forEach(({ jail, bans }, index) => {
      assertEquals(inTime.filter((ban) => ban.jail === jail).length, bans);
      assertEquals(sum(summary.overTime.map(({ bans }) => bans[index]!)), bans);
    });
    for (const { name, bans, hosts } of summary.names) {
      const own = inTime.filter(({ names }) => names.includes(name));
      assertEquals([own.length, new Set(own.map(({ host }) => host)).size], [bans, hosts]);
    }
  }));
});

Deno.test("columns begin at round times and there are neither few nor many, from minutes to years", () => {
  for (const span of [0.01, 0.5, 1, 7, 30, 365, 3650]) {
    const { overTime } = summarise([], NOW - span * DAY, NOW);
    assert(overTime.length >= 20 && overTime.length <= 130, `${span}: ${overTime.length}`);
    for (const { start } of overTime.slice(1)) assertEquals(new Date(start).getSeconds() % 5, 0);
  }
});

Deno.test("attackers are ranked by their network, and who came once is not persistent", () => {
  const ban = (host: string, since: number): PastBan => ({
    jail: "sshd",
    host,
    since,
    until: since + DAY,
    failures: 5,
    bans: 1,
    isManual: false,
    names: [],
    line: null,
  });
  const { networks, offenders, totals } = summarise(
    [
      ban("192.0.2.7", NOW - 5 * DAY),
      ban("198.51.100.1", NOW - 4 * DAY),
      ban("192.0.2.9", NOW - 3 * DAY),
      ban("2001:db8:5:1::/64", NOW - 3 * DAY),
      ban("192.0.2.7", NOW - 1),
      ban("id:victim", NOW),
    ],
    NOW - 7 * DAY,
    NOW,
  );
  assertEquals(networks.map(({ network, bans, hosts }) => [network, bans, hosts]), [
    ["192.0.2.0/24", 3, 2],
    ["198.51.100.0/24", 1, 1],
    ["2001:db8:5::/48", 1, 1],
  ]);
  assertEquals(offenders.map(({ host, bans }) => [host, bans]), [["192.0.2.7", 2]]);
  assertEquals(totals, { bans: 6, hosts: 5, networks: 3, failures: 30, inForce: 2 });
});
