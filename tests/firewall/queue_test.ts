import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Change,
  FirewallError,
  FirewallQueue,
  openFirewall,
  type Rule,
} from "../../lib/firewall/mod.ts";
import { followTool, runTool } from "../../lib/firewall/tool.ts";
import { Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { UfwSandbox } from "../ufw_sandbox.ts";
import { sshd } from "./targets.ts";

const needs = { programs: ["nft"] };

testAsRoot("FirewallQueue: what is pushed is in force when it has settled", needs, async () => {
  await using network = await Network.create();
  const { queue, ban, unban } = agent(network.on("server", "nft"));
  ban("192.0.2.1");
  queue.start([sshd]);
  ban("192.0.2.2");
  ban("192.0.2.3");
  unban("192.0.2.2");
  assertEquals(queue.pending, 4);
  await queue.settled();
  assertEquals(queue.pending, 0);
  assertEquals(hostsOf(await queue.list()), ["192.0.2.1", "192.0.2.3"]);
  await queue.close();
});

testAsRoot("FirewallQueue: thousands of changes become a few calls, in order", needs, async () => {
  await using network = await Network.create();
  const { queue, ban, unban, rules } = agent(network.on("server", "nft"));
  queue.start([sshd]);
  for (let i = 0; i < 3000; i++) {
    ban(`192.0.${i % 256}.${i % 199}`);
    if (i % 3 === 0) unban(`192.0.${i % 256}.${i % 199}`);
    if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await queue.settled();
  assertEquals(hostsOf(await queue.list()), hostsOf(rules()));
  await queue.close();
});

testAsRoot(
  "FirewallQueue: what changes while many bans are put in force does not wait for them",
  needs,
  async () => {
    await using network = await Network.create();
    const { queue, ban, unban, rules } = agent(network.on("server", "nft"));
    for (let i = 0; i < 41_000; i++) ban(`10.0.${i >> 8}.${i & 255}`);
    queue.start([sshd]);
    await queue.settled();
    queue.start([sshd]);
    // What is to be in force was asked for at once, so all this is of later.
    ban("192.0.2.1");
    unban("10.0.0.7");
    ban("10.0.0.7");
    unban("10.0.0.8");
    assertEquals(queue.pending, 4);
    await queue.settled();
    assertEquals(queue.pending, 0);
    assertEquals(hostsOf(await queue.list()), hostsOf(rules()));
    await queue.close();
  },
);

testAsRoot(
  "FirewallQueue: with ufw, a jail's one ban does not wait for all that another has to make",
  { programs: ["nft", "ufw"] },
  async () => {
    await using network = await Network.create();
    await using sandbox = await UfwSandbox.create(network);
    await sandbox.ufw("enable");
    const firewall = openFirewall("ufw", { command: sandbox.in("/usr/sbin/ufw") });
    const queue = new FirewallQueue(firewall, {
      rules: () => [],
      onProblem: () => {},
      onRecovery: () => {},
    });
    queue.start([sshd, { ...sshd, jail: "flooded" }]);
    await queue.settled();
    const ban = (jail: string, host: string): Change => ({
      kind: "ban",
      rule: { jail, host, until: null },
    });
    queue.push(Array.from({ length: 45 }, (_, index) => ban("flooded", `10.0.0.${index + 1}`)));
    // The first batch is under way.
    await new Promise((resolve) => setTimeout(resolve, 100));
    queue.push([ban("sshd", "192.0.2.1")]);
    await queue.settled(["sshd"]);
    assert(queue.pending > 0);
    assert(hostsOf(await queue.list()).includes("192.0.2.1"));
    await queue.settled();
    assertEquals(queue.pending, 0);
    assertEquals((await queue.list()).length, 46);
    await queue.close();
  },
);

testAsRoot("FirewallQueue: when the clock was set, bans end when they should", needs, async () => {
  await using network = await Network.create();
  const until = Date.now() + 3_600_000;
  const said: string[] = [];
  // The kernel was told of an hour when there were but two minutes left.
  let offset = -3_480_000;
  const rule = { jail: "sshd", host: "192.0.2.1", until };
  const rules = () => [{ ...rule, until: until - offset }];
  const command = network.on("server", "nft");
  const queue = new FirewallQueue(openFirewall("nftables", { command }), {
    rules,
    onProblem: (message) => said.push(message),
    onRecovery: () => {},
    clockOffset: () => offset,
  });
  queue.start([sshd]);
  await queue.settled();
  await queue.check();
  assertEquals([queue.hasLostTime, said], [false, []]);

  offset = 0;
  assert(queue.hasLostTime);
  await queue.check();
  assertEquals(said, ["The clock was set by 3480 s: putting the ends of the bans right"]);
  assert(!queue.hasLostTime);
  const [inForce] = await queue.list();
  assert(Math.abs(inForce!.until! - until) < 60_000, `until ${inForce!.until}`);
  await queue.close();
});

testAsRoot(
  "FirewallQueue: without nft bans are pending, and in force once it is there",
  needs,
  async () => {
    await using network = await Network.create();
    const folder = await Deno.makeTempDir({ prefix: "banjo-test-" });
    const { queue, ban, said, waits, recovered } = agent(network.on("server", `${folder}/nft`));
    queue.start([sshd]);
    ban("192.0.2.1");
    await queue.settled();
    ban("192.0.2.2");
    assertEquals(queue.pending, 2);
    for (let i = 0; i < 8; i++) await waits.end();
    assertEquals(waits.lengths.slice(0, 8), [1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1000));
    assertEquals(said.length, 1);
    assert(/^Cannot put the bans in force: .*nft" failed: No such file/.test(said[0]!), said[0]);

    await waits.begin();
    await Deno.symlink("/usr/sbin/nft", `${folder}/nft`);
    await waits.end();
    await recovered;
    assertEquals(queue.pending, 0);
    assertEquals(hostsOf(await queue.list()), ["192.0.2.1", "192.0.2.2"]);
    assertEquals(said.length, 1);
    await queue.close();
    await Deno.remove(folder, { recursive: true });
  },
);

testAsRoot(
  "FirewallQueue: bans are put back after somebody replaced the table",
  needs,
  async () => {
    await using network = await Network.create();
    const { queue, ban, said, waits, recovered } = agent(network.on("server", "nft"));
    queue.start([sshd]);
    ban("192.0.2.1");
    await queue.settled();
    await network.must("server", ["nft", "-f", "-"], STRANGER);
    ban("192.0.2.2");
    await queue.settled();
    assertEquals(queue.pending, 2);
    assertEquals(said.length, 1);
    assert(said[0]!.startsWith("Cannot change the bans in force: nft says: "), said[0]);

    await waits.end();
    await recovered;
    assertEquals(queue.pending, 0);
    assertEquals(hostsOf(await queue.list()), ["192.0.2.1", "192.0.2.2"]);
    await queue.close();
  },
);

testAsRoot(
  "FirewallQueue: what failed is tried again when somebody has changed the firewall",
  needs,
  async () => {
    await using network = await Network.create();
    const folder = await Deno.makeTempDir({ prefix: "banjo-test-" });
    // It fails as long as the file is there, as an ufw that is disabled does.
    const script = `#!/bin/sh\n[ "$1" = monitor ] || [ ! -e $0.broken ] || exit 1\nexec nft "$@"\n`;
    await Deno.writeTextFile(`${folder}/nft`, script, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/nft.broken`, "");
    const { queue, ban, waits, recovered } = agent(network.on("server", `${folder}/nft`));
    queue.watch(() => {});
    await until(() => isWatching(network));
    ban("192.0.2.1");
    queue.start([sshd]);
    await waits.begin();
    await Deno.remove(`${folder}/nft.broken`);
    await network.must("server", ["nft", "add table inet banjo"]);
    await recovered;
    assertEquals(hostsOf(await queue.list()), ["192.0.2.1"]);
    await queue.close();
    await Deno.remove(folder, { recursive: true });
  },
);

testAsRoot("FirewallQueue: a check puts a flushed ruleset back at once", needs, async () => {
  await using network = await Network.create();
  const { queue, ban, said, recovered } = agent(network.on("server", "nft"));
  await queue.check();
  queue.start([sshd]);
  ban("192.0.2.1");
  await queue.settled();
  await queue.check();
  assertEquals(said, []);
  await network.must("server", ["nft", "flush", "ruleset"]);
  await queue.check();
  await recovered;
  assertEquals(hostsOf(await queue.list()), ["192.0.2.1"]);
  assertEquals(said, ["Somebody changed the bans in nftables: putting them back"]);
  await queue.close();
});

for (
  const [what, change] of [
    ["the whole ruleset is flushed", "flush ruleset"],
    ["the table is deleted", "delete table inet banjo"],
    ["the table is flushed", "flush table inet banjo"],
    ["the rules in the chain are flushed", "flush chain inet banjo banned"],
    ["a rule lets everybody in first", "insert rule inet banjo banned accept"],
    ["a ban is taken out by hand", "delete element inet banjo ban4-sshd/32 { 192.0.2.1 }"],
    ["all bans are taken out by hand", "flush set inet banjo ban4-sshd/32"],
  ] as const
) {
  testAsRoot(
    `FirewallQueue: bans are put back, and it is told once, when ${what}`,
    needs,
    async () => {
      await using network = await Network.create();
      const { queue, ban, said, recovered } = agent(network.on("server", "nft"));
      const ended: string[] = [];
      queue.watch((why) => ended.push(why));
      queue.start([sshd]);
      ban("192.0.2.1");
      await queue.settled();
      const before = await ruleset(network);
      await until(() => isWatching(network));

      await network.must("server", ["nft", change]);
      await until(() => queue.pending === 0 && said.length > 0);
      await recovered;
      assertEquals(await ruleset(network), before);
      assertEquals(said, ["Somebody changed the bans in nftables: putting them back"]);
      await queue.close();
      assertEquals(ended, []);
    },
  );
}

testAsRoot(
  "FirewallQueue: its own changes, and those of other tables, start nothing",
  needs,
  async () => {
    await using network = await Network.create();
    const { queue, ban, unban, said } = agent(network.on("server", "nft"));
    queue.watch((why) => said.push(why));
    queue.start([sshd]);
    await until(() => isWatching(network));
    for (let i = 0; i < 20; i++) {
      ban(`192.0.2.${i}`);
      await queue.settled();
      unban(`192.0.2.${i}`);
      await queue.settled();
      await network.must("server", ["nft", "add table inet other"]);
      await network.must("server", ["nft", "flush table inet other"]);
    }
    queue.start([{ ...sshd, ports: ["2222"] }]);
    await queue.settled();
    // What was noticed before this is told before this.
    await network.must("server", ["nft", "delete table inet banjo"]);
    await until(async () => said.length > 0 && (await queue.settled(), true));
    assertEquals(said, ["Somebody changed the bans in nftables: putting them back"]);
    await queue.close();
  },
);

Deno.test("FirewallQueue: a tool that hangs is ended, and what it should do is pending", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-test-" });
  await Deno.writeTextFile(`${folder}/nft`, "#!/bin/sh\nsleep 1000 & echo $! >$0.pid; wait\n", {
    mode: 0o755,
  });
  await assertRejects(
    () => runTool([`${folder}/nft`], "", 500),
    FirewallError,
    `Cannot run ${folder}/nft: it hung for 0.5 s`,
  );
  Deno.kill(Number(await Deno.readTextFile(`${folder}/nft.pid`)), "SIGKILL");
  await Deno.remove(folder, { recursive: true });
});

testAsRoot("FirewallQueue: new targets take over from the old, bans included", needs, async () => {
  await using network = await Network.create();
  const { queue, ban } = agent(network.on("server", "nft"));
  queue.start([sshd]);
  ban("192.0.2.1");
  queue.start([{ ...sshd, ports: ["2222"] }]);
  await queue.settled();
  const table = await network.must("server", ["nft", "list", "table", "inet", "banjo"]);
  assert(table.includes("2222") && !table.includes(" 22 "), table);
  assertEquals(hostsOf(await queue.list()), ["192.0.2.1"]);
  await queue.close();
});

testAsRoot("FirewallQueue: at its close bans are kept or removed, as asked", needs, async () => {
  await using network = await Network.create();
  const command = network.on("server", "nft");
  for (const [onStop, left] of [["keep", ["192.0.2.1"]], ["remove", []]] as const) {
    const { queue, ban } = agent(command);
    queue.start([sshd]);
    ban("192.0.2.1");
    await queue.close(onStop);
    assertEquals(hostsOf(await openFirewall("nftables", { command }).list()), left);
  }
});

Deno.test("FirewallQueue: closes although its tool fails, and waits for no timer", async () => {
  const said: string[] = [];
  const firewall = openFirewall("nftables", { command: ["/nowhere/nft"] });
  const queue = new FirewallQueue(firewall, {
    rules: () => [],
    onProblem: (message) => said.push(message),
    onRecovery: () => said.push("recovered"),
  });
  queue.start([sshd]);
  await queue.settled();
  await queue.close();
  assertEquals(said.length, 1);
});

/** The table without what changes by itself: how long bans last yet. */
async function ruleset(network: Network): Promise<string> {
  return (await network.must("server", ["nft", "list", "ruleset"])).replace(/ expires \w+/g, "");
}

/** Whether nft monitor listens in the network: it is the only one there with a netlink socket for multicasts. */
async function isWatching(network: Network): Promise<boolean> {
  // The columns of /proc/net/netlink: address, protocol (12 is netfilter), process, groups.
  const sockets = await network.must("server", ["cat", "/proc/net/netlink"]);
  return sockets.split("\n").some((line) => /^\w+ +12 +\d+ +0*[1-9a-f]/.test(line));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !await holds();) {
    if (Date.now() > deadline) throw new Error("Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A table in the way of every change: its set of the same name holds something else. */
const STRANGER = `
delete table inet banjo
table inet banjo { set ban4-sshd/32 { type inet_service; }; }
`;

Deno.test("followTool: ends at the signal, whatever holds the tool's pipes open", async () => {
  const ending = new AbortController();
  const began = Promise.withResolvers<void>();
  let lasting = 0;
  const words = followTool(["/bin/sh", "-c", "sleep 600 & echo $!; wait"], ([pid]) => {
    lasting = Number(pid);
    began.resolve();
  }, ending.signal);
  await began.promise;
  ending.abort();
  assertEquals(await words, "");
  Deno.kill(lasting, "SIGKILL");
});

/** The queue with what an agent has around it: the list of bans, and somebody to tell. */
function agent(command: readonly string[]) {
  const bans = new Map<string, Rule>();
  const said: string[] = [];
  const waits = new Waits();
  const { promise: recovered, resolve: onRecovery } = Promise.withResolvers<void>();
  const rules = () => [...bans.values()];
  const queue = new FirewallQueue(openFirewall("nftables", { command }), {
    rules,
    onProblem: (message) => said.push(message),
    onRecovery,
    wait: waits.wait,
  });
  const push = (kind: Change["kind"], host: string) => {
    const rule = { jail: "sshd", host, until: null };
    if (kind === "ban") bans.set(host, rule);
    else bans.delete(host);
    queue.push([{ kind, rule }]);
  };
  return {
    queue,
    rules,
    said,
    waits,
    recovered,
    ban: (host: string) => push("ban", host),
    unban: (host: string) => push("unban", host),
  };
}

/** The queue's waits, which end when the test says so. */
class Waits {
  readonly lengths: number[] = [];
  #begun = Promise.withResolvers<() => void>();

  readonly wait = (ms: number, signal: AbortSignal): Promise<void> => {
    this.lengths.push(ms);
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve());
      this.#begun.resolve(resolve);
    });
  };

  /** Resolves when a wait is on. */
  async begin(): Promise<void> {
    await this.#begun.promise;
  }

  /** Ends the wait that is on, or the next one. */
  async end(): Promise<void> {
    const end = await this.#begun.promise;
    this.#begun = Promise.withResolvers();
    end();
  }
}

function hostsOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ host }) => host).toSorted();
}
