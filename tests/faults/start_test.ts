import { TestAgent } from "../agent.ts";
import { testAsRoot } from "../root.ts";
import { FaultyServer } from "./faulty_server.ts";

const needs = { programs: ["nft", "unshare", "nsenter", "setpriv"] };

testAsRoot("an nft that hangs does not keep the agent from starting", needs, async () => {
  await using server = await FaultyServer.create();
  server.failTool("nft", "hanging");
  await using agent = await TestAgent.start({
    config: {
      "jails/test.toml":
        `[app]\nenabled = true\nfiles = ["/nowhere"]\nfailregex = ['^<ADDR> failed$']\n`,
    },
    place: server.place,
  });
  await agent.query("ban", "198.51.100.7");
  await agent.waitForBan("198.51.100.7");
});
