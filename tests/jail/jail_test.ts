import { assertEquals } from "@std/assert";
import {
  BanMemory,
  failureOfBan,
  Jail,
  type JailEvent,
  noFacts,
  Trust,
} from "../../lib/jail/mod.ts";
import { failureOf, jailOf, partsOf, settingsOf } from "./settings.ts";

const HOST = "192.0.2.7";

/** Feeds failures of a host at some times. */
function failAt(jail: Jail, host: string, ...times: number[]): JailEvent[] {
  return times.flatMap((time) => jail.fail(failureOf(host, time)));
}

/** What happened, in short. */
function inShort(events: readonly JailEvent[]): string[] {
  return events.map(({ kind, time, ban }) => `${kind} ${ban.host} at ${time}`);
}

Deno.test("Jail bans at the failure that reaches maxretry, from its time on", () => {
  const jail = jailOf();
  assertEquals(failAt(jail, HOST, 1000, 2000), []);
  const ban = {
    jail: "test",
    host: HOST,
    since: 11_000,
    until: 71_000,
    failures: 3,
    bans: 1,
    lines: ["1000 failure of 192.0.2.7", "2000 failure of 192.0.2.7", "11000 failure of 192.0.2.7"],
    cause: "failures" as const,
  };
  assertEquals(failAt(jail, HOST, 11_000), [{ kind: "ban", time: 11_000, ban }]);
  assertEquals([...jail.bans], [ban]);
});

Deno.test("Jail does not ban when the first failure is a millisecond too old", () => {
  const jail = jailOf();
  assertEquals(failAt(jail, HOST, 1000, 2000, 11_001), []);
  assertEquals(inShort(failAt(jail, HOST, 12_000)), [`ban ${HOST} at 12000`]);
});

Deno.test("Jail sees a window that a late failure completes, though newer failures came before it", () => {
  const jail = jailOf();
  assertEquals(failAt(jail, HOST, 1000, 2000, 12_000), []);
  assertEquals(inShort(failAt(jail, HOST, 3000)), [`ban ${HOST} at 3000`]);
});

Deno.test("Jail bans from the first failure on where maxretry is 1", () => {
  assertEquals(inShort(failAt(jailOf({ maxretry: 1 }), HOST, 5)), [`ban ${HOST} at 5`]);
});

Deno.test("Jail keeps the newest lines only, and none where maxmatches is 0", () => {
  const [event] = failAt(jailOf({ maxmatches: 2 }), HOST, 1, 2, 3);
  assertEquals(event?.ban.lines, ["2 failure of 192.0.2.7", "3 failure of 192.0.2.7"]);
  assertEquals(failAt(jailOf({ maxmatches: 0 }), HOST, 1, 2, 3)[0]?.ban.lines, []);
});

Deno.test("Jail keeps no more of an endless line than shows what it was", () => {
  const jail = jailOf({ maxretry: 1 });
  const [event] = jail.fail(failureOf(HOST, 1, { line: "x".repeat(10_000_000) }));
  assertEquals(event?.ban.lines, ["x".repeat(500)]);
});

Deno.test("Jail counts IPv6 by network and bans the network", () => {
  const jail = jailOf();
  const events = ["2001:db8::1", "2001:db8::2", "2001:db8::a:3"].flatMap((host, index) =>
    failAt(jail, host, index)
  );
  assertEquals(inShort(events), ["ban 2001:db8::/64 at 2"]);
});

Deno.test("Jail bans alone an address whose network also holds an ignored one", () => {
  const jail = jailOf({ ignoreip: ["2001:db8::5"] });
  assertEquals(inShort(failAt(jail, "2001:db8::1", 1, 2, 3)), ["ban 2001:db8::1 at 3"]);
  assertEquals(failAt(jail, "2001:db8::5", 1, 2, 3), []);
  assertEquals(inShort(failAt(jail, "2001:db8:1::1", 1, 2, 3)), ["ban 2001:db8:1::/64 at 3"]);
});

