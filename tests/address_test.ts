import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  contains,
  familyOf,
  networkOf,
  networksAround,
  parseAddress,
  parseNetwork,
  prefixLengthOf,
  sortKeyOf,
} from "../lib/address.ts";
import { anyText } from "./any_text.ts";

Deno.test("parseAddress keeps plain IPv4", () => {
  for (const text of ["0.0.0.0", "192.0.2.7", "255.255.255.255", "10.0.0.1"]) {
    assertEquals(parseAddress(text), text);
  }
});

Deno.test("parseAddress prints IPv6 as RFC 5952 asks", () => {
  for (
    const [text, canonical] of [
      ["::", "::"],
      ["::1", "::1"],
      ["1::", "1::"],
      ["2001:DB8::000A", "2001:db8::a"],
      ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
      ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
      ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
      ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
      ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
      ["1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:c000:221"],
      ["fe80::1%eth0", "fe80::1"],
      ["fe80::1%2", "fe80::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ["[fe80::1%wlan0.5]", "fe80::1"],
    ] as const
  ) assertEquals(parseAddress(text), canonical, text);
});

Deno.test("parseAddress sees the IPv4 address in a mapped one", () => {
  for (
    const text of [
      "::ffff:192.0.2.7",
      "::FFFF:c000:207",
      "0:0:0:0:0:ffff:192.0.2.7",
      "0000:0000:0000:0000:0000:ffff:c000:0207",
      "[::ffff:192.0.2.7]",
      "[192.0.2.7]",
    ]
  ) assertEquals(parseAddress(text), "192.0.2.7", text);
});

Deno.test("parseAddress takes nothing but addresses", () => {
  for (
    const text of [
      "",
      " ",
      "localhost",
      "example.com",
      "192.0.2",
      "192.0.2.7.1",
      "192.0.2.7.",
      ".192.0.2.7",
      "192.0.2.256",
      "192.0.2.07",
      "192.0.2.00",
      "192..2.7",
      "0x7f.0.0.1",
      "127.1",
      "2130706433",
      " 192.0.2.7",
      "192.0.2.7 ",
      "192.0.2.7\n",
      "+1.2.3.4",
      "1e1.0.0.1",
      "192.0.2.7%eth0",
      "192.0.2.7/32",
      "192.0.2.7:22",
      "١٩٢.0.2.7",
      ":",
      ":::",
      "::1::",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4::5:6:7:8",
      ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:",
      "12345::",
      "g::",
      "::1.2.3",
      "::01.2.3.4",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "::ffff:192.0.2.256",
      "fe80::1%",
      "fe80::1%a b",
      "[::1",
      "::1]",
      "[[::1]]",
      "[]",
      "[::1]:22",
      "dead:beef",
      "12:30:45",
    ]
  ) assertEquals(parseAddress(text), undefined, JSON.stringify(text));
});

Deno.test("parseNetwork zeroes the host bits", () => {
  for (
    const [text, canonical] of [
      ["192.0.2.7", "192.0.2.7"],
      ["192.0.2.7/32", "192.0.2.7"],
      ["192.0.2.7/24", "192.0.2.0/24"],
      ["192.0.2.7/255.255.255.0", "192.0.2.0/24"],
      ["192.0.2.7/255.255.255.255", "192.0.2.7"],
      ["192.0.2.7/0.0.0.0", "0.0.0.0/0"],
      ["255.255.255.255/1", "128.0.0.0/1"],
      ["255.255.255.255/0", "0.0.0.0/0"],
      ["2001:db8:1:2:3::/64", "2001:db8:1:2::/64"],
      ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
      ["2001:db8::1/128", "2001:db8::1"],
      ["::1/0", "::/0"],
      ["::ffff:192.0.2.7/120", "192.0.2.0/24"],
      ["::ffff:192.0.2.7/128", "192.0.2.7"],
      ["::ffff:0:0/96", "0.0.0.0/0"],
      ["::ffff:192.0.2.7/64", "::/64"],
      ["fe80::1%eth0/10", "fe80::/10"],
    ] as const
  ) assertEquals(parseNetwork(text), canonical, text);
});

Deno.test("parseNetwork takes nothing but networks", () => {
  for (
    const text of [
      "",
      "/",
      "/24",
      "192.0.2.0/",
      "192.0.2.0/33",
      "192.0.2.0/-1",
      "192.0.2.0/024",
      "192.0.2.0/24/24",
      "192.0.2.0/ 24",
      "192.0.2.0/255.0.255.0",
      "192.0.2.0/0.0.0.255",
      "192.0.2/24",
      "::/129",
      "::/ffff::",
      "example.com/24",
    ]
  ) assertEquals(parseNetwork(text), undefined, JSON.stringify(text));
});

Deno.test("networkOf gives the key of an address", () => {
  assertEquals(networkOf("192.0.2.7", 32, 64), "192.0.2.7");
  assertEquals(networkOf("192.0.2.7", 24, 64), "192.0.2.0/24");
  assertEquals(networkOf("2001:db8:1:2:3:4:5:6", 32, 64), "2001:db8:1:2::/64");
  assertEquals(networkOf("2001:db8::6", 32, 128), "2001:db8::6");
  assertEquals(networkOf("2001:db8::/64", 32, 64), "2001:db8::/64");
  assertEquals(networkOf("2001:db8::/48", 32, 64), "2001:db8::/48");
  assertEquals(networkOf("2001:db8:1:2::/64", 32, 48), "2001:db8:1::/48");
});

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => bytes.join("."));
/** Many zero groups, so that runs of them are common. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
const ipv6 = groups.map((all) => all.map((group) => group.toString(16).padStart(4, "0")).join(":"));
const address = fc.oneof(ipv4, ipv6);
const network = fc.oneof(
  fc.tuple(ipv4, fc.nat(32)).map(([host, length]) => `${host}/${length}`),
  fc.tuple(ipv6, fc.nat(128)).map(([host, length]) => `${host}/${length}`),
);

/** The bits of a canonical address, read apart from the code under test. */
function bitsOf(host: string): string {
  if (!host.includes(":")) {
    return host.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
  }
  const [head = "", tail] = host.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const all = [...left, ...new Array(8 - left.length - right.length).fill("0"), ...right];
  return all.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

Deno.test("parseAddress agrees with the URL parser on every IPv6 address", () => {
  fc.assert(fc.property(ipv6, (text) => {
    const parsed = parseAddress(text)!;
    if (familyOf(parsed) === 4) {
      assertEquals(
        new URL(`http://[::ffff:${parsed}]`).hostname,
        new URL(`http://[${text}]`).hostname,
      );
    } else assertEquals(`[${parsed}]`, new URL(`http://[${text}]`).hostname);
  }));
});

Deno.test("parseAddress and parseNetwork leave the canonical spelling as it is", () => {
  fc.assert(fc.property(fc.oneof(address, network), (text) => {
    const host = parseNetwork(text)!;
    assertEquals(parseNetwork(host), host);
    if (!host.includes("/")) assertEquals(parseAddress(host), host);
  }));
});

Deno.test("parseAddress sees through every mapped address", () => {
  fc.assert(fc.property(ipv4, fc.boolean(), (text, upper) => {
    const mapped = `::ffff:${text}`;
    assertEquals(parseAddress(upper ? mapped.toUpperCase() : mapped), text);
    const [a, b, c, d] = text.split(".").map(Number) as [number, number, number, number];
    const hex = `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    assertEquals(parseAddress(hex), text);
  }));
});

Deno.test("parseAddress and parseNetwork never throw, and what they take is stable", () => {
  const nearly = fc.string({ unit: fc.constantFrom(..."0123456789abfFxX.:/%[] "), maxLength: 50 });
  fc.assert(
    fc.property(fc.oneof(anyText(), nearly), (text) => {
      const host = parseAddress(text);
      if (host !== undefined) assertEquals(parseAddress(host), host);
      const net = parseNetwork(text);
      if (net !== undefined) assertEquals(parseNetwork(net), net);
      if (host !== undefined) assertEquals(net, host);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("contains means that the leading bits are the same", () => {
  fc.assert(fc.property(network, address, fc.boolean(), (outer, inner, within) => {
    const net = parseNetwork(outer)!;
    const length = prefixLengthOf(net);
    const host = within ? net.split("/")[0]! : parseAddress(inner)!;
    const expected = familyOf(net) === familyOf(host) &&
      bitsOf(net.split("/")[0]!).slice(0, length) === bitsOf(host).slice(0, length);
    assertEquals(contains(net, host), expected);
    if (familyOf(net) === familyOf(host)) {
      assertEquals(contains(networkOf(host, length, length), host), true);
    }
  }));
});

Deno.test("contains holds for networks as well", () => {
  assertEquals(contains("10.0.0.0/8", "10.1.0.0/16"), true);
  assertEquals(contains("10.1.0.0/16", "10.0.0.0/8"), false);
  assertEquals(contains("10.0.0.0/8", "10.0.0.0/8"), true);
  assertEquals(contains("::/0", "192.0.2.7"), false);
});

Deno.test("hosts sort by number, networks before what lies in them, ids last", () => {
  const sorted = [
    "9.255.0.1",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.0.0.0",
    "10.0.0.9",
    "10.0.0.10",
    "::1",
    "2001:db8::/32",
    "2001:db8::/64",
    "2001:db8::f",
    "2001:db8::10",
    "id:a",
  ];
  const by = (host: string) => sortKeyOf(host);
  const compare = (one: string, other: string) => by(one) < by(other) ? -1 : 1;
  assertEquals(sorted.toReversed().sort(compare), sorted);
});

Deno.test("networksAround gives all that a host lies in, the narrowest first", () => {
  assertEquals(networksAround("192.0.2.7").slice(0, 3), [
    "192.0.2.7",
    "192.0.2.6/31",
    "192.0.2.4/30",
  ]);
  assertEquals(networksAround("2001:db8::/64").at(0), "2001:db8::/64");
  assertEquals(networksAround("id:x"), ["id:x"]);
  for (const host of ["192.0.2.7", "2001:db8::5", "192.0.2.0/24"]) {
    const around = networksAround(host);
    assertEquals(around.length, prefixLengthOf(host) + 1);
    assertEquals(around.every((network) => contains(network, host)), true);
  }
});
