import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { networkOf, parseAddress } from "../../lib/address.ts";
import {
  type Change,
  type Firewall,
  FirewallError,
  openFirewall,
  type Rule,
} from "../../lib/firewall/mod.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { sshd } from "./targets.ts";

const { server, attacker, container } = addresses;
const needs = { programs: ["nft"] };

testAsRoot(
  "nftables: a ban closes the jail's ports to its host, and nothing else",
  needs,
  async () => {
    await using network = await Network.create();
    await network.listen("server", 22, 80);
    const nft = nftables(network);
    await nft.reconcile([sshd], []);
    await nft.apply([ban(attacker.ipv4)]);

    assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
    assertEquals(await network.probe("attacker", server.ipv4, 80), "open");
    assertEquals(await network.probe("attacker", server.ipv6, 22), "open");
    assertEquals(await network.probe("neighbour", server.ipv4, 22), "open");

    await nft.apply([unban(attacker.ipv4)]);
    assertEquals(await network.probe("attacker", server.ipv4, 22), "open");
  },
);

testAsRoot("nftables: a prefix ban covers its whole network and no other", needs, async () => {
  await using network = await Network.create();
  await network.listen("server", 22);
  const nft = nftables(network);
  await nft.reconcile([{ ...sshd, ipv4Prefix: 24 }], []);
  await nft.apply([ban(networkOf(attacker.ipv4, 24, 64)), ban(networkOf(attacker.ipv6, 24, 64))]);

  for (const family of ["ipv4", "ipv6"] as const) {
    const hosts = ["attacker", "neighbour", "innocent"] as const;
    const probes = hosts.map((host) => network.probe(host, server[family], 22));
    assertEquals(await Promise.all(probes), ["silent", "silent", "open"]);
  }
});

testAsRoot("nftables: networks of any other length are banned and unbanned", needs, async () => {
  await using network = await Network.create();
  await network.listen("server", 22);
  const nft = nftables(network);
  await nft.reconcile([sshd], []);
  await nft.apply([ban("198.51.100.64/31"), ban("2001:db8:ba0::/44"), ban("198.51.96.0/21")]);

  assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
  assertEquals(await network.probe("attacker", server.ipv6, 22), "silent");
  assertEquals(await network.probe("innocent", server.ipv4, 22), "open");
  assertEquals(await network.probe("innocent", server.ipv6, 22), "open");

  await nft.apply([unban("198.51.96.0/21"), unban("2001:db8:ba0::/44")]);
  assertEquals(await network.probe("attacker", server.ipv4, 22), "open");
  assertEquals(await network.probe("attacker", server.ipv6, 22), "open");
  assertEquals(hostsOf(await nft.list()), ["198.51.100.64/31"]);
});

testAsRoot(
  "nftables: a ban is found in its set, what it stops is counted, and neither is taken for a change",
  needs,
  async () => {
    await using network = await Network.create();
    await network.listen("server", 22);
    const nft = nftables(network);
    assertEquals((await nft.locate(rule(attacker.ipv4))).isInForce, false);
    await nft.reconcile([sshd], [rule(attacker.ipv4), rule("203.0.113.0/24")]);
    assertEquals(await nft.stopped(), [{ jail: "sshd", packets: 0, bytes: 0 }]);
    assertEquals(await nft.locate(rule(attacker.ipv4)), {
      place: "the set ban4-sshd/32 of the table inet banjo",
      isInForce: true,
    });
    assertEquals((await nft.locate(rule("203.0.113.0/24"))).isInForce, true);
    for (const host of ["203.0.113.0", attacker.ipv6, "192.0.2.0/29"]) {
      assertEquals((await nft.locate(rule(host))).isInForce, false, host);
    }

    assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
    const [stopped] = await nft.stopped();
    assert(stopped!.packets > 0 && stopped!.bytes > stopped!.packets);
    assert(await nft.isIntact());
    assertEquals(hostsOf(await nft.list()), ["203.0.113.0/24", attacker.ipv4].toSorted());
  },
);

