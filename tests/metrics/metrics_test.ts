import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { printMetrics } from "../../lib/metrics/text.ts";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { addresses, Network, run } from "../network.ts";
import { testAsRoot } from "../root.ts";

const docs = new URL("../../docs/", import.meta.url);

/** Runs promtool, and gives what it complains of. */
async function complaints(words: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run(["promtool", ...words], input);
  return code === 0 ? stderr : `${code}: ${stdout}${stderr}`;
}

testAsRoot(
  "metrics are what promtool takes, tell the figures of the jails, and are those of docs and dashboard",
  { programs: ["promtool", "nft"] },
  async () => {
    await using network = await Network.create();
    const jail = '[test]\nenabled = true\nfiles = ["/nowhere/x.log"]\nfailregex = "^ <ADDR>"\n';
    await using agent = await TestAgent.start({
      config: { "jails/test.toml": jail },
      place: (...command) => network.on("server", ...command),
    });
    await agent.query("ban", addresses.attacker.ipv4, "203.0.113.9", "--jail", "test");
    await network.listen("server", 22);
    assertEquals(await network.probe("attacker", addresses.server.ipv4, 22), "silent");

    const { stdout, code } = await agent.cli("metrics");
    assertEquals(code, 0);
    assertEquals(await complaints(["check", "metrics"], stdout), "");
    assertStringIncludes(stdout, "\nbanjo_up 1\n");
    assertStringIncludes(stdout, '\nbanjo_jail_banned_hosts{jail="test"} 2\n');
    assertStringIncludes(stdout, '\nbanjo_jail_bans_total{jail="test"} 2\n');
    const dropped = /^banjo_jail_dropped_packets_total\{jail="test"\} (\d+)$/m.exec(stdout);
    assert(Number(dropped?.[1]) > 0, stdout);

    const names = [...stdout.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);
    const text = await Deno.readTextFile(new URL("monitoring.md", docs));
    const documented = [...text.matchAll(/`(banjo_\w+)`(?=[, ].*\| (?:gauge|counter) \|)/g)];
    assertEquals(documented.map(([, name]) => name).toSorted(), names.toSorted());

    // The dashboard's queries, as rules, with what Grafana puts in.
    const dashboard = await Deno.readTextFile(new URL("grafana-dashboard.json", docs));
    // deno-lint-ignore no-explicit-any
    const panels: any[] = JSON.parse(dashboard).panels;
    const queries = panels.map(({ targets: [{ expr }] }) =>
      expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$\w+/g, ".*")
    );
    const rules = queries.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const file = `${agent.folder}/rules.yml`;
    await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    assertEquals(await complaints(["check", "rules", file]), "");
    for (const query of queries) {
      const [name] = /banjo_\w+/.exec(query)!;
      assert(names.includes(name), name);
    }

    // A file is replaced as a whole; what an earlier run left behind is in nobody's way.
    const path = `${agent.folder}/banjo.prom`;
    await Deno.symlink("/etc/hostname", `${path}.new`);
    await agent.cli("metrics", "--textfile", path);
    assertStringIncludes(await Deno.readTextFile(path), "\nbanjo_up 1\n");
    await agent.stop();
    const stopped = await agent.cli("metrics", "--textfile", path);
    assertEquals(stopped.code, 1);
    const last = await Deno.readTextFile(path);
    assertStringIncludes(last, "\nbanjo_up 0\n");
    assertEquals(last.split("\n").filter((line) => line.startsWith("banjo_")), ["banjo_up 0"]);
    assertEquals(await complaints(["check", "metrics"], last), "");
  },
);

Deno.test("metrics that cannot be written say where", async () => {
  const words = ["metrics", "--textfile", "/nowhere/x.prom", "--runtime", "/nowhere"];
  const { code, stderr } = await banjo(words);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot write /nowhere/x.prom");
});

Deno.test("labels are escaped", () => {
  const values = [{ labels: { jail: 'a"\\\nb' }, value: 1 }];
  assertEquals(
    printMetrics([{ name: "x", type: "gauge", help: "a\nb\\", values }]),
    '# HELP x a\\nb\\\\\n# TYPE x gauge\nx{jail="a\\"\\\\\\nb"} 1\n',
  );
});
