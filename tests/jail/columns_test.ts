/** The tables of numbers beside the maps that they stand for. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { contains, isAddress, parseAddress, parseNetwork } from "../../lib/address.ts";
import { Bans } from "../../lib/jail/bans.ts";
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
      for (const [host, slot] of map) {
        assertEquals([table.has(slot), table.hostAt(slot)], [true, host]);
      }
      assertEquals(new Set(map.values()).size, map.size);
      for (const slot of map.values()) table.remove(slot);
      for (const host of map.keys()) assertEquals(table.find(host), -1);
    }),
  );
});

Deno.test("HostTable gives the hosts that lie in a network", () => {
  const network = fc.oneof(
    fc.tuple(fc.ipV4(), fc.nat(32)),
    fc.tuple(fc.ipV6(), fc.nat(128)),
    fc.tuple(fc.constantFrom("192.0.0.1", "192.0.1.0", "10.0.0.0"), fc.nat(32)),
    fc.tuple(fc.constantFrom("2001:db8::7", "2001:db8:3::", "::"), fc.nat(128)),
  ).map(([address, length]) => parseNetwork(`${parseAddress(address)}/${length}`))
    .filter((network) => network !== undefined && network.includes("/"));
  let found = 0;
  fc.assert(
    fc.property(fc.uniqueArray(host), network, (hosts, network) => {
      const table = new HostTable();
      for (const host of hosts) table.add(host);
      const within = hosts.filter((host) => isAddress(host) && contains(network!, host));
      assertEquals(table.within(network!).toSorted(), within.toSorted());
      found += within.length;
    }),
    { numRuns: 500 },
  );
  assert(found > 50, `${found}`);
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
    assertEquals([...records.view((host, get) => [host, [get(0), get(1)]])], [...map]);
  }));
});

/** Goes through a view bit by bit, with something else in between. */
class SlowReader<T> {
  readonly items: T[] = [];
  readonly #iterator: Iterator<T>;

  constructor(view: Iterable<T>) {
    this.#iterator = view[Symbol.iterator]();
  }

  read(most: number): void {
    for (; most > 0; most--) {
      const { done, value } = this.#iterator.next();
      if (done) return;
      this.items.push(value);
    }
  }
}

Deno.test("HostRecords shows in a view what there was when it was opened, whatever changes meanwhile", () => {
  const command = fc.tuple(
    host,
    fc.constantFrom("set", "set", "delete", "sweep", "open"),
    fc.nat(9),
  );
  fc.assert(fc.property(fc.array(command, { maxLength: 300, size: "max" }), (commands) => {
    const records = new HostRecords(1);
    const show = () => records.view((host, get) => `${host} ${get(0)}`);
    const views: { reader: SlowReader<string>; expected: string[]; isStill: boolean }[] = [];
    for (const [host, kind, number] of commands) {
      for (const { reader } of views) reader.read(number % 4);
      if (kind === "open") {
        views.push({ reader: new SlowReader(show()), expected: [...show()], isStill: true });
        continue;
      }
      if (kind === "set") records.set(host, number);
      else if (kind === "sweep") records.sweep((slot) => records.get(slot, 0) < number);
      else if (records.find(host) >= 0) records.delete(records.find(host));
      for (const view of views) view.isStill = false;
    }
    for (const { reader, expected, isStill } of views) {
      reader.read(Infinity);
      if (isStill) assertEquals(reader.items, expected);
      assertEquals(reader.items.toSorted(), expected.toSorted());
    }
  }));
});

Deno.test("Failures saves what there was at that instant, whatever changes while that is written", () => {
  const command = fc.record({
    kind: fc.constantFrom("add", "add", "add", "forget", "clear", "clearAll", "sweep", "setBack"),
    host: fc.nat(8),
    wait: fc.nat(20),
    late: fc.nat(15),
    session: fc.constantFrom(undefined, "a", "b"),
    read: fc.nat(3),
    isSaved: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(command, { maxLength: 200, size: "max" }), (commands) => {
    const failures = new Failures({ maxretry: 7, findtime: 50, maxmatches: 2, maxTracked: 6 });
    const saves: { reader: SlowReader<unknown>; expected: unknown[] }[] = [];
    let clock = 1000;
    for (const { kind, host, wait, late, session, read, isSaved } of commands) {
      clock += wait;
      for (const { reader } of saves) reader.read(read);
      const address = addressOf(host);
      if (isSaved && saves.length < 5) {
        saves.push({ reader: new SlowReader(failures.save()), expected: [...failures.save()] });
      }
      if (kind === "add") failures.add(address, { time: clock - late, session, line: `${clock}` });
      else if (kind === "forget") failures.forget(address);
      else if (kind === "clear") failures.clearSession("a", clock, address);
      else if (kind === "clearAll") failures.clearSession("b", clock);
      else if (kind === "sweep") failures.sweep(clock);
      else failures.setBack(clock - late);
    }
    for (const { reader, expected } of saves) {
      reader.read(Infinity);
      const sorted = (items: unknown[]) => items.map((item) => JSON.stringify(item)).sort();
      assertEquals(sorted(reader.items), sorted(expected));
    }
  }));
});

Deno.test("Bans shows the lines that there were, also of a ban that newer ones have taken them from since", () => {
  const bans = new Bans("test");
  const add = (index: number) =>
    bans.set({
      jail: "test",
      host: addressOf(index),
      since: index,
      until: null,
      failures: 1,
      bans: 1,
      lines: [`${index}`],
      cause: "failures",
    });
  for (let index = 0; index < 10_000; index++) add(index);
  const view = bans.view();
  for (let index = 10_000; index < 10_010; index++) add(index);
  assertEquals(bans.get(addressOf(0))?.lines, []);
  const shown = [...view];
  assertEquals(shown.length, 10_000);
  for (const { since, lines } of shown) assertEquals(lines, [`${since}`]);
});

Deno.test("ShortTexts gives back each text that was set last", () => {
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
    for (const [row] of settings) assertEquals(texts.get(row), expected[row]);
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