testAsRoot("nftables: every prefix length makes a set that nft takes", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  const lengths = (bits: number) => Array.from({ length: bits }, (_, i) => i + 1);
  const hosts = [
    ...lengths(32).map((length) => networkOf("203.0.113.255", length, length)),
    ...lengths(128).map((length) => networkOf("2001:db8:ffff:ffff:ffff::ffff", length, length)),
  ];
  await nft.reconcile([sshd], []);
  await nft.apply(hosts.map((host) => ban(host)));
  assertEquals(hostsOf(await nft.list()), hosts.toSorted());
});

testAsRoot("nftables: all ports and protocols are closed where none are named", needs, async () => {
  await using network = await Network.create();
  await network.listen("server", 22, 80);
  const nft = nftables(network);
  await watch(network, "udp dport 53");
  const sendDatagrams = async (until: number) => {
    const send = ["bash", "-c", 'echo > "/dev/udp/$0/53"', server.ipv4];
    while (await counter(network, "sent") < until) await network.must("attacker", send);
  };

  await nft.reconcile([{ ...sshd, ports: [], protocol: "all" }], [rule(attacker.ipv4)]);
  assertEquals(await network.probe("attacker", server.ipv4, 80), "silent");
  await sendDatagrams(3);
  assertEquals(await counter(network, "passed"), 0);

  await nft.reconcile([{ ...sshd, ports: [], protocol: "tcp" }], [rule(attacker.ipv4)]);
  assertEquals(await network.probe("attacker", server.ipv4, 80), "silent");
  await sendDatagrams(6);
  assertEquals(await counter(network, "passed"), 3);
});

testAsRoot(
  "nftables: ranges that overlap and both protocols at once are closed",
  needs,
  async () => {
    await using network = await Network.create();
    await network.listen("server", 79, 80, 85, 90, 91);
    const nft = nftables(network);
    const ports = ["80-88", "85", "86-90", "22"];
    await nft.reconcile([{ ...sshd, ports, protocol: "all" }], [rule(attacker.ipv4)]);

    const probes = [79, 80, 85, 90, 91].map((port) => network.probe("attacker", server.ipv4, port));
    assertEquals(await Promise.all(probes), ["open", "silent", "silent", "silent", "open"]);
  },
);

testAsRoot("nftables: a ban cuts an open connection", needs, async () => {
  await using network = await Network.create();
  await network.listen("server", 22);
  const nft = nftables(network);
  await nft.reconcile([sshd], []);
  const [cut, kept] = await Promise.all([
    network.talk("attacker", server.ipv6, 22),
    network.talk("innocent", server.ipv6, 22),
  ]);

  await nft.apply([ban("2001:db8:bad:bad::/64")]);
  await Promise.all([cut.say("to nobody"), kept.say("to all")]);
  await kept.hears("to all");
  const outcome = await Promise.race([
    cut.hears("to nobody").then(() => "heard"),
    sendsInVain(network).then(() => "cut"),
  ]);
  assertEquals(outcome, "cut");

  await Promise.all([cut.hangUp(), kept.hangUp()]);
});

testAsRoot("nftables: a published port is closed by its public number", needs, async () => {
  await using network = await Network.create();
  await network.listen("container", 80);
  await network.must("server", ["nft", "-f", "-"], PUBLISH);
  const nft = nftables(network);
  await nft.reconcile([{ ...sshd, ports: ["8080"] }], []);
  assertEquals(await network.probe("attacker", server.ipv4, 8080), "open");
  const open = await network.talk("attacker", server.ipv4, 8080);

  await nft.apply([ban(attacker.ipv4), ban("2001:db8:bad:bad::/64")]);
  assertEquals(await network.probe("attacker", server.ipv4, 8080), "silent");
  assertEquals(await network.probe("attacker", server.ipv6, 8080), "silent");
  assertEquals(await network.probe("innocent", server.ipv4, 8080), "open");
  assertEquals(await network.probe("innocent", server.ipv6, 8080), "open");
  await open.hangUp();
});

