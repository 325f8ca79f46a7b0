import { assert, assertEquals } from "@std/assert";
import { isAddress, parseNetwork } from "../../lib/address.ts";
import { FirewallError, type FirewallName, openFirewall } from "../../lib/firewall/mod.ts";
import { ForeignChanges } from "../../lib/firewall/nft_monitor.ts";
import { usualOrLong } from "../long.ts";
import { damaged, fuzz } from "./fuzz.ts";

const listings: Readonly<Partial<Record<FirewallName, readonly string[]>>> = {
  nftables: [
    JSON.stringify({
      nftables: [
        { metainfo: { version: "1.0.6", json_schema_version: 1 } },
        { table: { family: "inet", name: "banjo", handle: 1 } },
        {
          set: {
            family: "inet",
            name: "ban4-sshd/32",
            table: "banjo",
            type: "ipv4_addr",
            flags: ["timeout"],
            elem: [
              { elem: { val: "192.0.2.7", timeout: 3600, expires: 3599 } },
              "192.0.2.8",
            ],
          },
        },
        { set: { name: "ban6-sshd/64", type: "ipv6_addr", elem: ["2001:db8::"] } },
      ],
    }),
  ],
  ufw: [
    `Added user rules (see 'ufw status' for running firewall):
ufw allow 22/tcp
ufw deny from 192.0.2.7 to any port 22 proto tcp comment 'banjo sshd until 2026-11-20T12:00:00Z'
ufw deny from 2001:db8::/64 comment 'banjo recidive'
`,
  ],
};

for (const [name, good] of Object.entries(listings)) {
  Deno.test(`fuzz: what ${name} lists is taken for bans in canonical spelling, or refused`, async () => {
    const file = await Deno.makeTempFile({ prefix: "banjo-fuzz-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(file) };
    // A real tool that prints whatever it is told to.
    const command = ["/bin/sh", "-c", `exec cat ${file}`];
    const firewall = openFirewall(name as FirewallName, { command });
    await fuzz(damaged(good), async (text) => {
      await Deno.writeTextFile(file, text);
      for (const { host, until } of await firewall.list()) {
        assert(isAddress(host));
        assertEquals(parseNetwork(host), host);
        if (until !== null) new Date(until).toISOString();
      }
      await firewall.stopped();
    }, { refusals: [FirewallError], cases: usualOrLong(100, 100_000) });
  });
}

Deno.test("fuzz: what nft monitor says is somebody's change, or nothing", async () => {
  const good = [
    "add element inet banjo ban4-sshd/32 { 192.0.2.7 timeout 1h }\n# new generation 7 by process 77 (nft)\n",
    "delete table inet banjo\n# new generation 8 by process 1 (nft)\n# ERROR: We lost some netlink events!\n",
  ];
  const changes = new ForeignChanges();
  await fuzz(damaged(good), (text) => {
    assert(["nothing", "change", "doubt"].includes(changes.read(text.split("\n"))));
  });
});
