import { assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";

Deno.test("status JAIL tells by what the jail bans, whichever file or default says so", async () => {
  await using agent = await TestAgent.create({ config: {} });
  await agent.configure({
    "banjo.toml": '[defaults]\nfirewall = "dry-run"\nfindtime = "15m"\nignoreip = ["192.0.2.10"]\n',
    "jails/mine.toml": `[app]
enabled = true
files = ["${agent.folder}/app.log"]
failregex = ['^ failed <ADDR>$']
maxretry = 3
bantime = "2h"
bantime_increment = true
ports = ["ssh", "8000-8010"]
[lasting]
enabled = true
files = ["${agent.folder}/app.log"]
failregex = ['^ failed <ADDR>$']
maxretry = 1
bantime = "forever"
`,
  });
  await agent.run();
  const [report] = await agent.query("status", "app");
  assertEquals(report!.settings, {
    maxretry: 3,
    findtime: 900,
    bantime: 7200,
    grows: true,
    ports: ["22", "8000-8010"],
    protocol: "tcp",
    firewall: "dry-run",
    ignoreip: ["192.0.2.10"],
  });
  const linesOf = async (jail: string) =>
    (await agent.cli("status", jail)).stdout.split("\n").filter((line) =>
      /Rule|Ignores/.test(line)
    );
  assertEquals(await linesOf("app"), [
    "  Rule     3 failures within 15 minutes lead to a ban of 2 hours, longer each time",
    "  Ignores  192.0.2.10",
  ]);
  assertEquals(
    (await linesOf("lasting"))[0],
    "  Rule     1 failure within 15 minutes leads to a ban for ever",
  );
});
