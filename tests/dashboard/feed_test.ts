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
  // A ban is told once the state on the disk holds it, which is soon.
  const tells = async (...expected: readonly (readonly [host: string, forEver: boolean])[]) => {
    const count = async () => (await hosts()).length === expected.length;
    await agent.waitFor(`${expected.length} bans`, count);
    assertEquals(await hosts(), expected);
  };
  assertEquals(await hosts(), []);
  await agent.query("ban", "192.0.2.7", "--for", "forever");
  await tells(["192.0.2.7", true]);
  await agent.restart();
  await agent.query("ban", "192.0.2.8", "--for", "forever");
  await tells(["192.0.2.7", true], ["192.0.2.8", true]);
  await agent.query("unban", "192.0.2.7");
  await agent.waitFor("the unban", async () => (await hosts())[0]?.[1] === false);
  await tells(["192.0.2.7", false], ["192.0.2.8", true]);

  await agent.stop();
  for (const file of ["state.json", "history.jsonl"]) await Deno.remove(`${agent.state}/${file}`);
  await agent.run();
  await agent.query("ban", "192.0.2.9", "--for", "forever");
  await tells(["192.0.2.9", true]);
});
