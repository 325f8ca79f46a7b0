/** The main path with ufw as the firewall: a real sshd behind a real, active ufw. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { PrivateJournald } from "../journald.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { UfwSandbox } from "../ufw_sandbox.ts";
import { sshPrograms, SshServer } from "./ssh_server.ts";

const { server, attacker } = addresses;
const needs = { programs: [...sshPrograms, "ufw", "nft"] };
const NETWORK6 = "2001:db8:bad:bad::/64";

testAsRoot("ufw shuts out who guesses passwords, and nobody else", needs, async (t) => {
  await using network = await Network.create();
  await using journald = await PrivateJournald.start();
  await using ssh = await SshServer.start(network, journald);
  await using ufw = await UfwSandbox.create(network);
  await ufw.ufw("--force", "enable");
  await ufw.ufw("allow", "22/tcp");
  const before = await ufw.ufw("show", "added");
  await using agent = await TestAgent.start({
    config: {
      "banjo.toml": `agent.journal.directory = "${journald.directory}"\n`,
      "jails/test.toml": jail("1h"),
    },
    place: (...command) => ufw.in(...command),
  });

  await t.step("by IPv4 and IPv6", async () => {
    await ssh.guess("attacker", server.ipv4, 2);
    await ssh.guess("neighbour", server.ipv6, 2);
    await agent.waitForBan(attacker.ipv4);
    await agent.waitForBan(NETWORK6);
    assertEquals(await ssh.login("attacker", server.ipv4), "silent");
    assertEquals(await ssh.login("neighbour", server.ipv6), "silent");
    assertEquals(await ssh.login("innocent", server.ipv4), "in");
    assertEquals(await ssh.login("innocent", server.ipv6), "in");
  });

  await t.step("and keeps them out while the agent restarts, and when it crashes", async () => {
    const bans = await agent.query("bans");
    const knocking = await network.knock("attacker", server.ipv4, 22);
    await agent.restart();
    await agent.kill9();
    await agent.run();
    const { knocks, answers } = await knocking.end();
    assert(knocks > 20, `only ${knocks} knocks`);
    assertEquals(answers, 0);
    assertEquals(await agent.query("bans"), bans);
  });

  await t.step("although somebody deletes the rules, or resets ufw", async () => {
    const rules = await ufw.ufw("show", "added");
    const [, rule] = /ufw (deny from \S+ .*?) comment/.exec(rules)!;
    await byHand(agent, () => ufw.ufw("delete", ...rule!.split(" ")));
    await agent.waitFor("the rule", async () => await ufw.ufw("show", "added") === rules);
    assertStringIncludes(agent.said, "Somebody changed the bans in ufw: putting them back");

    await byHand(agent, () => ufw.ufw("--force", "reset"));
    await agent.waitFor("the complaint", async () => {
      const { code, stdout } = await agent.cli("status");
      return code === 1 && stdout.includes("Status: inactive");
    });
    await byHand(agent, async () => {
      await ufw.ufw("allow", "22/tcp");
      await ufw.ufw("--force", "enable");
    });
    await agent.waitFor(
      "the rules",
      async () => (await agent.cli("status")).code === 0,
      90_000,
    );
    assertEquals(await ufw.ufw("show", "added"), rules);
    assertEquals(await ssh.login("attacker", server.ipv4), "silent");
  });

  await t.step("until they are unbanned", async () => {
    assertEquals((await agent.query("unban", attacker.ipv4, NETWORK6)).length, 2);
    assertEquals(await ssh.login("attacker", server.ipv4), "in");
    assertEquals(await ssh.login("neighbour", server.ipv6), "in");
    assertEquals(await ufw.ufw("show", "added"), before);
  });

  await t.step("or the ban ends", async () => {
    await agent.configure({ "jails/test.toml": jail("20s") });
    assertEquals((await agent.cli("reload")).code, 0);
    await ssh.guess("attacker", server.ipv4, 2);
    await agent.waitForBan(attacker.ipv4);
    assertEquals(await network.probe("attacker", server.ipv4, 22), "silent");
    // A ban that has run out is not listed any more, up to a second before ufw is told.
    await agent.waitFor("the end of the ban", async () => {
      if (await ufw.ufw("show", "added") !== before) return false;
      const [{ pending }] = await agent.query("status");
      return pending === 0;
    });
    assertEquals(await ssh.login("attacker", server.ipv4), "in");
    assertEquals(await ufw.ufw("show", "added"), before);
  });
});

/** Does something with ufw while the agent does nothing with it: of two ufw at once, one loses its rules. */
async function byHand(agent: TestAgent, change: () => Promise<unknown>): Promise<void> {
  await agent.waitFor("a moment without ufw", async () => {
    agent.signal("SIGSTOP");
    if (!await runsUfw(agent.pid)) return true;
    agent.signal("SIGCONT");
    return false;
  });
  try {
    await change();
  } finally {
    agent.signal("SIGCONT");
  }
}

/** Whether a process has a child that is ufw, or is just becoming it. */
async function runsUfw(pid: number): Promise<boolean> {
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const children = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`);
    for (const child of children.split(" ").filter((word) => word !== "")) {
      const comm = (await Deno.readTextFile(`/proc/${child}/comm`).catch(() => "")).trim();
      if (comm !== "journalctl" && comm !== "nft") return true;
    }
  }
  return false;
}

function jail(bantime: string): string {
  return `[sshd]\nenabled = true\nmaxretry = 2\nbantime = "${bantime}"\nfirewall = "ufw"\ntrust_logins = 0\n`;
}