Deno.test("Jail only totals the failures of a banned host, and counts anew after the ban", () => {
  const jail = jailOf();
  failAt(jail, HOST, 1, 2, 3);
  assertEquals(failAt(jail, HOST, 2, 4, 5, 6, 60_002), []);
  assertEquals(jail.status(60_002), {
    failed: { now: 0, total: 8 },
    banned: { now: 1, total: 1 },
    held: 0,
  });
  assertEquals(inShort(failAt(jail, HOST, 60_003, 60_004, 60_005)), [
    `unban ${HOST} at 60003`,
    `ban ${HOST} at 60005`,
  ]);
});

Deno.test("Jail does not count a failure from the time of a ban that has ended since", () => {
  const jail = jailOf();
  failAt(jail, HOST, 1, 2, 3);
  assertEquals(inShort(jail.tick(61_000)), [`unban ${HOST} at 60003`]);
  assertEquals(failAt(jail, HOST, 60_002, 60_003, 60_004), []);
  assertEquals(inShort(failAt(jail, HOST, 60_005)), [`ban ${HOST} at 60005`]);
});

Deno.test("Jail tells the ends of bans in order, each at its own time", () => {
  const jail = jailOf({ maxretry: 1 });
  for (const [host, time] of [["192.0.2.3", 30], ["192.0.2.1", 10], ["192.0.2.2", 20]] as const) {
    failAt(jail, host, time);
  }
  assertEquals(jail.tick(60_009), []);
  assertEquals(inShort(jail.tick(60_020)), [
    "unban 192.0.2.1 at 60010",
    "unban 192.0.2.2 at 60020",
  ]);
  assertEquals(jail.tick(60_020), []);
  assertEquals(inShort(jail.tick(1e9)), ["unban 192.0.2.3 at 60030"]);
});

Deno.test("Jail tells of bans that end together in the same order before and after a restart", () => {
  const jail = jailOf({ maxretry: 1 });
  for (const last of [5, 3, 8, 1, 4, 7, 2, 6]) failAt(jail, `192.0.2.${last}`, last === 8 ? 9 : 10);
  const restored = jailOf({ maxretry: 1 }, jail.save());
  const events = jail.tick(1e9);
  assertEquals(events.map(({ ban }) => ban.host.at(-1)).join(""), "81234567");
  assertEquals(restored.tick(1e9), events);
});

Deno.test("Jail tells of many ends a few at a time, and of each once", () => {
  const jail = jailOf({ maxretry: 1 });
  for (let last = 0; last < 10; last++) failAt(jail, `192.0.2.${last}`, 10);
  for (let order = 0; order < 2; order++) {
    jail.ban("192.0.2.99", { since: 10, until: 500, cause: "manual" });
  }
  const ends = Array.from({ length: 5 }, () => jail.tick(1e9, 3).map(({ ban }) => ban.host));
  assertEquals(ends.map((hosts) => hosts.length), [3, 3, 3, 2, 0]);
  assertEquals(new Set(ends.flat()).size, 11);
});

Deno.test("Jail bans for ever where bantime is Infinity", () => {
  const jail = jailOf({ bantime: Infinity });
  const [event] = failAt(jail, HOST, 1, 2, 3);
  assertEquals(event?.ban.until, null);
  assertEquals(jail.tick(8.64e15), []);
  assertEquals(failAt(jail, HOST, 8.64e15), []);
});

Deno.test("Jail takes back the failures of a session that logs in", () => {
  const jail = jailOf();
  for (const session of ["a", "a", "b"]) {
    jail.fail(failureOf(HOST, 1, { session }));
    if (session === "a") jail.fail(failureOf("192.0.2.8", 1, { session }));
    jail.succeed({ kind: "success", time: 2, session, host: HOST });
  }
  assertEquals(jail.status(3).failed.now, 1);
  jail.fail(failureOf(HOST, 3, { session: "c" }));
  jail.succeed({ kind: "success", time: 2, session: "c", host: HOST });
  jail.succeed({ kind: "success", time: 9, session: "a" });
  assertEquals(jail.status(9).failed.now, 1, "only the failure after the login is left");
  assertEquals(inShort(failAt(jail, HOST, 4, 5)), [`ban ${HOST} at 5`]);
});