testAsRoot(
  "nftables: a later ban of a host replaces the earlier, longer or shorter",
  needs,
  async () => {
    await using network = await Network.create();
    const nft = nftables(network);
    await nft.reconcile([sshd], []);
    for (const until of [inSeconds(600), inSeconds(60), inSeconds(6000), null, inSeconds(60)]) {
      await nft.apply([ban(attacker.ipv4, until)]);
      assertSameRules(await nft.list(), [rule(attacker.ipv4, until)]);
    }
    await nft.apply([ban(attacker.ipv4, Date.now() - 1)]);
    assertEquals(await nft.list(), []);
  },
);

testAsRoot("nftables: one host that is banned already holds up no other", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  const until = Date.now() + 3_600_000;
  await nft.reconcile([sshd], [rule("192.0.2.20"), rule("192.0.2.23")]);
  await nft.apply([
    ban("192.0.2.21"),
    ban("192.0.2.20", until),
    ban("192.0.2.22"),
    unban("192.0.2.23"),
  ]);
  assertSameRules(await nft.list(), [
    rule("192.0.2.20", until),
    rule("192.0.2.21"),
    rule("192.0.2.22"),
  ]);
});

testAsRoot("nftables: in a batch the last change of a host counts", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  await nft.reconcile([sshd], [rule("192.0.2.20")]);
  const until = inSeconds(60);
  await nft.apply([
    ban("192.0.2.21"),
    unban("192.0.2.21"),
    unban("192.0.2.22"),
    ban("192.0.2.22", until),
    ban("192.0.2.23"),
    ban("192.0.2.23", until),
    unban("192.0.2.20"),
    { kind: "expire", rule: rule("192.0.2.22") },
  ]);
  assertSameRules(await nft.list(), [rule("192.0.2.22", until), rule("192.0.2.23", until)]);
});

testAsRoot("nftables: the kernel ends a ban by itself", needs, async () => {
  await using network = await Network.create();
  await network.listen("server", 22);
  const nft = nftables(network);
  await nft.reconcile([sshd], [rule(attacker.ipv4, Date.now() + 4000), rule("192.0.2.20")]);
  assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
  while ((await nft.list()).length > 1) await delay(100);
  assertEquals(await network.probe("attacker", server.ipv4, 22), "open");
  await nft.apply([{ kind: "expire", rule: rule(attacker.ipv4) }]);
  assertEquals(hostsOf(await nft.list()), ["192.0.2.20"]);
});

testAsRoot("nftables: what reconcile puts in force is what list gives", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  const host = fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 128 }))
    .map(([text, length]) => ({ address: parseAddress(text), length }))
    .filter(({ address }) => address !== undefined)
    .map(({ address, length }) => networkOf(address!, Math.min(length, 32), length));
  const until = fc.oneof(
    fc.constant(null),
    fc.integer({ min: 30, max: 3_000_000_000 }).map(inSeconds),
  );
  const rules = fc.uniqueArray(
    fc.record({ jail: fc.constantFrom(...jailNames), host, until }),
    { selector: ({ jail, host }) => `${jail} ${host}`, maxLength: 40 },
  );
  const targets = jailNames.map((jail) => ({ ...sshd, jail }));
  await fc.assert(
    fc.asyncProperty(rules, fc.integer({ min: 0, max: 40 }), async (rules, some) => {
      await nft.reconcile(targets, rules.slice(0, some));
      await nft.apply(rules.slice(some).map((rule) => ({ kind: "ban", rule })));
      assertSameRules(await nft.list(), rules);
    }),
    { numRuns: 40 },
  );
});

testAsRoot(
  "nftables: another process reads the bans that one has put in force",
  needs,
  async () => {
    await using network = await Network.create();
    assertEquals(await nftables(network).list(), []);
    const rules = [rule("192.0.2.20"), rule("2001:db8::/64", inSeconds(60))];
    await nftables(network).reconcile([sshd], rules);
    assertSameRules(await nftables(network).list(), rules);
  },
);

testAsRoot("nftables: reconcile leaves no moment without the ban", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  await nft.reconcile([sshd], [rule(attacker.ipv4)]);
  await watch(network, "tcp dport 22");
  const flood = network.spawn("attacker", [Deno.execPath(), "eval", FLOOD, server.ipv4]);
  while (await counter(network, "sent") < 100) await delay(10);
  const sent = await counter(network, "sent");
  for (let i = 0; i < 50; i++) await nft.reconcile([sshd], [rule(attacker.ipv4)]);
  assert(await counter(network, "sent") > sent + 50);
  assertEquals(await counter(network, "passed"), 0);
  flood.kill("SIGKILL");
});

