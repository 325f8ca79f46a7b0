import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseAddress } from "../../lib/address.ts";
import { expandTags } from "../../lib/filter/tags.ts";

function groups(pattern: string, text: string, usedns = false): Record<string, string> | undefined {
  const match = new RegExp(`^${expandTags(pattern, { usedns, seesLines: false })}$`, "s").exec(
    text,
  );
  return match === null ? undefined : Object.fromEntries(
    Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
}

Deno.test("<ADDR> takes every address that there is", () => {
  const ipv4 = fc.ipV4();
  const ipv6 = fc.ipV6();
  const zone = fc.tuple(ipv6, fc.constantFrom("eth0", "1", "wg-home.1")).map((parts) =>
    parts.join("%")
  );
  const bracketed = fc.oneof(ipv4, ipv6, zone).map((address) => `[${address}]`);
  fc.assert(fc.property(fc.oneof(ipv4, ipv6, zone, bracketed), (address) => {
    const addr = groups("<ADDR>", address)?.addr;
    assertEquals(addr !== undefined && parseAddress(addr) !== undefined, true, address);
    assertEquals(parseAddress(addr!), parseAddress(address));
  }));
});

Deno.test("<ADDR> takes the whole address where something follows", () => {
  const after = (text: string) =>
    new RegExp(`from ${expandTags("<ADDR>", { usedns: false, seesLines: false })}`, "s").exec(text)
      ?.groups?.addr;
  assertEquals(after("from 2001:db8::1: failed"), "2001:db8::1");
  assertEquals(after("from [2001:db8::1]:22"), "2001:db8::1");
  assertEquals(after("from ::ffff:192.0.2.7:22"), "::ffff:192.0.2.7");
  assertEquals(after("from 192.0.2.7:22"), "192.0.2.7");
  assertEquals(after("from fe80::, x"), "fe80::");
});

Deno.test("tags become groups by their names", () => {
  assertEquals(groups("<IP4> <IP6>", "192.0.2.7 2001:db8::1"), {
    ip4: "192.0.2.7",
    ip6: "2001:db8::1",
  });
  assertEquals(groups("<SUBNET>", "[2001:db8::/32]"), { addr: "2001:db8::", cidr: "32" });
  assertEquals(groups("<DNS>", "mail-1.example.org"), { dns: "mail-1.example.org" });
  assertEquals(groups("<HOST>", "mail-1.example.org"), undefined);
  assertEquals(groups("<HOST>", "1.2.3.4.example.org", true), { dns: "1.2.3.4.example.org" });
  assertEquals(groups("<HOST>", "192.0.2.7", true), { addr: "192.0.2.7" });
  assertEquals(groups("<F-ID/> <F-PORT/>", "a@b 22"), { fid: "a@b", fport: "22" });
  assertEquals(groups("<F-ID>a|b</F-ID>", "b"), { fid: "b" });
  assertEquals(groups("<F-USER>\\w+</F-USER>@<F-ALT_USER>\\w+</F-ALT_USER>", "a@b"), {
    user: "a",
    alt_user: "b",
  });
  assertEquals(groups("(?:<F-USER>a</F-USER>|<F-USER>b</F-USER>)", "b"), { user: "b" });
  assertEquals(groups("<F-IP4/>", "192.0.2.7"), { ip4: "192.0.2.7" });
});

Deno.test("what is no tag stays as it is", () => {
  assertEquals(
    expandTags("\\<HOST> <host> <> </F-USER> (?<HOST>x) <B>", { usedns: false, seesLines: false }),
    "\\<HOST> <host> <> </F-USER> (?<HOST>x) <B>",
  );
});
