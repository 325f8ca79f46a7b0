import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { BanEvent } from "../../lib/jail/mod.ts";
import { type HistoryQuery, Store } from "../../lib/state/mod.ts";
import { printRecord } from "../../lib/state/history.ts";
import { eventsIn, isWanted } from "../../lib/state/search.ts";
import { banOf } from "./instants.ts";
import { anyText } from "../any_text.ts";

/** What an attacker could write to be found where he is not, or not where he is. */
const HOSTILE = [
  `"ban":{"jail":"sshd","host":"192.0.2.7"`,
  `\\"ban\\":{\\"jail\\":\\"sshd\\",\\"host\\":\\"192.0.2.7\\"`,
  `"time":1,"ban":{"jail":"sshd","host":"`,
  "\n\r\u2028\0",
];

const host = fc.constantFrom(
  "192.0.2.7",
  "192.0.2.70",
  "192.0.2.0/24",
  "192.0.2.6/31",
  "192.0.0.0/15",
  "0.0.0.0/0",
  "2001:db8::/64",
  "2001:db8:0:0:1::/80",
  "2001:db8::1",
  "2001:db8::1:0:0:7",
  "2001:db8::/63",
  "2001::/16",
  "2000::/3",
  'id:"host":"192.0.2.7"',
);
const jail = fc.constantFrom("sshd", "sshd-2");
const time = fc.integer({ min: -5, max: 20 });

const event: fc.Arbitrary<BanEvent> = fc.record({
  kind: fc.constantFrom("ban", "unban"),
  time,
  host,
  jail,
  lines: fc.array(fc.oneof(fc.constantFrom(...HOSTILE), anyText())),
}).map(({ kind, time, host, jail, lines }) => {
  const ban = { ...banOf(time).ban, host, jail, lines: kind === "ban" ? lines : [] };
  return kind === "ban" ? { kind, time, ban } : { kind: "unban", time, ban, reason: "expired" };
});

const query: fc.Arbitrary<HistoryQuery> = fc.record(
  { since: time, jail, host },
  { requiredKeys: [] },
);

Deno.test("a search finds what reading all of the history finds, whatever the lines say", () => {
  fc.assert(
    fc.property(fc.array(event), query, (events, query) => {
      const found = eventsIn(events.map(printRecord).join(""), query);
      assertEquals(found, events.filter((event) => isWanted(event, query)));
    }),
    { numRuns: 300 },
  );
});

Deno.test("a host is found by its networks, and a network by what lies in it", () => {
  const of = (host: string) => ({ ...banOf(1), ban: { ...banOf(1).ban, host } });
  const wants = (banned: string, host: string) => isWanted(of(banned), { host });
  assertEquals(wants("2001:db8::/64", "2001:db8::5"), true);
  assertEquals(wants("192.0.2.7", "192.0.2.0/24"), true);
  assertEquals(wants("192.0.2.7", "192.0.2.70"), false);
  assertEquals(wants("id:a", "192.0.2.7"), false);
});

Deno.test("a search goes through a long history in pages, and on to what is not saved yet", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-state-" });
  try {
    // Longer lines than are read at once, and one that a crash cut short.
    const long = { ...banOf(2), ban: { ...banOf(2).ban, lines: ["x".repeat(3_000_000)] } };
    const short = Array.from({ length: 8000 }, (_, index) => banOf(index + 3));
    const events = [...short, long, banOf(1)];
    const text = events.map(printRecord).join("") + '{"kind":"ban","time":9';
    await Deno.writeTextFile(`${folder}/history.jsonl`, text);
    const store = await Store.open(folder);
    await store.load();
    store.appendHistory([banOf(9000)]);

    const found: BanEvent[] = [];
    let pages = 0;
    for (let from: number | null = 0; from !== null; pages++) {
      const page = await store.searchHistory({ host: "192.0.2.7" }, from);
      found.push(...page.events);
      from = page.next;
    }
    await store.close();
    assertEquals(found, [...events, banOf(9000)]);
    assertEquals(pages > 1, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a search in a history that is not there finds nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-state-" });
  try {
    const store = await Store.open(folder);
    await store.load();
    assertEquals(await store.searchHistory({}), { events: [], next: null });
    await store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