testAsRoot(
  "nftables: more bans than fit into one transaction take the place of others in parts, without a gap",
  needs,
  async () => {
    await using network = await Network.create();
    const many = Array.from({ length: 45_000 }, (_, n) => rule(`10.0.${n >> 8}.${n & 255}`));
    const rules = [rule(attacker.ipv4), rule("2001:db8::/64"), ...many];
    await nftables(network).reconcile([sshd], rules);
    await watch(network, "tcp dport 22");
    const flood = network.spawn("attacker", [Deno.execPath(), "eval", FLOOD, server.ipv4]);
    while (await counter(network, "sent") < 100) await delay(10);

    /** Whether a set holds an address, at this very moment. */
    const isIn = (set: string, address: string) => {
      const element = ["create", "element", "inet", "banjo", set, `{ ${address} }`];
      const [program, ...args] = network.on("server", "nft", "-c", ...element);
      return !new Deno.Command(program!, { args, stderr: "null" }).outputSync().success;
    };
    // What changes meanwhile counts, of what is in force anew already and of what is to come.
    const [early, late, fresh] = [many[5]!, many[44_999]!, rule("192.0.2.20")];
    const wanted = [...rules.filter((each) => each !== early && each !== late), fresh];
    const sets = ["ban4-sshd/32", "ban4-sshd/32.2"];
    for (const start of [rules, [...wanted, early, late]]) {
      const [former, next] = sets as [string, string];
      const nft = nftables(network);
      let asked = 0;
      await nft.reconcile([sshd], start, () => {
        if (asked++ > 0) {
          assertEquals([isIn(former, early.host), isIn(next, fresh.host)], [false, true]);
          return [];
        }
        return [{ kind: "unban", rule: early }, { kind: "unban", rule: late }, ban(fresh.host)];
      });
      assertEquals(asked, 2);
      sets.reverse();
      assertEquals(hostsOf(await nft.list()), wanted.map(({ host }) => host).sort());
      const { place, isInForce } = await nft.locate(fresh);
      assertEquals([place, isInForce], [`the set ${next} of the table inet banjo`, true]);
      assertEquals(await nft.isIntact(), true);
      assertEquals((await nft.stopped()).map(({ jail }) => jail), ["sshd"]);
      const names = await network.must("server", ["nft", "-t", "list", "table", "inet", "banjo"]);
      assertEquals(names.match(/chain/g)?.length, 1, names);
      assertEquals(names.match(/set \S+\/32/g)?.length, 1, names);
    }
    assertEquals(await counter(network, "passed"), 0);
    flood.kill("SIGKILL");

    // Where somebody else has put something into the table, all is replaced at one go.
    await network.must("server", [
      "nft",
      "add",
      "set",
      "inet",
      "banjo",
      "stranger",
      "{ type mark; }",
    ]);
    const nft = nftables(network);
    await nft.reconcile([sshd], wanted);
    const table = await network.must("server", ["nft", "-t", "list", "table", "inet", "banjo"]);
    assert(!table.includes("stranger"), table);
    assertEquals((await nft.list()).length, wanted.length);
  },
);

testAsRoot("nftables: reconcile replaces all of its table and nothing else", needs, async () => {
  await using network = await Network.create();
  await network.must("server", ["nft", "-f", "-"], STRANGERS);
  const before = await network.must("server", ["nft", "list", "table", "inet", "admin"]);
  const nft = nftables(network);
  await nft.reconcile([sshd], [rule("192.0.2.20")]);

  const table = await network.must("server", ["nft", "list", "table", "inet", "banjo"]);
  assert(!table.includes("stranger"), table);
  assertEquals(hostsOf(await nft.list()), ["192.0.2.20"]);
  assertEquals(await network.must("server", ["nft", "list", "table", "inet", "admin"]), before);

  await nft.remove();
  await nft.remove();
  assertEquals(await network.must("server", ["nft", "list", "ruleset"]), before);
});

