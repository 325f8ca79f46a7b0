import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Change,
  type Firewall,
  FirewallError,
  openFirewall,
  type Rule,
  type Target,
} from "../../lib/firewall/mod.ts";
import { addresses, must, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { UfwSandbox } from "../ufw_sandbox.ts";
import { sshd } from "./targets.ts";

const { server, attacker } = addresses;
const needs = { programs: ["ufw"] };

testAsRoot("ufw: a ban goes before the administrator's rules, and opens again", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  await network.listen("server", 22, 80);
  await sandbox.ufw("allow", "22/tcp");
  await sandbox.ufw("allow", "80/tcp");
  const ufw = ufwOf(sandbox);
  await ufw.reconcile([sshd], []);
  await ufw.apply([ban(attacker.ipv4), ban("2001:db8:bad:bad::/64")]);

  for (const family of ["ipv4", "ipv6"] as const) {
    assertEquals(await network.probe("attacker", server[family], 22), "silent");
    assertEquals(await network.probe("attacker", server[family], 80), "open");
    assertEquals(await network.probe("innocent", server[family], 22), "open");
  }
  await ufw.apply([unban(attacker.ipv4), unban("2001:db8:bad:bad::/64")]);
  for (const family of ["ipv4", "ipv6"] as const) {
    assertEquals(await network.probe("attacker", server[family], 22), "open");
  }
});

testAsRoot(
  "ufw: a ban that ran out is taken away, and its rule says when that will be",
  needs,
  async () => {
    await using network = await Network.create();
    await using sandbox = await activeUfw(network);
    const ufw = ufwOf(sandbox);
    const until = Date.UTC(2100, 0, 1);
    await ufw.reconcile([sshd], [rule("192.0.2.20", until), rule("192.0.2.21")]);
    assertEquals(await added(sandbox), [
      "ufw deny from 192.0.2.20 to any port 22 proto tcp comment 'banjo sshd until 2100-01-01T00:00:00Z'",
      "ufw deny from 192.0.2.21 to any port 22 proto tcp comment 'banjo sshd'",
    ]);
    assertEquals(await ufw.locate(rule("192.0.2.20", until)), {
      place: 'ufw: "deny from 192.0.2.20 to any port 22 proto tcp"',
      isInForce: true,
    });
    await ufw.apply([{ kind: "expire", rule: rule("192.0.2.20", until) }]);
    assertEquals(await ufw.list(), [rule("192.0.2.21")]);
    assertEquals((await ufw.locate(rule("192.0.2.20", until))).isInForce, false);
  },
);

testAsRoot("ufw: a later ban of a host changes its end", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  const ufw = ufwOf(sandbox);
  await ufw.reconcile([sshd], []);
  const day = Date.UTC(2100, 0, 1);
  for (const until of [day, day + 1_000, null, day + 2_000]) {
    await ufw.apply([ban("192.0.2.20", until), ban("2001:db8::/64", until)]);
    assertEquals(await ufw.list(), [rule("192.0.2.20", until), rule("2001:db8::/64", until)]);
  }
  await ufw.apply([ban("192.0.2.20", Date.now() - 1)]);
  assertEquals(await ufw.list(), [rule("2001:db8::/64", day + 2_000)]);
});

testAsRoot(
  "ufw: another process reads, keeps and removes the bans of one before",
  needs,
  async () => {
    await using network = await Network.create();
    await using sandbox = await activeUfw(network);
    const rules = [rule("192.0.2.20", Date.UTC(2100, 0, 1)), rule("2001:db8::/64")];
    await ufwOf(sandbox).reconcile([sshd], rules);
    const before = await added(sandbox);

    assertEquals(await ufwOf(sandbox).list(), rules);
    await ufwOf(sandbox).reconcile([sshd], rules);
    assertEquals(await added(sandbox), before);
    await ufwOf(sandbox).reconcile([sshd], rules.slice(1));
    assertEquals(await added(sandbox), before.slice(1));
    await ufwOf(sandbox).remove();
    assertEquals(await added(sandbox), []);
  },
);

testAsRoot("ufw: all ports, several, ranges and more than one rule can take", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  const evens = Array.from({ length: 14 }, (_, i) => String(100 + 2 * i));
  const targets: readonly Target[] = [
    { ...sshd, jail: "all", ports: [], protocol: "all" },
    { ...sshd, jail: "tcp", ports: [] },
    { ...sshd, jail: "both", ports: ["8080", "443", "6000-6010"], protocol: "all" },
    { ...sshd, jail: "many", ports: [...evens, "6000-6010", "7000"] },
  ];
  const rules = targets.map(({ jail }) => ({ jail, host: "192.0.2.20", until: null }));
  const ufw = ufwOf(sandbox);
  await ufw.reconcile(targets, rules);
  assertEquals(
    await added(sandbox),
    [
      `ufw deny from 192.0.2.20 to any port ${evens.join(",")} proto tcp comment 'banjo many'`,
      "ufw deny from 192.0.2.20 to any port 443,6000:6010,8080 proto tcp comment 'banjo both'",
      "ufw deny from 192.0.2.20 to any port 443,6000:6010,8080 proto udp comment 'banjo both'",
      "ufw deny from 192.0.2.20 to any port 6000:6010,7000 proto tcp comment 'banjo many'",
      "ufw deny from 192.0.2.20 comment 'banjo all'",
      "ufw deny from 192.0.2.20 proto tcp comment 'banjo tcp'",
    ].toSorted(),
  );
  assertEquals(byJail(await ufw.list()), byJail(rules));
  const again = ufwOf(sandbox);
  await again.reconcile(targets, []);
  assertEquals(await added(sandbox), []);
});

