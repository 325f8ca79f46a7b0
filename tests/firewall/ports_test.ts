import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parsePort } from "../../lib/firewall/mod.ts";
import { portRanges } from "../../lib/firewall/ports.ts";

Deno.test("parsePort: numbers, ranges and names become numbers", () => {
  assertEquals(["22", "6000-6010", "6000:6010", "7-7", "0080"].map(parsePort), [
    "22",
    "6000-6010",
    "6000-6010",
    "7",
    "80",
  ]);
  assertEquals(["ssh", "http", "https", "smtp", "imaps", "submission"].map(parsePort), [
    "22",
    "80",
    "443",
    "25",
    "993",
    "587",
  ]);
});

Deno.test("parsePort: an unknown name is refused with the nearest one", () => {
  assertThrows(() => parsePort("htpps"), RangeError, 'did you mean "https"?');
  assertThrows(() => parsePort("sssh"), RangeError, 'did you mean "ssh"?');
});

Deno.test("parsePort: what is no port is refused", () => {
  for (const text of ["0", "65536", "9-2", "22,80", "22 ", "1-2-3", "1-", "22; drop", "99999999"]) {
    assertThrows(() => parsePort(text), RangeError, "Cannot read port");
  }
  for (const text of ["", "-1", "constructor", "__proto__", "}"]) {
    assertThrows(() => parsePort(text), RangeError, "no service");
  }
});

Deno.test("portRanges: the same ports, sorted, without overlaps", () => {
  const port = fc.integer({ min: 1, max: 40 });
  const range = fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const ports = fc.array(fc.oneof(port.map(String), range));
  fc.assert(fc.property(ports, (ports) => {
    const ranges = portRanges(ports);
    const covered = (ranges: readonly { first: number; last: number }[]) =>
      ranges.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i)
      );
    const expected = new Set(ports.flatMap((port) => covered(portRanges([port]))));
    assertEquals(covered(ranges), [...expected].sort((a, b) => a - b));
  }));
});