testAsRoot("nftables: a flushed ruleset is noticed", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  assertEquals(await nft.isIntact(), false);
  await nft.reconcile([sshd], []);
  assertEquals(await nft.isIntact(), true);
  await network.must("server", ["nft", "flush", "ruleset"]);
  assertEquals(await nft.isIntact(), false);
  await assertRejects(() => nft.apply([ban("192.0.2.20")]), FirewallError, "No such file");
});

testAsRoot("nftables: jails may have any name a jail can have", needs, async () => {
  await using network = await Network.create();
  const nft = nftables(network);
  const targets = jailNames.map((jail) => ({ ...sshd, jail }));
  const rules = jailNames.map((jail) => ({ ...rule("192.0.2.20"), jail }));
  await nft.reconcile(targets, []);
  await nft.apply(rules.map((rule) => ({ kind: "ban", rule })));
  assertSameRules(await nft.list(), rules);
});

testAsRoot(
  "nftables: what is no canonical address, jail name or port never reaches nft",
  needs,
  async () => {
    await using network = await Network.create();
    const nft = nftables(network);
    await nft.reconcile([sshd], []);
    const hosts = [
      "1.2.3.4 }; add table inet x",
      "1.2.3.4\nadd table inet x",
      "localhost",
      "1.2.3.4-1.2.3.9",
      "1.2.3.4/24",
      "01.2.3.4",
      "2001:DB8::1",
      "0.0.0.0/0",
      "::/0",
      "",
    ];
    for (const host of hosts) {
      await assertRejects(() => nft.apply([ban(host)]), FirewallError, "Cannot ban");
      await assertRejects(() => nft.reconcile([sshd], [rule(host)]), FirewallError, "Cannot ban");
    }
    for (const jail of ["", "a b", "a;", "a/24", "ä", "a".repeat(65)]) {
      await assertRejects(() => nft.reconcile([{ ...sshd, jail }], []), FirewallError, "jail name");
    }
    for (const port of ["ssh", "22 } drop; x", "0", "65536", "9-2"]) {
      await assertRejects(
        () => nft.reconcile([{ ...sshd, ports: [port] }], []),
        RangeError,
        "port",
      );
    }
    const stray = { kind: "ban", rule: { ...rule("1.2.3.4"), jail: "other" } } as const;
    await assertRejects(() => nft.apply([stray]), FirewallError, "no such jail");
    assertEquals(await nft.list(), []);
    assertEquals(await network.must("server", ["nft", "list", "tables"]), "table inet banjo\n");
  },
);

Deno.test("nftables: a tool that is not there is named", async () => {
  const nft = openFirewall("nftables", { command: ["/nowhere/nft"] });
  await assertRejects(() => nft.reconcile([sshd], []), FirewallError, "Cannot run /nowhere/nft");
  await assertRejects(() => nft.list(), FirewallError, "Cannot run /nowhere/nft");
});

testAsRoot("nftables: refusals come in nft's own words", needs, async () => {
  await using network = await Network.create();
  const command = network.on("server", "setpriv", "--reuid=65534", "--clear-groups", "nft");
  const unprivileged = openFirewall("nftables", { command });
  for (
    const call of [
      () => unprivileged.reconcile([sshd], [rule("192.0.2.20")]),
      () => unprivileged.list(),
      () => unprivileged.isIntact(),
      () => unprivileged.remove(),
    ]
  ) await assertRejects(call, FirewallError, "Operation not permitted");
});

testAsRoot("nftables: a table of the same name that is in the way is replaced", needs, async () => {
  await using network = await Network.create();
  await network.must(
    "server",
    ["nft", "-f", "-"],
    "table inet banjo { set ban4-sshd/32 { type inet_service; elements = { 22 }; }; }",
  );
  const nft = nftables(network);
  assertEquals(await nft.list(), []);
  await assertRejects(() => nft.apply([ban("192.0.2.20")]), FirewallError, "no such jail");
  await nft.reconcile([sshd], [rule("192.0.2.20")]);
  assertEquals(hostsOf(await nft.list()), ["192.0.2.20"]);
});

/** Names that are words of nft's language, look like options, or are as long as can be. */
const jailNames = ["sshd", "tcp", "counter", "-x", "--help", "24", "sshd-24", "z".repeat(64)];

