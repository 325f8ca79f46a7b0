/** A service in a container, published on another port of the server: the ban closes the public one. */
import { assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { addresses, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { webPrograms, WebServer } from "./web_server.ts";

const { server, attacker, container } = addresses;
const needs = { programs: [...webPrograms, "nft"] };

testAsRoot("a published port is closed to who attacks the service behind it", needs, async () => {
  await using network = await Network.create();
  await network.must("server", ["nft", "-f", "-"], PUBLISH);
  await using web = await WebServer.start(network, "container");
  await using agent = await TestAgent.start({
    config: {
      "jails/published.toml": `
        [nginx-404]
        enabled = true
        files = ["${web.log}"]
        ports = ["8080"]
        maxretry = 3
      `,
    },
    place: (...command) => network.on("server", ...command),
  });
  for (
    const [site, banned] of [
      [`${server.ipv4}:8080`, attacker.ipv4],
      [`[${server.ipv6}]:8080`, "2001:db8:bad:bad::/64"],
    ] as const
  ) {
    assertEquals(await web.get("attacker", site, "/a", "/b", "/c"), [404, 404, 404]);
    await agent.waitForBan(banned);
    assertEquals(await web.get("attacker", site, "/"), []);
    assertEquals(await web.get("innocent", site, "/"), [200]);
    await agent.query("unban", banned);
    assertEquals(await web.get("attacker", site, "/"), [200]);
  }
});

const PUBLISH = `
table inet published {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    tcp dport 8080 dnat ip to ${container.ipv4}:80
    tcp dport 8080 dnat ip6 to [${container.ipv6}]:80
  }
}
`;
