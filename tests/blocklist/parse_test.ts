import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { contains, parseNetwork } from "../../lib/address.ts";
import { parseList } from "../../lib/blocklist/mod.ts";

Deno.test("parseList takes plain addresses, networks and remarks, as publishers write them", () => {
  const text = `# a list
; of many
// kinds

198.51.100.7
198.51.100.7 # again
203.0.113.0/24 ; SBL1
 2001:DB8:0:0::/32,reason
198.51.100.99/30
::ffff:198.51.100.8\r
`;
  assertEquals(parseList(text), {
    hosts: [
      "198.51.100.7",
      "203.0.113.0/24",
      "2001:db8::/32",
      "198.51.100.96/30",
      "198.51.100.8",
    ],
    tooWide: 0,
    reserved: 0,
  });
});

Deno.test("parseList leaves out what is too wide, private or local, and says how much", () => {
  const wide = ["0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/7", "::/0", "2001::/15"];
  const reserved = [
    "10.1.2.3",
    "192.168.0.0/16",
    "192.0.0.0/8",
    "127.0.0.1",
    "169.254.1.1",
    "224.0.0.1",
    "fe80::1",
    "fd00::/16",
    "::1",
    "0.0.0.0",
  ];
  const { hosts, ...left } = parseList([...wide, ...reserved, "198.51.100.7"].join("\n"));
  assertEquals(hosts, ["198.51.100.7"]);
  assertEquals(left, { tooWide: wide.length, reserved: reserved.length });
});

Deno.test("parseList refuses what is no list", () => {
  for (
    const text of [
      "",
      "# nothing\n",
      "10.0.0.1\n",
      "<!DOCTYPE html>\n198.51.100.7\n",
      "198.51.100.7\nexample.org\n",
      "198.51.100.7/33",
      "198.51.100.07",
      "1.2.3.4\n\x1b[2J",
    ]
  ) assertThrows(() => parseList(text), SyntaxError);
  const many = Array.from(
    { length: 500_001 },
    (_, index) => `11.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  );
  assertThrows(() => parseList(many.join("\n")), SyntaxError, "more than");
});

Deno.test("whatever a publisher sends, a list has canonical hosts alone, none of which closes a private network", () => {
  const octet = fc.nat({ max: 255 });
  const word = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(octet, octet, octet, octet).map((octets) => octets.join(".")),
    },
    { weight: 3, arbitrary: fc.ipV6() },
    { weight: 1, arbitrary: fc.string() },
  );
  const line = fc.tuple(word, fc.option(fc.nat({ max: 130 })))
    .map(([word, length]) => length === null ? word : `${word}/${length}`);
  fc.assert(fc.property(fc.array(line), (lines) => {
    let hosts: readonly string[];
    try {
      ({ hosts } = parseList(lines.join("\n")));
    } catch (error) {
      assert(error instanceof SyntaxError, String(error));
      return;
    }
    for (const host of hosts) {
      assertEquals(parseNetwork(host), host);
      for (
        const local of ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "::1", "fe80::1"]
      ) {
        assert(!contains(host, local), `${host} holds ${local}`);
      }
    }
  }));
});
