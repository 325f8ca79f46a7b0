import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { networksAround, parseAddress, parseNetwork, sortKeyOf } from "../../lib/address.ts";
import { damaged, fuzz } from "./fuzz.ts";

const good = [
  "192.0.2.1",
  "192.0.2.0/24",
  "10.0.0.0/255.0.0.0",
  "2001:db8::1",
  "[2001:db8::1]",
  "fe80::1%eth0",
  "::ffff:192.0.2.1",
  "::ffff:c000:201",
  "2001:db8::/32",
  "0177.0.0.1",
  "0x7f.1",
  "2130706433",
  "192.0.2.1.",
  "::1.2.3.4",
];

Deno.test("fuzz: an address is read as one in canonical spelling, or not at all", async () => {
  const alphabet = fc.constantFrom(..."0123456789abcdefx.:/%[]");
  const input = fc.oneof(damaged(good), fc.string({ unit: alphabet, maxLength: 40 }));
  await fuzz(input, (text) => {
    const address = parseAddress(text);
    if (address !== undefined) {
      assertEquals(parseAddress(address), address);
      assertEquals(parseNetwork(address), address);
      // What the operating system reads is the same address.
      const url = new URL(`http://${address.includes(":") ? `[${address}]` : address}/`);
      assertEquals(url.hostname.replace(/^\[|\]$/g, ""), address);
    }
    const network = parseNetwork(text);
    if (network === undefined) return;
    assertEquals(parseNetwork(network), network);
    assert(networksAround(network).every((around) => parseNetwork(around) === around));
    sortKeyOf(network);
  });
});
