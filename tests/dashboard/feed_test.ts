import { assertEquals } from "@std/assert";
import { Feed } from "../../lib/dashboard/mod.ts";
import { TestAgent } from "../agent.ts";

Deno.test("the feed tells each ban once, across restarts of the agent, and begins anew with another history", async () => {
  const config = { "banjo.toml": '[defaults]\nfirewall = "dry-run"\n' };
  await using agent = await TestAgent.start({ config });
  const feed = new Feed({
    runtimeDir: agent.runtime,
    span: 86_400_000,
    readJails: () => Promise.resolve(new Map()),
  });
  const hosts = async () => {
    feed.expire();
    const { summary } = await feed.view();
    return summary.bans.map(({ host, until }) => [host, until === null]).toReversed();
  };
  // A ban is told once it is on the disk, which the agent waits for when it is asked to ban.
  assertEquals(await hosts(), []);
  await agent.query("ban", "192.0.2.7", "--for", "forever");
  assertEquals(await hosts(), [["192.0.2.7", true]]);
  await agent.restart();
  await agent.query("ban", "192.0.2.8", "--for", "forever");
  assertEquals(await hosts(), [["192.0.2.7", true], ["192.0.2.8", true]]);
  await agent.query("unban", "192.0.2.7");
  assertEquals(await hosts(), [["192.0.2.7", false], ["192.0.2.8", true]]);

  await agent.stop();
  for (const file of ["state.json", "history.jsonl"]) await Deno.remove(`${agent.state}/${file}`);
  await agent.run();
  await agent.query("ban", "192.0.2.9", "--for", "forever");
  assertEquals(await hosts(), [["192.0.2.9", true]]);
});