Deno.test("Jail never bans an ignored host, and says why", () => {
  const settings = settingsOf({
    ignoreip: ["198.51.100.0/24"],
    ignoreLookups: ["friend.example.org", "file:/friends"],
    maxretry: 1,
  });
  const facts = {
    own: ["203.0.113.1"],
    gateways: ["192.0.2.254"],
    resolvers: ["192.0.2.53"],
    lookedUp: new Map([["friend.example.org", ["192.0.2.20"]], ["other", ["192.0.2.30"]]]),
  };
  const jail = new Jail(settings, partsOf({ facts }));
  const reasons = {
    "127.8.8.8": "127.0.0.0/8 is loopback",
    "::1": "::1 is loopback",
    "203.0.113.1": "203.0.113.1 is an address of this host",
    "192.0.2.254": "192.0.2.254 is a default gateway of this host",
    "192.0.2.53": "192.0.2.53 is a name server of this host",
    "192.0.2.20": "192.0.2.20 is in ignoreip, as friend.example.org",
    "198.51.100.200": "198.51.100.0/24 is in ignoreip",
  };
  for (const [host, reason] of Object.entries(reasons)) {
    assertEquals(failAt(jail, host, 1), [], host);
    assertEquals(jail.objectionTo(host, 1), reason);
  }
  const { failed, banned } = jail.status(1);
  assertEquals([failed, banned], [{ now: 0, total: 0 }, { now: 0, total: 0 }]);
  assertEquals(jail.objectionTo("192.0.2.30", 1), undefined);
  assertEquals(jail.objectionTo("198.51.101.9", 1), undefined);
  assertEquals(jail.objectionTo("0.0.0.0/0", 1), "192.0.2.254 is a default gateway of this host");
  assertEquals(jail.objectionTo("203.0.112.0/22", 1), "203.0.113.1 is an address of this host");
});

Deno.test("Jail bans even this host's addresses where ignoreself is off", () => {
  assertEquals(inShort(failAt(jailOf({ ignoreself: false }), "127.0.0.1", 1, 2, 3)), [
    "ban 127.0.0.1 at 3",
  ]);
});

Deno.test("Jail releases hosts that have become ignored, but not an administrator's bans", () => {
  const jail = jailOf({ maxretry: 1 });
  failAt(jail, HOST, 1);
  failAt(jail, "192.0.2.8", 1);
  failAt(jail, "2001:db8::1", 1);
  jail.ban("192.0.2.9", { since: 1, cause: "manual" });
  jail.setFacts({ ...noFacts, own: [HOST, "192.0.2.9", "2001:db8::2"] });
  assertEquals(inShort(jail.releaseIgnored(5)), [`unban ${HOST} at 5`, "unban 2001:db8::/64 at 5"]);
  assertEquals([...jail.bans].map(({ host }) => host), ["192.0.2.8", "192.0.2.9"]);
});

Deno.test("Jail takes orders: an end, for ever, or its own bantime", () => {
  const jail = jailOf();
  const [limited] = jail.ban(HOST, { since: 5, until: 50, cause: "manual" });
  assertEquals(limited, {
    kind: "ban",
    time: 5,
    ban: {
      jail: "test",
      host: HOST,
      since: 5,
      until: 50,
      failures: 0,
      bans: 1,
      lines: [],
      cause: "manual",
    },
  });
  assertEquals(
    jail.ban("10.0.0.0/8", { since: 5, until: null, cause: "manual" })[0]?.ban.until,
    null,
  );
  assertEquals(
    jail.ban("2001:db8::1", { since: 5, cause: "manual" })[0]?.ban.host,
    "2001:db8::/64",
  );
  assertEquals(jail.ban("192.0.2.8", { since: 5, cause: "manual" })[0]?.ban.until, 60_005);
});