testAsRoot(
  "ufw: a host that two jails ban stays banned until both have let it go",
  needs,
  async () => {
    await using network = await Network.create();
    await using sandbox = await activeUfw(network);
    const ufw = ufwOf(sandbox);
    const until = Date.UTC(2100, 0, 1);
    const first = rule("192.0.2.20", until);
    const second = { ...rule("192.0.2.20", until + 1_000), jail: "other" };
    await ufw.reconcile([sshd, { ...sshd, jail: "other" }], [first]);
    await ufw.apply([{ kind: "ban", rule: second }]);
    assertEquals(await ufw.list(), [second]);
    await ufw.apply([{ kind: "unban", rule: second }]);
    assertEquals(await ufw.list(), [first]);
    await ufw.apply([{ kind: "unban", rule: first }]);
    assertEquals(await ufw.list(), []);
  },
);

testAsRoot("ufw: the administrator's rules stay, whatever they are about", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  await sandbox.ufw("limit", "22/tcp", "comment", "banjo is about");
  await sandbox.ufw("allow", "proto", "tcp", "from", "192.0.2.20", "to", "any", "port", "22");
  await sandbox.ufw("deny", "proto", "tcp", "from", "192.0.2.21", "to", "any", "port", "22");
  await sandbox.ufw("allow", "from", "192.0.2.22", "comment", "banjo sshd");
  const before = await added(sandbox);
  const ufw = ufwOf(sandbox);
  const hosts = ["192.0.2.20", "192.0.2.21", "192.0.2.22"];
  await ufw.reconcile([sshd], hosts.map((host) => rule(host)));
  await ufw.apply(hosts.map(unban));
  await ufw.remove();
  assertEquals(await added(sandbox), before);
});

testAsRoot("ufw: one that is reset amid a change is found to be inactive", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  const inside = (...command: readonly string[]) => sandbox.in(...command).join(" ");
  const once = "/run/once";
  await must(sandbox.in("touch", once));
  // ufw, and as soon as it has been given its first rule, somebody who resets it.
  const script = `"$@" || exit
    case " $* " in *" prepend "*) ${inside("rm", once)} && ${
    inside("ufw", "--force", "reset")
  } ;; esac >&2
    true`;
  const command = ["/bin/sh", "-c", script, "sh", ...sandbox.in("ufw")];
  const ufw = openFirewall("ufw", { command });
  await assertRejects(
    () => ufw.reconcile([sshd], [rule("192.0.2.20")]),
    FirewallError,
    "Status: inactive",
  );
  assertEquals((await ufw.locate(rule("192.0.2.20"))).isInForce, false);
});

testAsRoot(
  "ufw: an inactive ufw is an error that says what to do, and so are missing rights",
  needs,
  async () => {
    await using network = await Network.create();
    await using sandbox = await UfwSandbox.create(network);
    const inactive = ufwOf(sandbox);
    await assertRejects(() => inactive.reconcile([sshd], []), FirewallError, "run `ufw enable`");
    await sandbox.ufw("--force", "enable");
    await inactive.reconcile([sshd], [rule("192.0.2.20")]);
    assertEquals(await inactive.list(), [rule("192.0.2.20")]);

    const nobody = ["setpriv", "--reuid=65534", "--clear-groups", "ufw"];
    const unprivileged = openFirewall("ufw", { command: sandbox.in(...nobody) });
    await assertRejects(() => unprivileged.list(), FirewallError, "run banjo as root");
    const missing = openFirewall("ufw", { command: ["/nowhere/ufw"] });
    await assertRejects(() => missing.list(), FirewallError, "Cannot run /nowhere/ufw");
  },
);

testAsRoot("ufw: what is no canonical address never reaches it", needs, async () => {
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  const ufw = ufwOf(sandbox);
  for (const host of ["any", "0.0.0.0/0", "localhost", "1.2.3.4 to any port 1", "--force", ""]) {
    await ufw.reconcile([sshd], []);
    await assertRejects(() => ufw.apply([ban(host)]), FirewallError, "Cannot ban");
  }
  assertEquals(await added(sandbox), []);
});

testAsRoot("ufw: the sandbox leaves the machine's own ufw alone", needs, async () => {
  const read = () => ["user.rules", "user6.rules", "ufw.conf"].map(readRules);
  const before = read();
  await using network = await Network.create();
  await using sandbox = await activeUfw(network);
  await ufwOf(sandbox).reconcile([sshd], [rule("192.0.2.20")]);
  assert((await added(sandbox)).length === 1);
  assertEquals(read(), before);
});

async function activeUfw(network: Network): Promise<UfwSandbox> {
  const sandbox = await UfwSandbox.create(network);
  await sandbox.ufw("--force", "enable");
  return sandbox;
}

function ufwOf(sandbox: UfwSandbox): Firewall {
  return openFirewall("ufw", { command: sandbox.in("ufw") });
}

/** The rules that ufw has been given, sorted. */
async function added(sandbox: UfwSandbox): Promise<readonly string[]> {
  const lines = (await sandbox.ufw("show", "added")).trim().split("\n").slice(1);
  return lines.filter((line) => line !== "(None)").toSorted();
}

function byJail(rules: readonly Rule[]): readonly Rule[] {
  return rules.toSorted((a, b) => a.jail < b.jail ? -1 : 1);
}

function readRules(file: string): string {
  return Deno.readTextFileSync(`/etc/ufw/${file}`);
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
