import { assertEquals } from "@std/assert";
import { Trust } from "../../lib/jail/mod.ts";
import { settingsOf } from "./settings.ts";

const jails = [settingsOf(), settingsOf({ ipv4Prefix: 24, ipv6Prefix: 48 })];

Deno.test("Trust knows a login by its address, and by its network as each jail counts", () => {
  const trust = new Trust(jails);
  trust.login("192.0.2.7", 1);
  trust.login("2001:db8:1:2::7", 2);
  trust.login("192.0.2.8", 3);
  const keys = [
    "192.0.2.7",
    "192.0.2.0/24",
    "2001:db8:1:2::7",
    "2001:db8:1:2::/64",
    "2001:db8:1::/48",
  ];
  assertEquals(keys.map((key) => trust.lastLogin(key)), [1, 3, 2, 2, 2]);
  assertEquals(["192.0.2.9", "2001:db8:1:2::8"].map((key) => trust.lastLogin(key)), [
    undefined,
    undefined,
  ]);
  assertEquals(trust.within("192.0.0.0/16"), ["192.0.2.7", "192.0.2.8"]);
  assertEquals(new Trust(jails, trust.save()).save(), trust.save());
});

Deno.test("Trust forgets what is long past, but not a later login", () => {
  const trust = new Trust(jails);
  trust.login("192.0.2.7", 1);
  trust.login("192.0.2.8", 5);
  trust.login("192.0.2.7", 3);
  trust.login("192.0.2.7", 2);
  trust.sweep(3);
  assertEquals(trust.lastLogin("192.0.2.7"), 3);
  trust.sweep(4);
  assertEquals(trust.save(), [["192.0.2.8", 5]]);
  assertEquals(trust.lastLogin("192.0.2.7"), undefined);
  assertEquals(trust.lastLogin("192.0.2.0/24"), 5);
});

Deno.test("Trust stays bounded, however many addresses log in", () => {
  const trust = new Trust(jails);
  for (let i = 0; i < 20_000; i++) trust.login(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i);
  assertEquals(trust.save().length, 10_000);
  assertEquals(trust.lastLogin("10.0.0.0"), undefined);
  assertEquals(trust.lastLogin("10.0.78.31"), 19_999);
});