Deno.test("Jail gives a ban found in the firewall its reasons when the log is read again", () => {
  const memory = new BanMemory();
  const reference = jailOf({ maxretry: 2 });
  failAt(reference, HOST, 10, 20);
  const jail = new Jail(settingsOf({ maxretry: 2 }), partsOf({ memory }));
  jail.ban(HOST, { since: 1000, until: 60_020, cause: "adopted" });
  assertEquals(inShort(failAt(jail, HOST, 10, 20)), [`ban ${HOST} at 20`]);
  assertEquals(jail.save().bans, reference.save().bans);
  assertEquals(jail.status(1000).banned, { now: 1, total: 1 });
  assertEquals(memory.count(HOST, 20), 1);
});

Deno.test("Jail counts no failure after a ban found in the firewall", () => {
  const jail = jailOf({ maxretry: 1 });
  jail.ban(HOST, { since: 1000, until: 60_000, cause: "adopted" });
  assertEquals(failAt(jail, HOST, 1000, 2000), []);
});

Deno.test("Jail lets a new order replace a ban, and what the firewall holds not", () => {
  const jail = jailOf();
  jail.ban(HOST, { since: 5, until: 50, cause: "manual" });
  assertEquals(jail.ban(HOST, { since: 6, until: 90, cause: "adopted" }), []);
  assertEquals(inShort(jail.ban(HOST, { since: 6, until: 100, cause: "manual" })), [
    `ban ${HOST} at 6`,
  ]);
  assertEquals(jail.tick(99), []);
  assertEquals(inShort(jail.tick(100)), [`unban ${HOST} at 100`]);
});

Deno.test("Jail lifts a ban by hand and forgets the failures", () => {
  const jail = jailOf();
  failAt(jail, HOST, 1, 2, 3);
  failAt(jail, "192.0.2.8", 1, 2);
  assertEquals(jail.unban(HOST, 10).map((event) => event.kind === "unban" && event.reason), [
    "manual",
  ]);
  assertEquals(jail.unban(HOST, 10), []);
  assertEquals(jail.unban("192.0.2.8", 10), []);
  assertEquals(failAt(jail, "192.0.2.8", 10, 11), []);
  assertEquals(failAt(jail, HOST, 9, 10, 11), []);
  assertEquals(failAt(jail, HOST, 12)[0]?.ban.bans, 2);
  assertEquals(jail.tick(60_003), [], "the lifted ban's end is no event");
});

Deno.test("Jail lifts the ban of an address' network, and all bans in a network", () => {
  const jail = jailOf({ maxretry: 1 });
  failAt(jail, "2001:db8::1", 1);
  assertEquals(inShort(jail.unban("2001:db8::99", 2)), ["unban 2001:db8::/64 at 2"]);
  for (const host of ["192.0.2.1", "192.0.2.2", "192.0.3.1"]) failAt(jail, host, 1);
  assertEquals(inShort(jail.unban("192.0.2.0/24", 2)), [
    "unban 192.0.2.1 at 2",
    "unban 192.0.2.2 at 2",
  ]);
});

Deno.test("Jail forgets early lifted bans long before they would have ended", () => {
  const jail = jailOf({ bantime: Infinity });
  for (let round = 0; round < 5000; round++) {
    jail.ban(HOST, { since: round, until: 1e12 + round, cause: "manual" });
    jail.unban(HOST, round);
  }
  jail.ban(HOST, { since: 5000, until: 6000, cause: "manual" });
  assertEquals(inShort(jail.tick(1e13)), [`unban ${HOST} at 6000`]);
});

