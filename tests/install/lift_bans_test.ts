/** What install.sh knows of bans in ufw when there is no agent to ask. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { openFirewall } from "../../lib/firewall/mod.ts";
import { sshd } from "../firewall/targets.ts";
import { must, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { UfwSandbox } from "../ufw_sandbox.ts";
import { withFunctions } from "./functions.ts";

testAsRoot(
  "install.sh lifts all of banjo's bans in ufw, and tells of them, and only those",
  { programs: ["ufw", "nft"] },
  async () => {
    await using network = await Network.create();
    await using sandbox = await UfwSandbox.create(network);
    await sandbox.ufw("allow", "22/tcp");
    await sandbox.ufw("deny", "from", "198.51.100.7", "comment", "banjo is told of this one");
    await sandbox.ufw("allow", "from", "198.51.100.8", "comment", "banjo sshd");
    await sandbox.ufw("--force", "enable");
    const before = await sandbox.ufw("show", "added");

    const tellKept = async () => await must(sandbox.in(...await withFunctions("tell_kept")));
    const liftBans = async () => await must(sandbox.in(...await withFunctions("lift_bans")));
    assertEquals((await tellKept()).includes("ufw"), false);

    const ufw = openFirewall("ufw", { command: sandbox.in("/usr/sbin/ufw") });
    await ufw.reconcile([
      sshd,
      { ...sshd, jail: "web_1-a", ports: [], protocol: "all" },
    ], [
      { jail: "sshd", host: "192.0.2.20", until: Date.UTC(2100, 0, 1) },
      { jail: "sshd", host: "2001:db8:bad::/64", until: null },
      { jail: "web_1-a", host: "192.0.2.0/28", until: null },
    ]);
    assertStringIncludes(await tellKept(), "bans in ufw, where they do not end");
    await liftBans();
    assertEquals(await sandbox.ufw("show", "added"), before);
    assertEquals((await tellKept()).includes("ufw"), false);
    await liftBans();
  },
);