const PUBLISH = `
table inet published {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    tcp dport 8080 dnat ip to ${container.ipv4}:80
    tcp dport 8080 dnat ip6 to [${container.ipv6}]:80
  }
}`;

const STRANGERS = `
table inet banjo {
  set ban4-sshd/32 { type ipv4_addr; flags timeout; elements = { 192.0.2.99 } }
  set stranger { type ipv4_addr; elements = { 192.0.2.98 } }
  chain stranger { type filter hook input priority 0; tcp dport 9 drop; }
}
table inet admin {
  set own { type ipv4_addr; elements = { 192.0.2.97 } }
  chain input { type filter hook input priority 0; ip saddr @own drop; }
}`;

/** Connects again and again without waiting for an answer. */
const FLOOD = `
for (;;) {
  const attempts = Array.from({ length: 20 }, () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    return Deno.connect({ hostname: Deno.args[0], port: 22, signal: stop.signal }).catch(() => {});
  });
  await Promise.all(attempts);
}`;

function nftables(network: Network): Firewall {
  return openFirewall("nftables", { command: network.on("server", "nft") });
}

function rule(host: string, until: number | null = null): Rule {
  return { jail: "sshd", host, until };
}

function ban(host: string, until: number | null = null): Change {
  return { kind: "ban", rule: rule(host, until) };
}

function unban(host: string): Change {
  return { kind: "unban", rule: rule(host) };
}

function inSeconds(seconds: number): number {
  return Date.now() + seconds * 1000;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function hostsOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ host }) => host).toSorted();
}

/** The kernel counts whole seconds from when it is told, so an end may lie apart by the time of the calls. */
function assertSameRules(actual: readonly Rule[], expected: readonly Rule[]): void {
  const key = ({ jail, host }: Rule) => `${jail} ${host}`;
  const ends = new Map(actual.map((rule) => [key(rule), rule.until]));
  assertEquals([...ends.keys()].toSorted(), expected.map(key).toSorted());
  for (const rule of expected) {
    const end = ends.get(key(rule))!;
    if (rule.until === null || end === null) assertEquals(end, rule.until);
    else assert(Math.abs(end - rule.until) < 20_000, `${key(rule)}: ${end} for ${rule.until}`);
  }
}

/** Waits until the attacker has sent the same bytes three times without an answer, by ss(8). */
async function sendsInVain(network: Network): Promise<void> {
  const state = ["ss", "-Htno", "state", "established"];
  while (!/timer:\(on,[^,]*,[3-9]/.test(await network.must("attacker", state))) await delay(50);
}

/** Counts the attacker's packets: `sent` in front of banjo's chain, `passed` behind it. */
async function watch(network: Network, packets: string): Promise<void> {
  const match = `ip saddr ${attacker.ipv4} ${packets} counter name`;
  const table = `table inet watch {
    counter sent {}
    counter passed {}
    chain before { type filter hook prerouting priority -200; ${match} sent; }
    chain after { type filter hook prerouting priority -100; ${match} passed; }
  }`;
  await network.must("server", ["nft", "-f", "-"], table);
}

async function counter(network: Network, name: string): Promise<number> {
  const said = await network.must("server", ["nft", "list", "counter", "inet", "watch", name]);
  return Number(/packets (\d+)/.exec(said)?.[1]);
}

Deno.test("nftables: a listing that is none is a failure of the firewall", async () => {
  const listings = [
    "",
    "null",
    '{"nftables": 7}',
    '{"nftables": [{"set": {"name": "ban4-sshd/32", "type": "ipv4_addr", "elem": [{}]}}]}',
    '{"nftables": [{"set": {"name": "ban4-sshd/32", "type": "ipv4_addr", "elem": [{"elem": {"val": "192.0.2.7", "expires": 1e300}}]}}]}',
  ];
  for (const listing of listings) {
    const command = ["/bin/sh", "-c", `printf %s '${listing}'`];
    const error = await assertRejects(
      () => openFirewall("nftables", { command }).list(),
      FirewallError,
    );
    assert(error.message.startsWith("Cannot list the bans in force: nft prints"), error.message);
  }
});
