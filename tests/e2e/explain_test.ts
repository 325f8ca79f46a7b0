import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";

const { attacker, neighbour } = addresses;

testAsRoot(
  "explain tells of a ban all that led to it and holds it, history of all bans, after a restart too",
  { programs: ["nft"] },
  async () => {
    await using network = await Network.create();
    await using agent = await TestAgent.create({
      config: {},
      place: (...command) => network.on("server", ...command),
    });
    const log = `${agent.folder}/test.log`;
    await Deno.writeTextFile(log, "");
    const jail = {
      enabled: true,
      files: [log],
      failregex: ["^ failed <ADDR>", "^ lost <ADDR>"],
      ports: ["22"],
      maxretry: 2,
      bantime: "1h",
      ignoreip: ["203.0.113.0/24"],
    };
    const toml = Object.entries(jail).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    await agent.configure({ "jails/test.toml": `[test]\n${toml.join("")}` });
    await agent.run();
    await network.listen("server", 22);

    const time = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const lines = [`${time} failed ${attacker.ipv4} \x1b[31m`, `${time} lost ${attacker.ipv4}`];
    const close = `${time} lost ${neighbour.ipv4}`;
    await Deno.writeTextFile(log, [...lines, close, ""].join("\n"));
    await agent.waitForBan(attacker.ipv4);
    await agent.waitFor("the failure", async () => {
      const [{ jails }] = await agent.query("explain", neighbour.ipv4);
      return jails[1].failures.length > 0;
    });

    assertEquals(await network.probe("attacker", addresses.server.ipv4, 22), "silent");
    for (const _ of ["before", "after a restart"]) {
      const [report] = await agent.query("explain", attacker.ipv4);
      const [manual, test] = report.jails;
      assertEquals([manual.jail, manual.ban], ["manual", null]);
      const { stopped, firewall, evidence, ...ban } = test.ban;
      assertEquals(ban, {
        jail: "test",
        host: attacker.ipv4,
        enforceable: true,
        since: time,
        until: new Date(Date.parse(time) + 3_600_000).toISOString(),
        failures: 2,
        cause: "failures",
        bans: 1,
      });
      assertEquals(firewall, {
        place: "the set ban4-test/32 of the table inet banjo",
        holds: true,
      });
      const of = (pattern: string, line: string) => ({ time: null, line, pattern, counts: false });
      assertEquals(evidence, [
        of("^ failed <ADDR>", lines[0]!),
        of("^ lost <ADDR>", lines[1]!),
      ]);
      assert(stopped.packets >= (_ === "before" ? 1 : 0), String(stopped.packets));
      assertEquals(
        report.history.map(({ event, since }: { event: string; since: string }) => [
          event,
          since,
        ]),
        [["ban", time]],
      );

      const [near] = await agent.query("explain", neighbour.ipv4);
      assertEquals(near.jails[1].failures, [{
        time,
        line: close,
        pattern: "^ lost <ADDR>",
        counts: true,
      }]);
      const [around] = await agent.query("explain", "198.51.100.0/24");
      assertEquals(around.jails.map(({ within }: { within: number }) => within), [0, 1]);
      const [ignored] = await agent.query("explain", "203.0.113.9");
      assertEquals(ignored.jails[1].ignored, { entry: "203.0.113.0/24", reason: "in ignoreip" });
      await agent.restart();
    }

    const { stdout } = await agent.cli("explain", attacker.ipv4);
    assertStringIncludes(stdout, "\\x1b[31m");
    assert(!stdout.includes("\x1b"));

    await agent.query("unban", attacker.ipv4);
    const events = await agent.query("history", attacker.ipv4);
    assertEquals(events.map(({ event, reason }) => [event, reason]), [
      ["ban", null],
      ["unban", "manual"],
    ]);
    assertEquals(events[0].lines, lines);
    assertEquals(await agent.query("history", neighbour.ipv4), []);
    assertEquals(await agent.query("history", "--jail", "manual"), []);
    assertEquals((await agent.query("history", "--since", "1d")).length, 2);
    const table = (await agent.cli("history")).stdout;
    assertMatch(table, / ban +test +198\.51\.100\.66 +1h +1st +2 failures$/m);
    assertMatch(table, / unban +test +198\.51\.100\.66 +by hand$/m);
  },
);
