import { assertEquals, assertMatch } from "@std/assert";
import { TestAgent } from "../agent.ts";

Deno.test("in a flood beyond max_tracked no ban and no suspect is lost, and status says how many others were", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/app.log`;
  await agent.configure({
    "jails/app.toml": `[app]
enabled = true
files = ["${log}"]
failregex = ['^ login from <ADDR> failed$']
maxretry = 3
max_tracked = 100
bantime = "1h"
firewall = "dry-run"
`,
  });
  const at = new Date().toISOString();
  const flood = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const banned = "192.0.2.7";
  const suspect = "192.0.2.8";
  const hosts = [banned, banned, banned, suspect, suspect, ...flood, suspect];
  await Deno.writeTextFile(
    log,
    hosts.map((host) => `${at} login from ${host} failed\n`).join(""),
  );
  await agent.run();
  await agent.waitForBan(suspect);
  const bans = await agent.query("bans");
  assertEquals(bans.map(({ host }: { host: string }) => host), [banned, suspect]);
  const status = await agent.cli("status");
  // The suspect had one of the hundred places, until it was banned.
  assertMatch(status.stdout, /app remembers 100 failing addresses .*had to forget 901/);
  const [app] = await agent.query("status", "app");
  assertEquals(app.failed.now, 99);
});
