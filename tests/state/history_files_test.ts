import { assert, assertEquals } from "@std/assert";
import type { BanEvent } from "../../lib/jail/mod.ts";
import { printRecord } from "../../lib/state/history.ts";
import { Store } from "../../lib/state/mod.ts";
import { banOf, instantOf } from "./instants.ts";

/** Some ten bans a file. */
const SIZE = { file: 2_000, kept: 6_000 };

/** Uses a store whose history stands in small files, with so many bans from the first time on, each saved. */
async function withBans(
  folder: string,
  [first, last]: readonly [number, number],
  use: (store: Store) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const store = await Store.open(folder, SIZE);
  try {
    await store.load();
    for (let time = first; time <= last; time++) {
      store.appendHistory([banOf(time)]);
      await store.save(() => instantOf(time));
    }
    await use(store);
  } finally {
    await store.close();
  }
}

async function timesIn(store: Store): Promise<number[]> {
  return (await Array.fromAsync(store.readHistory())).map(({ time }) => time);
}

/** All from a place on, page by page. */
async function timesFrom(store: Store, place: number): Promise<number[]> {
  const events: BanEvent[] = [];
  for (let from: number | null = place; from !== null;) {
    const page = await store.searchHistory({}, from);
    events.push(...page.events);
    from = page.next;
  }
  return events.map(({ time }) => time);
}

async function lengthsIn(folder: string): Promise<Map<string, number>> {
  const lengths = new Map<string, number>();
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("history")) {
      lengths.set(name, (await Deno.stat(`${folder}/${name}`)).size);
    }
  }
  return lengths;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function withFolder(test: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await Deno.makeTempDir({ prefix: "banjo-state-" });
    try {
      await test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

Deno.test(
  "a long history stands in several files, of which the oldest go, and is one to whoever reads",
  withFolder(async (folder) => {
    await withBans(folder, [1, 30], async (store) => {
      assert((await lengthsIn(folder)).size > 2);
      assertEquals(await timesIn(store), range(1, 30));
      assertEquals(await timesFrom(store, 0), range(1, 30));
      const place = store.savedLength;
      store.appendHistory([banOf(31)]);
      await store.save(() => instantOf(31));
      assertEquals(await timesFrom(store, place), [31], "a place stays what it is");
    });
    await withBans(folder, [32, 200], async (store) => {
      const times = await timesIn(store);
      assertEquals(times, range(times[0]!, 200));
      assert(times[0]! > 31);
      assertEquals(await timesFrom(store, 0), times);
      const bytes = [...(await lengthsIn(folder)).values()].reduce((sum, length) => sum + length);
      const most = SIZE.kept + 2 * (SIZE.file + printRecord(banOf(200)).length);
      assert(bytes >= SIZE.kept && bytes <= most, `${bytes} bytes are kept`);
    });
  }),
);

Deno.test(
  "what a new file has that no snapshot knows is cut off as in the first",
  withFolder(async (folder) => {
    let last = 0;
    // Until a file has just been divided.
    while (!(await lengthsIn(folder)).has("history-0.jsonl")) {
      last++;
      await withBans(folder, [last, last]);
    }
    await Deno.writeTextFile(`${folder}/history.jsonl`, printRecord(banOf(last + 1)));
    await withBans(folder, [last + 1, last + 1], async (store) => {
      assertEquals(await timesIn(store), range(1, last + 1));
    });
  }),
);

Deno.test(
  "a history on which a banjo went on that knew of one file alone is kept",
  withFolder(async (folder) => {
    await withBans(folder, [1, 25]);
    const path = `${folder}/state.json`;
    const present = (await lengthsIn(folder)).get("history.jsonl")!;
    const state = JSON.parse(await Deno.readTextFile(path));
    assert(state.history > present);
    await Deno.writeTextFile(path, JSON.stringify({ ...state, history: present }));
    await withBans(folder, [26, 26], async (store) => {
      assertEquals(await timesIn(store), range(1, 26));
    });
  }),
);

Deno.test(
  "whoever reads a history reads it to the end, though it grows meanwhile",
  withFolder(async (folder) => {
    await withBans(folder, [1, 9], async (store) => {
      const reading = store.readHistory()[Symbol.asyncIterator]();
      const times = [(await reading.next()).value.time];
      for (const time of range(10, 60)) {
        store.appendHistory([banOf(time)]);
        await store.save(() => instantOf(time));
      }
      for (let step = await reading.next(); !step.done; step = await reading.next()) {
        times.push(step.value.time);
      }
      assertEquals(times, range(1, 9));
      assertEquals((await lengthsIn(folder)).size, 1, "no file got another name");
      store.appendHistory([banOf(61)]);
      await store.save(() => instantOf(61));
      assertEquals((await lengthsIn(folder)).has("history-0.jsonl"), true);
    });
  }),
);