Deno.test("Jail counts hosts as failing while their last failure is within findtime", () => {
  const jail = jailOf();
  failAt(jail, HOST, 1000);
  failAt(jail, "192.0.2.8", 5000);
  assertEquals(jail.status(5000).failed, { now: 2, total: 2 });
  const later = 11_010; // Told apart to a thousandth of findtime.
  assertEquals(jail.status(later).failed, { now: 1, total: 2 });
  const again = new Jail(jail.settings, partsOf(), jail.save());
  assertEquals(again.status(later), jail.status(later), "as before a reload");
});

Deno.test("Jail bans longer each time, and counts bans of all jails where asked to", () => {
  const increment = {
    factor: 2,
    maxtime: 200_000,
    rndtime: 0,
    memory: 1e6,
    overalljails: false,
  };
  const memory = new BanMemory();
  const parts = partsOf({ memory });
  const jail = new Jail(settingsOf({ maxretry: 1, increment }), parts);
  const lengths: number[] = [];
  let time = 0;
  for (let round = 0; round < 5; round++) {
    const ban = failAt(jail, HOST, time).find(({ kind }) => kind === "ban")!.ban;
    lengths.push(ban.until! - ban.since);
    time = ban.until!;
  }
  assertEquals(lengths, [60_000, 120_000, 200_000, 200_000, 200_000]);

  const other = new Jail(settingsOf({ name: "other", maxretry: 1, increment }), parts);
  assertEquals(failAt(other, HOST, time)[0]?.ban.bans, 1);
  const overall = new Jail(
    settingsOf({ name: "overall", maxretry: 1, increment: { ...increment, overalljails: true } }),
    parts,
  );
  assertEquals(failAt(overall, HOST, time)[0]?.ban.bans, 7);
  assertEquals(
    failAt(jail, HOST, time + 1e6 + 1).at(-1)?.ban.bans,
    1,
    "all is forgotten in the end",
  );
});

Deno.test("failureOfBan lets a jail watch other jails' bans", () => {
  const watcher = jailOf({ name: "recidive", maxretry: 2, findtime: 1e6, bantime: Infinity });
  const jail = jailOf({ maxretry: 1 });
  const bans = [1, 60_001].flatMap((time) => failAt(jail, "2001:db8::1", time)).filter(({ kind }) =>
    kind === "ban"
  );
  const events = bans.flatMap(({ ban }) => watcher.fail(failureOfBan(ban)));
  assertEquals(events.map(({ ban }) => [ban.jail, ban.host, ban.since, ban.until, ban.lines]), [[
    "recidive",
    "2001:db8::/64",
    60_001,
    null,
    ["banned by test: 1 failure of 2001:db8::1", "banned by test: 60001 failure of 2001:db8::1"],
  ]]);
});

Deno.test("Jail counts and bans ids as they are", () => {
  const jail = jailOf({ maxretry: 2, ipv6Prefix: 64, ignoreip: ["id:me", "2001:db8::1"] });
  assertEquals(inShort(failAt(jail, "id:2001:db8::1/64", 1, 2)), ["ban id:2001:db8::1/64 at 2"]);
  assertEquals(inShort(failAt(jail, "id:ab:cd", 1, 2)), ["ban id:ab:cd at 2"]);
  assertEquals(failAt(jail, "id:me", 1, 2), []);
  assertEquals(jail.objectionTo("id:me", 1), "id:me is in ignoreip");
  const restored = jailOf({}, jail.save());
  assertEquals([...restored.bans].map(({ host }) => host), ["id:2001:db8::1/64", "id:ab:cd"]);
  assertEquals(restored.unban("2001:db8::/32", 3), [], "a network holds no id");
  assertEquals(inShort(restored.unban("id:ab:cd", 3)), ["unban id:ab:cd at 3"]);
});

Deno.test("Jail does not count an id whose address is ignored", () => {
  const jail = jailOf({ maxretry: 1, ignoreip: ["192.0.2.0/24"] });
  assertEquals(jail.fail({ ...failureOf("id:bob", 1), address: "192.0.2.7" }), []);
  assertEquals(jail.fail({ ...failureOf("id:bob", 1), address: "198.51.100.7" }).length, 1);
});

