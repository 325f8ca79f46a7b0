import { call } from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";
import { testAsRoot } from "../root.ts";
import { FaultyServer } from "./faulty_server.ts";

const needs = { programs: ["nft", "unshare", "nsenter", "setpriv"] };

testAsRoot(
  "an nft that hangs does not keep the agent from starting, nor do clients who cannot wait",
  needs,
  async () => {
    await using server = await FaultyServer.create();
    server.failTool("nft", "hanging");
    await using agent = await TestAgent.create({
      config: {
        "jails/test.toml":
          `[app]\nenabled = true\nfiles = ["/nowhere"]\nfailregex = ['^<ADDR> failed$']\n`,
      },
      place: server.place,
    });
    await agent.begin();
    await agent.waitFor("a refusal to reload and to stop meanwhile", async () => {
      const commands = [call(agent.runtime, "reload", {}), call(agent.runtime, "stop", {})];
      const answers = await Promise.all(commands.map((command) => command.then(String, String)));
      return answers.every((answer) => answer.includes("The agent is still starting"));
    });
    await agent.waitFor("the end of the start", async () => {
      return await call(agent.runtime, "status", {}).then(() => true, () => false);
    });
    await agent.query("ban", "198.51.100.7");
    await agent.waitForBan("198.51.100.7");
  },
);
