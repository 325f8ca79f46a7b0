/** What the programs that the agent starts are told of its environment. */
import { assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { writeJournal } from "../sources/journal_file.ts";

testAsRoot(
  "journalctl and nft inherit nothing of the agent's environment",
  { programs: ["nft"] },
  async () => {
    await using network = await Network.create();
    await using agent = await TestAgent.create({
      config: {},
      place: (...command) => network.on("server", ...command),
      environment: ["PAGER=/bin/evil", "NO_COLOR=1"],
    });
    const journal = `${agent.folder}/journal`;
    await Deno.mkdir(journal);
    await writeJournal(`${journal}/x.journal`, [{
      realtime: Date.now() * 1000,
      monotonic: 1000,
      boot: "0".repeat(31) + "1",
      fields: [["MESSAGE", "x"], ["_UID", "0"]],
    }]);
    await agent.configure({
      "banjo.toml": `[agent]\njournal = { directory = "${journal}" }\n`,
      "jails/app.toml": "[app]\nenabled = true\njournalmatch = '_UID=0'\nfailregex = '^<ADDR>$'\n",
    });
    await agent.run();
    const environments = new Map<string, string>();
    // Both stay as long as the agent does: one follows the journal, one the changes of the ruleset.
    await agent.waitFor("journalctl and nft", async () => {
      environments.clear();
      for (const pid of await childrenOf(agent.pid)) {
        const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "");
        const environment = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => undefined);
        if (environment !== undefined) environments.set(name.trim(), environment);
      }
      return environments.has("journalctl") && environments.has("nft");
    });
    assertEquals([...environments].sort(), [
      ["journalctl", "LC_ALL=C\0"],
      ["nft", "LC_ALL=C\0PATH=/usr/sbin:/usr/bin:/sbin:/bin\0"],
    ]);
  },
);

async function childrenOf(pid: number): Promise<readonly string[]> {
  const lists: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    lists.push(await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => ""));
  }
  return lists.join(" ").split(" ").filter((word) => word !== "");
}
