/** The tables of numbers beside the maps that they stand for. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseNetwork } from "../../lib/address.ts";
import { ExpiryQueue } from "../../lib/jail/expiry.ts";
import { Failures } from "../../lib/jail/failures.ts";
import { HostRecords } from "../../lib/jail/host_records.ts";
import { HostTable } from "../../lib/jail/host_table.ts";
import { ShortTexts } from "../../lib/jail/short_texts.ts";

/** Few enough to meet again, of every kind. */
const host = fc.oneof(
  fc.nat(300).map((n) => `192.0.${n >> 8}.${n & 255}`),
  fc.nat(20).map((n) => parseNetwork(`2001:db8:${n.toString(16)}::/64`)!),
  fc.nat(20).map((n) => parseNetwork(`2001:db8::${n.toString(16)}`)!),
  fc.nat(8).map((n) => parseNetwork(`10.0.0.0/${8 + n}`)!),
  fc.constantFrom("0.0.0.0/0", "::", "::/0", "255.255.255.255", "id:192.0.2.7", "id:", "id:é", "x"),
);

Deno.test("HostTable finds the hosts that a map would, under the numbers that it gave them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(host, fc.boolean()), { maxLength: 500 }), (commands) => {
      const table = new HostTable();
      const map = new Map<string, number>();
      for (const [host, isAdded] of commands) {
        assertEquals(table.find(host), map.get(host) ?? -1);
        if (isAdded && !map.has(host)) map.set(host, table.add(host));
        else if (!isAdded && map.has(host)) {
          table.remove(map.get(host)!);
          map.delete(host);
        }
        assertEquals(table.size, map.size);
      }
      const hostAt = table.copy();
      for (const [host, slot] of map) {
        assertEquals([table.has(slot), table.hostAt(slot), hostAt(slot)], [true, host, host]);
      }
      assertEquals(new Set(map.values()).size, map.size);
      for (const slot of map.values()) table.remove(slot);
      for (const [host, slot] of map) assertEquals([table.find(host), hostAt(slot)], [-1, host]);
    }),
  );
});

Deno.test("HostRecords keeps what a map of small objects would, in the same order", () => {
  const command = fc.tuple(host, fc.constantFrom("set", "delete", "sweep"), fc.nat(9));
  fc.assert(fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
    const records = new HostRecords(2);
    const map = new Map<string, [number, number]>();
    for (const [host, kind, number] of commands) {
      if (kind === "set") {
        records.set(host, number, -number);
        map.set(host, [number, -number]);
      } else if (kind === "delete") {
        if (map.delete(host)) records.delete(records.find(host));
      } else {
        records.sweep((slot) => records.get(slot, 0) < number);
        for (const [host, [first]] of map) if (first < number) map.delete(host);
      }
      if (map.size > 60) map.clear(), records.sweep(() => true), records.sweep(() => true);
    }
    assertEquals([...records.copy((host, get) => [host, [get(0), get(1)]])], [...map]);
  }));
});

Deno.test("ShortTexts gives back each text that was set, now and out of a copy", () => {
  const text = fc.option(
    fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: "grapheme", maxLength: 30 })),
    { nil: undefined },
  );
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(200), text)), (settings) => {
    const texts = new ShortTexts();
    const expected: (string | undefined)[] = [];
    for (const [row, text] of settings) {
      texts.set(row, text);
      expected[row] = text;
    }
    const get = texts.copy();
    for (const [row] of settings) {
      assertEquals([texts.get(row), get(row)], Array(2).fill(expected[row]));
    }
    for (const [row] of settings) texts.set(row, "another");
    for (const [row] of settings) assertEquals(get(row), expected[row]);
  }));
});

Deno.test("ExpiryQueue gives what is due in order of time, and nothing that is not wanted", () => {
  const times = fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 200 });
  fc.assert(fc.property(times, fc.nat(110), fc.boolean(), (times, now, isSwept) => {
    const queue = new ExpiryQueue();
    times.forEach(([time], slot) => queue.push(slot, time));
    const isWanted = (slot: number, until: number) => {
      assertEquals(times[slot]![0], until);
      return times[slot]![1];
    };
    if (isSwept) queue.keep(isWanted);
    const due = times.filter(([time, isKept]) => isKept && time <= now).map(([time]) => time);
    assertEquals(queue.countDue(now, isWanted), due.length);
    const taken: number[] = [];
    for (let slot; (slot = queue.takeDue(now, isWanted)) !== undefined;) {
      taken.push(times[slot]![0]);
    }
    assertEquals(taken, due.sort((a, b) => a - b));
  }));
});

Deno.test("in a flood those are forgotten that failed least, and of these the ones longest ago", () => {
  const failures = new Failures({ maxretry: 5, findtime: 1e9, maxmatches: 1, maxTracked: 1000 });
  for (let index = 0; index < 1000; index++) {
    for (let time = 0; time <= index % 3; time++) failures.add(addressOf(index), { time });
  }
  // A third failed once: they make room first, in the order in which they came.
  for (let index = 1000; index < 1100; index++) failures.add(addressOf(index), { time: 9 });
  const left = new Set([...failures.save()].map(([host]) => host));
  for (let index = 0; index < 1000; index++) {
    assertEquals(left.has(addressOf(index)), index % 3 > 0 || index >= 300, addressOf(index));
  }
  for (let index = 1100; index < 5000; index++) failures.add(addressOf(index), { time: 9 });
  assert([...failures.save()].filter(([, attempts]) => Array.isArray(attempts)).length === 666);
  assertEquals([failures.size, failures.forgotten], [1000, 4000]);
});

function addressOf(index: number): string {
  return `10.${index >> 16 & 255}.${index >> 8 & 255}.${index & 255}`;
}