Deno.test("Jail keeps each line of a failure of several lines", () => {
  const jail = jailOf({ maxretry: 2, maxmatches: 3 });
  const long = "x".repeat(600);
  jail.fail(failureOf(HOST, 1, { line: "a\nb" }));
  const [event] = jail.fail(failureOf(HOST, 2, { line: `c\n${long}` }));
  assertEquals(event?.ban.lines, ["b", "c", long.slice(0, 500)]);
});

Deno.test("Jail spares who has logged in for as long as logins count, and says why", () => {
  const trust = new Trust([settingsOf()]);
  const jail = new Jail(settingsOf({ trustLogins: 1000 }), partsOf({ trust }));
  trust.login(HOST, 100);
  const [spared, ...rest] = failAt(jail, HOST, 200, 300, 400, 500, 1098, 1099);
  assertEquals(spared?.kind === "spared" && spared.reason, "logged in at 1970-01-01T00:00:00.100Z");
  assertEquals(inShort(rest), [`spared ${HOST} at 1099`]);
  assertEquals([...jail.bans], []);
  assertEquals(jail.objectionTo(HOST, 1099), `${HOST} logged in at 1970-01-01T00:00:00.100Z`);
  assertEquals(jail.objectionTo("192.0.0.0/16", 1099)?.startsWith(HOST), true);
  assertEquals(inShort(failAt(jail, HOST, 1100, 1101, 1102)), [`ban ${HOST} at 1102`]);
  assertEquals(jail.objectionTo(HOST, 1103), undefined);
});

Deno.test("Jail spares who is logged in, until he has left", () => {
  const trust = new Trust([settingsOf()]);
  const jail = new Jail(settingsOf({ trustLogins: 1 }), partsOf({ trust }));
  trust.setSessions([HOST]);
  assertEquals(inShort(failAt(jail, HOST, 1, 2, 3)), [`spared ${HOST} at 3`]);
  trust.setSessions([]);
  assertEquals(inShort(failAt(jail, HOST, 4, 5, 6)), [`ban ${HOST} at 6`]);
});

Deno.test("Jail lets logins count for nothing where they are not trusted", () => {
  const trust = new Trust([settingsOf()]);
  const jail = new Jail(settingsOf({ trustLogins: 0 }), partsOf({ trust }));
  trust.login(HOST, 1);
  trust.setSessions([HOST]);
  assertEquals(inShort(failAt(jail, HOST, 1, 2, 3)), [`ban ${HOST} at 3`]);
});

Deno.test("Jail bans a stranger alone whose neighbour in the network has logged in", () => {
  const trust = new Trust([settingsOf()]);
  const jail = new Jail(settingsOf({ trustLogins: 1000 }), partsOf({ trust }));
  trust.login("2001:db8::5", 0);
  assertEquals(inShort(failAt(jail, "2001:db8::6", 1, 2, 3)), ["ban 2001:db8::6 at 3"]);
  assertEquals(failAt(jail, "2001:db8::6", 4, 5, 6), [], "he is banned already");
  assertEquals(inShort(failAt(jail, "2001:db8::5", 7, 8, 9)), ["spared 2001:db8::5 at 9"]);
  assertEquals(inShort(jail.unban("2001:db8::6", 10)), ["unban 2001:db8::6 at 10"]);
});

