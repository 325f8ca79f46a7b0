import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { contains, parseNetwork } from "../lib/address.ts";
import { NetworkSet } from "../lib/network_set.ts";

/** Canonical addresses and networks, of few bits so that some lie in others. */
const host = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(255), fc.nat(32)).map(([a, b, length]) => `10.${a}.0.${b}/${length}`),
  fc.tuple(fc.nat(3), fc.nat(255), fc.nat(128)).map(([a, b, length]) =>
    `2001:db8:${a}::${b}/${length}`
  ),
).map((text) => parseNetwork(text)!);

Deno.test("NetworkSet has what any of its entries contains", () => {
  fc.assert(fc.property(
    fc.array(host, { maxLength: 20 }),
    fc.array(host),
    (hosts, others) => {
      const set = new NetworkSet(hosts);
      const asked = [...hosts, ...others];
      for (const host of asked) {
        const around = hosts.filter((entry) => contains(entry, host));
        const found = set.find(host);
        assertEquals(found === undefined, around.length === 0);
        if (found !== undefined) assertEquals(around.includes(found), true);
        assertEquals(set.has(host), around.length > 0);
      }
    },
  ));
});
