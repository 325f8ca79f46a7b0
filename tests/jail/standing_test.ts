import { assertEquals } from "@std/assert";
import { noFacts, Trust } from "../../lib/jail/mod.ts";
import { Jail } from "../../lib/jail/mod.ts";
import { failureOf, jailOf, partsOf, settingsOf } from "./settings.ts";

Deno.test("a host that fails stands with its failures, by the network it is counted by", () => {
  const jail = jailOf();
  jail.fail(failureOf("2001:db8::1", 1));
  jail.fail(failureOf("2001:db8::2", 2));
  const { key, attempts, ban, exemption, trusted } = jail.standingOf("2001:db8::3", 5);
  assertEquals(key, "2001:db8::/64");
  assertEquals(attempts.map(({ time }) => time), [1, 2]);
  assertEquals([ban, exemption, trusted], [undefined, undefined, undefined]);
});

Deno.test("a ban covers a host as long as it is in force, by whatever network", () => {
  const jail = jailOf();
  jail.ban("192.0.0.0/16", { since: 0, until: 100, cause: "manual" });
  assertEquals(jail.standingOf("192.0.2.7", 99).ban?.host, "192.0.0.0/16");
  assertEquals(jail.standingOf("192.0.2.7", 100).ban, undefined);
  assertEquals(jail.standingOf("192.1.2.7", 99).ban, undefined);
  jail.ban("192.0.2.7", { since: 0, until: 50, cause: "manual" });
  assertEquals(jail.standingOf("192.0.2.7", 49).ban?.host, "192.0.2.7");
  assertEquals(jail.standingOf("192.0.2.7", 51).ban?.host, "192.0.0.0/16");
});

Deno.test("a host that is never banned stands with the entry, one that logged in with the reason", () => {
  const trust = new Trust([settingsOf()]);
  trust.login("192.0.2.8", 0);
  const settings = settingsOf({ ignoreip: ["192.0.2.0/29"], trustLogins: 10 });
  const jail = new Jail(settings, partsOf({ trust, facts: noFacts }));
  assertEquals(jail.standingOf("192.0.2.7", 1).exemption, {
    entry: "192.0.2.0/29",
    why: "in ignoreip",
  });
  assertEquals(jail.standingOf("192.0.2.8", 1).trusted, "logged in at 1970-01-01T00:00:00.000Z");
  assertEquals(jail.standingOf("192.0.2.8", 10).trusted, undefined);
});
