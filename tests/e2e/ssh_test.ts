/** A real sshd, attacked by a real ssh client, guarded by banjo through the journal and nftables. */
import { assert, assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { PrivateJournald } from "../journald.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { sshPrograms, SshServer } from "./ssh_server.ts";

const { server, attacker, neighbour } = addresses;
const needs = { programs: [...sshPrograms, "nft"] };
/** By what the hosts on the attacker's link are banned. */
const NETWORK6 = "2001:db8:bad:bad::/64";

testAsRoot("sshd: who guesses passwords is shut out, and nobody else", needs, async (t) => {
  await using place = await guardedServer({ maxretry: 3, bantime: "1h" });
  const { ssh, agent } = place;

  for (
    const [family, host, banned] of [
      ["ipv4", "attacker", attacker.ipv4],
      ["ipv6", "neighbour", NETWORK6],
    ] as const
  ) {
    await t.step(`by ${family} the third wrong password was the last`, async () => {
      await ssh.guess(host, server[family], 3);
      await agent.waitForBan(banned);
      assertEquals(await ssh.login(host, server[family]), "silent");
      assertEquals(await ssh.login("innocent", server[family]), "in");
    });
  }

  await t.step(
    "one address stands for its IPv6 network, but not for its IPv4 network",
    async () => {
      assertEquals(await ssh.login("attacker", server.ipv6), "silent");
      assertEquals(await ssh.login("neighbour", server.ipv4), "in");
    },
  );

  await t.step("bans and figures are those of the journal", async () => {
    assertEquals(await agent.query("bans"), [
      ban(attacker.ipv4, (await place.failures(attacker.ipv4))[2]!),
      ban(NETWORK6, (await place.failures(neighbour.ipv6))[2]!),
    ]);
    assertEquals(await agent.query("status", "sshd"), [{
      jail: "sshd",
      enabled: true,
      sources: [
        "journal: _UID=0 SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session",
      ],
      missing: [],
      failed: { now: 0, total: 6 },
      banned: { now: 2, total: 2, hosts: [attacker.ipv4, NETWORK6] },
      held: 0,
      settings: {
        maxretry: 3,
        findtime: 600,
        bantime: 3600,
        grows: false,
        ignoreip: [],
        firewall: "nftables",
        ports: ["22"],
        protocol: "tcp",
      },
    }]);
  });

  await t.step("unban opens the door again", async () => {
    const lifted = await agent.query("unban", attacker.ipv4, neighbour.ipv6);
    assertEquals(lifted.map(({ host }) => host), [attacker.ipv4, NETWORK6]);
    assertEquals(await ssh.login("attacker", server.ipv4), "in");
    assertEquals(await ssh.login("neighbour", server.ipv6), "in");
    assertEquals(await agent.banned(), []);
  });
});

testAsRoot("sshd: a ban ends by itself", needs, async () => {
  await using place = await guardedServer({ maxretry: 2, bantime: "20s" });
  const { network, ssh, agent } = place;
  await ssh.guess("attacker", server.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
  await agent.waitFor("the end of the ban", async () => (await agent.banned()).length === 0);
  assertEquals(await ssh.login("attacker", server.ipv4), "in");
  const words = `unban ${attacker.ipv4} (expired)`;
  await agent.waitFor(words, () => agent.said.includes(words));
});

testAsRoot("sshd: neither a restart nor a crash opens the door for a moment", needs, async () => {
  await using place = await guardedServer({ maxretry: 2, bantime: "1h" });
  const { network, ssh, agent } = place;
  await ssh.guess("attacker", server.ipv4, 2);
  await ssh.guess("neighbour", server.ipv6, 2);
  await agent.waitForBan(attacker.ipv4);
  await agent.waitForBan(NETWORK6);
  const bans = await agent.query("bans");

  const knocking = [
    await network.knock("attacker", server.ipv4, 22),
    await network.knock("neighbour", server.ipv6, 22),
  ];
  await agent.restart();
  assertEquals(await agent.query("bans"), bans);
  await agent.kill9();
  await agent.run();
  assertEquals(await agent.query("bans"), bans);
  for (const { knocks, answers } of await Promise.all(knocking.map((knocker) => knocker.end()))) {
    assert(knocks > 20, `only ${knocks} knocks`);
    assertEquals(answers, 0);
  }
  assertEquals(await ssh.login("innocent", server.ipv4), "in");
  assertEquals((await agent.query("unban", "--all")).length, 2);
  assertEquals(await ssh.login("attacker", server.ipv4), "in");
});

testAsRoot("sshd: whenever the agent is killed, every failure counts once", needs, async () => {
  await using place = await guardedServer({ maxretry: 5, bantime: "1h" });
  const { ssh, agent } = place;
  const guess = () => ssh.guess("attacker", server.ipv4, 1);
  const counted = (total: number) =>
    agent.waitFor(`${total} failures`, async () => {
      const [{ failed }] = await agent.query("status", "sshd");
      return failed.total === total;
    });

  // Before the state is saved for the first time.
  await guess();
  await counted(1);
  await agent.kill9();
  await agent.run();
  await counted(1);
  // With a saved state that knows of the failure, and of its session.
  await guess();
  await counted(2);
  await agent.waitFor("a save", () => savedFailures(agent) === 2);
  await agent.kill9();
  await agent.run();
  await counted(2);
  // While the agent is down, and with one after the last save.
  await guess();
  await agent.kill9();
  await guess();
  await agent.run();
  await counted(4);
  // The one that leads to the ban; the ban itself is decided twice, and is the same.
  await agent.kill9();
  await guess();
  await agent.run();
  await agent.waitForBan(attacker.ipv4);
  const bans = await agent.query("bans");
  await agent.kill9();
  await agent.run();
  await agent.waitForBan(attacker.ipv4);

  const failures = await place.failures(attacker.ipv4);
  assertEquals(failures.length, 5);
  assertEquals(bans, [{ ...ban(attacker.ipv4, failures[4]!), failures: 5 }]);
  assertEquals(await agent.query("bans"), bans);
  assertEquals((await agent.query("status", "sshd"))[0].failed.total, 5);
  assertEquals(await ssh.login("attacker", server.ipv4), "silent");
  await agent.stop();
  const history = await Deno.readTextFile(`${agent.state}/history.jsonl`);
  assertEquals(history.trim().split("\n").length, 1);
});

/** A server with sshd and a running agent. */
interface GuardedServer extends AsyncDisposable {
  readonly network: Network;
  readonly ssh: SshServer;
  readonly agent: TestAgent;
  /** When a wrong password from an address was logged, by the journal: milliseconds since the epoch. */
  failures(address: string): Promise<readonly number[]>;
}

async function guardedServer(
  { maxretry, bantime }: { readonly maxretry: number; readonly bantime: string },
): Promise<GuardedServer> {
  await using parts = new AsyncDisposableStack();
  const network = parts.use(await Network.create());
  const journald = parts.use(await PrivateJournald.start());
  const ssh = parts.use(await SshServer.start(network, journald));
  const agent = parts.use(
    await TestAgent.start({
      config: {
        "jails/test.toml":
          `[sshd]\nenabled = true\nmaxretry = ${maxretry}\nbantime = "${bantime}"\ntrust_logins = 0\n`,
      },
      place: (...command) => journald.command(network.on("server", ...command)).flat(),
    }),
  );
  const owned = parts.move();
  return {
    network,
    ssh,
    agent,
    async failures(address) {
      await journald.sync();
      // Not by _COMM, which journald does not know of a process that has just ended.
      const matches = ["SYSLOG_IDENTIFIER=sshd"];
      const lines = await journald.run(["journalctl", "--output=json", ...matches]);
      return lines.trim().split("\n").map((line) => JSON.parse(line))
        .filter(({ MESSAGE }) => MESSAGE.includes(`Failed password for alice from ${address} `))
        .map(({ __REALTIME_TIMESTAMP }) => Math.floor(__REALTIME_TIMESTAMP / 1000));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A ban of an hour as `bans --json` prints it, after three failures. */
function ban(host: string, since: number) {
  return {
    jail: "sshd",
    host,
    enforceable: true,
    since: new Date(since).toISOString(),
    until: new Date(since + 3_600_000).toISOString(),
    failures: 3,
  };
}

/** How many failures the state file knows of. */
function savedFailures(agent: TestAgent): number {
  try {
    const state = JSON.parse(Deno.readTextFileSync(`${agent.state}/state.json`));
    return state.jails.sshd.jail.failed;
  } catch {
    return 0;
  }
}