Deno.test("Jail objects to a ban by hand that would take along who has logged in", () => {
  const settings = settingsOf({ trustLogins: 1000, ipv4Prefix: 24 });
  const trust = new Trust([settings]);
  const jail = new Jail(settings, partsOf({ trust }));
  trust.setSessions(["2001:db8::99"]);
  trust.login("192.0.2.7", 0);
  const isLoggedIn = "with it 2001:db8::/64 would be banned, and 2001:db8::99 is logged in";
  assertEquals(jail.objectionTo("2001:db8::1", 1), isLoggedIn);
  assertEquals(jail.objectionTo("2001:db8::/80", 1), isLoggedIn);
  assertEquals(jail.objectionTo("2001:db8::/64", 1), "2001:db8::99 is logged in");
  assertEquals(jail.objectionTo("2001:db8::99", 1), "2001:db8::99 is logged in");
  assertEquals(
    jail.objectionTo("192.0.2.8", 1),
    "with it 192.0.2.0/24 would be banned, and 192.0.2.7 logged in at 1970-01-01T00:00:00.000Z",
  );
  assertEquals(jail.objectionTo("192.0.2.8", 1001), undefined, "the login is too long ago");
  assertEquals(jail.objectionTo("2001:db8:0:1::1", 1), undefined);
});

Deno.test("Jail's fuse holds bans beyond so many in a minute, until there are fewer", () => {
  const jail = jailOf({ maxretry: 1, maxBansPerMinute: 2 });
  const banAt = (...times: number[]) =>
    times.flatMap((time) =>
      jail.fail(failureOf(`10.0.${Math.floor(time / 250)}.${time % 250}`, time))
    )
      .map(({ kind }) => kind);
  assertEquals(banAt(1, 2, 3, 4), ["ban", "ban", "held", "held"]);
  assertEquals(banAt(60_002, 60_064), ["held", "ban"], "the second has only one in its minute");
  assertEquals(jail.status(60_064).held, 3);
  assertEquals([...jail.bans].length, 3);
  const again = new Jail(jail.settings, partsOf(), jail.save());
  assertEquals(again.status(60_064).held, 3);
  assertEquals(again.fail(failureOf("192.0.2.1", 60_065))[0]?.kind, "held", "as without a restart");
  assertEquals(jail.ban("192.0.2.2", { since: 60_066, cause: "manual" })[0]?.kind, "ban");
});

Deno.test("Jail's fuse holds no ban for those of a log that was read before and is newer", () => {
  const jail = jailOf({ maxretry: 1, maxBansPerMinute: 2 });
  const minute = 60_000;
  const kinds = [8, 10, 1, 3, 5, 5.1, 5.2].map((time, index) =>
    jail.fail(failureOf(`192.0.2.${index}`, time * minute))[0]?.kind
  );
  assertEquals(kinds, ["ban", "ban", "ban", "ban", "ban", "ban", "held"]);
});

Deno.test("Jail's fuse holds bans for a minute at most after the clock was set back", () => {
  const jail = jailOf({ maxretry: 1, maxBansPerMinute: 2 });
  const hour = 3_600_000;
  let hosts = 0;
  const banAt = (time: number) => {
    jail.tick(time);
    return jail.fail(failureOf(`192.0.2.${++hosts}`, time))[0]?.kind;
  };
  assertEquals([banAt(hour), banAt(hour + 1)], ["ban", "ban"]);
  assertEquals(banAt(1000), "held", "a flood goes on");
  assertEquals(banAt(1000 + 60_000), "ban");
  assertEquals(banAt(1000 + 60_001), "ban");
});

Deno.test("Jail is quiet unless there is something that time changes", () => {
  const jail = jailOf({ maxretry: 2, findtime: 10, bantime: 5 });
  assertEquals(jail.isQuiet, true);
  jail.ban("192.0.2.9", { since: 1, until: null, cause: "manual" });
  assertEquals(jail.isQuiet, true, "a ban for ever");
  failAt(jail, HOST, 1);
  assertEquals(jail.isQuiet, false, "a failure");
  failAt(jail, HOST, 2);
  assertEquals(jail.isQuiet, false, "a ban");
  jail.tick(7);
  assertEquals(jail.isQuiet, false, "the end of a ban, for failures that come late");
  jail.tick(100);
  assertEquals(jail.isQuiet, true);
});
