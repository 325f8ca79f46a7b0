import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { BanEvent, JailEvent, SavedFailures } from "../../lib/jail/mod.ts";
import { type Loaded, type Snapshot, StateError, Store } from "../../lib/state/mod.ts";
import { banOf, instantOf } from "./instants.ts";

/** Runs a test with a folder of its own. */
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

/** Opens a store, loads it, and closes it again after use. */
async function using<T>(
  folder: string,
  use: (store: Store, loaded: Loaded) => Promise<T>,
): Promise<T> {
  const store = await Store.open(folder);
  try {
    return await use(store, await store.load());
  } finally {
    await store.close();
  }
}

function snapshotIn(loaded: Loaded): Snapshot {
  if (loaded.kind !== "loaded") throw new Error(`The state is ${loaded.kind}`);
  return loaded.snapshot;
}

async function historyOf(store: Store, since?: number): Promise<JailEvent[]> {
  return await Array.fromAsync(store.readHistory(since));
}

function timesOf(events: readonly JailEvent[]): number[] {
  return events.map(({ time }) => time);
}

/** How many failures the state file tells of. */
async function savedCount(folder: string): Promise<number> {
  return JSON.parse(await Deno.readTextFile(`${folder}/state.json`)).jails.test.jail.failed;
}

Deno.test(
  "Store starts fresh in a folder that it makes, and finds again what it saved",
  withFolder(async (folder) => {
    const inner = `${folder}/var/lib/banjo`;
    await using(inner, async (store, loaded) => {
      assertEquals(loaded, { kind: "fresh" });
      store.appendHistory([banOf(1), { ...banOf(2), kind: "unban", reason: "expired" }]);
      await store.save(() => instantOf(7));
    });
    await using(inner, async (store, loaded) => {
      const { version, banjo: _, saved, history, ...instant } = snapshotIn(loaded);
      assertEquals(instant, instantOf(7));
      assertEquals(version, 1);
      assertEquals(new Date(saved).toISOString(), saved);
      assertEquals(history, (await Deno.stat(`${inner}/history.jsonl`)).size);
      const unban = {
        ...banOf(2),
        ban: { ...banOf(2).ban, lines: [] },
        kind: "unban",
        reason: "expired",
      };
      assertEquals(await historyOf(store), [banOf(1), unban as JailEvent]);
      assertEquals(await historyOf(store, 2), [unban as JailEvent]);
    });
    for (const name of ["state.json", "history.jsonl", "lock"]) {
      assertEquals((await Deno.stat(`${inner}/${name}`)).mode! & 0o777, 0o600, name);
    }
    assertEquals((await Array.fromAsync(Deno.readDir(inner))).length, 3, "nothing else is left");
  }),
);

Deno.test(
  "Store sets a damaged file aside, says why, and keeps the history but for a line cut short",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory([banOf(1), banOf(2)]);
      await store.save(() => instantOf(1));
    });
    const text = await Deno.readTextFile(`${folder}/state.json`);
    await Deno.writeTextFile(`${folder}/state.json`, text.slice(0, -20));
    await Deno.writeTextFile(`${folder}/history.jsonl`, '{"kind":"ban","ti', { append: true });
    await using(folder, async (store, loaded) => {
      if (loaded.kind !== "lost") throw new Error(`The state is ${loaded.kind}`);
      assertStringIncludes(loaded.reason, "JSON");
      assertEquals(await Deno.readTextFile(loaded.setAside!), text.slice(0, -20));
      assert(loaded.setAside!.startsWith(`${folder}/state.json.damaged-`));
      store.appendHistory([banOf(3)]);
      assertEquals(timesOf(await historyOf(store)), [1, 2, 3]);
      await store.save(() => instantOf(2));
      assertEquals(timesOf(await historyOf(store)), [1, 2, 3]);
    });
    await using(folder, (_, loaded) => Promise.resolve(assertEquals(loaded.kind, "loaded")));
  }),
);

Deno.test(
  "Store takes bytes that are no text for damage",
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/state.json`, new Uint8Array([0x7b, 0xff, 0xfe]));
    await using(folder, (_, loaded) => Promise.resolve(assertEquals(loaded.kind, "lost")));
    await using(folder, (_, loaded) => Promise.resolve(assertEquals(loaded.kind, "fresh")));
  }),
);

Deno.test(
  "Store keeps the state of a later format aside, and goes on with the history",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      await store.save(() => instantOf(1));
    });
    const text = '{"version":2,"bans":"elsewhere"}';
    await Deno.writeTextFile(`${folder}/state.json`, text);
    await using(folder, async (store, loaded) => {
      if (loaded.kind !== "lost") throw new Error(`The state is ${loaded.kind}`);
      assertStringIncludes(loaded.reason, "this banjo knows formats up to 1");
      assert(loaded.setAside!.startsWith(`${folder}/state.json.newer-`));
      assertEquals(await Deno.readTextFile(loaded.setAside!), text);
      assertEquals(timesOf(await historyOf(store)), [1]);
    });
  }),
);

Deno.test(
  "Store cuts off the history that its snapshot does not know, for it will be decided again",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      await store.save(() => instantOf(1));
    });
    await Deno.writeTextFile(`${folder}/history.jsonl`, JSON.stringify(banOf(2)) + "\n{", {
      append: true,
    });
    await using(folder, async (store) => {
      assertEquals(timesOf(await historyOf(store)), [1]);
      assertEquals(
        await Deno.readTextFile(`${folder}/history.jsonl`),
        JSON.stringify(banOf(1)) + "\n",
      );
      store.appendHistory([banOf(2)]);
      await store.save(() => instantOf(2));
    });
    await using(folder, async (store) => assertEquals(timesOf(await historyOf(store)), [1, 2]));
  }),
);

Deno.test(
  "Store goes on where the history was taken away",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      await store.save(() => instantOf(1));
    });
    await Deno.remove(`${folder}/history.jsonl`);
    await using(folder, async (store, loaded) => {
      assertEquals(loaded.kind, "loaded");
      store.appendHistory([banOf(2)]);
      await store.save(() => instantOf(2));
    });
    await using(folder, async (store) => assertEquals(timesOf(await historyOf(store)), [2]));
  }),
);

Deno.test(
  "Store skips and tells of history lines that cannot be read",
  withFolder(async (folder) => {
    const lines = [
      JSON.stringify(banOf(1)),
      "nonsense",
      '{"kind":"ban"}',
      JSON.stringify(banOf(4)),
    ];
    await Deno.writeTextFile(`${folder}/history.jsonl`, lines.join("\n") + "\n");
    await using(folder, async (store) => {
      const damaged: number[] = [];
      const events = await Array.fromAsync(store.readHistory(0, (line) => damaged.push(line)));
      assertEquals(timesOf(events), [1, 4]);
      assertEquals(damaged, [2, 3]);
    });
  }),
);

Deno.test(
  "Store reads a history larger than one piece",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory(Array.from({ length: 3000 }, (_, time) => banOf(time)));
      await store.save(() => instantOf(1));
      assertEquals(
        timesOf(await historyOf(store)),
        Array.from({ length: 3000 }, (_, time) => time),
      );
    });
  }),
);

Deno.test(
  "Store writes much history before the save that it belongs to, and counts it only after that",
  withFolder(async (folder) => {
    const many = (from: number) => Array.from({ length: 20_000 }, (_, at) => banOf(from + at));
    const written = async () => (await Deno.stat(`${folder}/history.jsonl`)).size;
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      await store.save(() => instantOf(1));
      const saved = await written();
      for (const ban of many(2)) store.appendHistory([ban]);
      for (let tries = 0; await written() === saved; tries++) {
        assert(tries < 2000, "nothing was written");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assertEquals(timesOf(await historyOf(store)).length, 20_001);
    });
    await using(folder, async (store) => {
      assertEquals(timesOf(await historyOf(store)), [1]);
      for (const ban of many(2)) store.appendHistory([ban]);
      store.appendHistory([banOf(30_000)]);
      await store.save(() => {
        queueMicrotask(() => store.appendHistory(many(40_000)));
        return instantOf(2);
      });
    });
    await using(folder, async (store) => {
      const times = timesOf(await historyOf(store));
      assertEquals([times.length, times.at(-1)], [20_002, 30_000]);
    });
  }),
);

Deno.test(
  "Store goes on writing much history while a long state is saved, and counts it only after the next save",
  withFolder(async (folder) => {
    const size = () => Deno.statSync(`${folder}/history.jsonl`).size;
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      const failing: SavedFailures = ["192.0.2.1", { time: 1, line: "x".repeat(500) }];
      let tries = 0;
      /** A state that does not end until the history grows. */
      function* failures(): Iterable<SavedFailures> {
        const saved = size();
        store.appendHistory(Array.from({ length: 20_000 }, (_, at) => banOf(2 + at)));
        for (; size() === saved && tries < 200_000; tries++) yield failing;
      }
      const instant = instantOf(1);
      const { jail, filter } = instant.jails.test!;
      const jails = { test: { jail: { ...jail, failures: failures() }, filter } };
      await store.save(() => ({ ...instant, jails }));
      assert(tries < 200_000, "nothing was written");
    });
    await using(folder, async (store) => assertEquals(timesOf(await historyOf(store)), [1]));
  }),
);

Deno.test(
  "Store forgets the oldest history that a disk does not take for long, and says how much",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      // As good as a full disk.
      await Deno.mkdir(`${folder}/history.jsonl`);
      const lines = ["x".repeat(1_000_000)];
      const large = (time: number): BanEvent => {
        const event = banOf(time);
        return { ...event, ban: { ...event.ban, lines } };
      };
      for (let time = 0; time < 100; time++) {
        store.appendHistory([large(time)]);
        // Each write has its turn to fail.
        await assertRejects(() => store.save(() => instantOf(time)), StateError, "no plain file");
      }
      await Deno.remove(`${folder}/history.jsonl`);
      await store.save(() => instantOf(100));
      const times = timesOf(await historyOf(store));
      assert(times.length >= 20 && times.length <= 34, `${times.length} are left`);
      assertEquals([times.at(-1), times[0]], [99, 100 - times.length]);
      assertEquals(store.forgotten, times[0]);
    });
  }),
);

Deno.test(
  "Store saves one after the other, the waiting ones as one, each done when it or a later one is on the disk",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      const order: string[] = [];
      const saves = Array.from({ length: 50 }, async (_, count) => {
        await store.save(() => instantOf(count));
        const saved = await savedCount(folder);
        assert(saved >= count, `${saved} is on the disk when ${count} is done`);
        order.push(`${count}:${saved}`);
      });
      await Promise.all(saves);
      assertEquals(order[0], "0:0", "the first is saved as it is");
      assertEquals(new Set(order.slice(1).map((done) => done.split(":")[1])), new Set(["49"]));
    });
  }),
);

Deno.test(
  "Store keeps history that came after a save's instant out of its snapshot",
  withFolder(async (folder) => {
    await using(folder, async (store) => {
      store.appendHistory([banOf(1)]);
      const taken = Promise.withResolvers<void>();
      const take = (count: number) => () => {
        // All that is decided from now on is of later.
        queueMicrotask(() => {
          store.appendHistory([banOf(count + 1)]);
          taken.resolve();
        });
        return instantOf(count);
      };
      const first = store.save(take(1));
      await taken.promise;
      await Promise.all([first, store.save(take(2))]);
      assertEquals(timesOf(await historyOf(store)), [1, 2, 3]);
    });
    await using(folder, async (store) => assertEquals(timesOf(await historyOf(store)), [1, 2]));
  }),
);

Deno.test(
  "Store keeps a second agent out until the first is gone",
  withFolder(async (folder) => {
    await using(folder, async () => {
      await assertRejects(() => Store.open(folder), StateError, "another banjo is using it");
    });
    await using(folder, () => Promise.resolve());
  }),
);

Deno.test(
  "Store follows no symbolic link",
  withFolder(async (folder) => {
    for (const name of ["state.json", "history.jsonl", "lock"]) {
      const inner = `${folder}/${name}.d`;
      await Deno.mkdir(inner);
      await Deno.writeTextFile(`${folder}/target`, "precious");
      await Deno.symlink(`${folder}/target`, `${inner}/${name}`);
      await assertRejects(() => using(inner, () => Promise.resolve()), StateError, "symbolic link");
      assertEquals(await Deno.readTextFile(`${folder}/target`), "precious");
    }
    const inner = `${folder}/later`;
    await using(inner, async (store) => {
      await Deno.symlink(`${folder}/target`, `${inner}/state.json.new`);
      await store.save(() => instantOf(1));
      assertEquals(await Deno.readTextFile(`${folder}/target`), "precious");
      assertEquals(await savedCount(inner), 1);
    });
  }),
);

Deno.test(
  "Store says which folder it cannot use",
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assertRejects(() => Store.open(`${folder}/file`), StateError, `${folder}/file`);
  }),
);

const isRoot = Deno.uid() === 0;

Deno.test({
  name: "Store leaves the old state whole on a full disk, and saves all once there is room",
  ignore: !isRoot,
  fn: withFolder(async (folder) => {
    await run("mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", folder);
    try {
      await using(folder, async (store) => {
        store.appendHistory([banOf(1)]);
        await store.save(() => instantOf(1));

        await fill(`${folder}/ballast`);
        store.appendHistory(Array.from({ length: 100 }, (_, at) => banOf(at + 2)));
        await assertRejects(() => store.save(() => instantOf(2)), StateError, "No space left");
        assertEquals(await savedCount(folder), 1);
        assertEquals(timesOf(await historyOf(store)).length, 101);

        await Deno.remove(`${folder}/ballast`);
        await store.save(() => instantOf(3));
      });
      await using(folder, async (store, loaded) => {
        assertEquals(snapshotIn(loaded).jails["test"]!.jail.failed, 3);
        assertEquals(
          timesOf(await historyOf(store)),
          Array.from({ length: 101 }, (_, at) => at + 1),
        );
        await fill(`${folder}/ballast`);
        await assertRejects(() => store.save(() => instantOf(4)), StateError, "No space left");
      });
      assertEquals(await savedCount(folder), 3);
      assertEquals(await Deno.lstat(`${folder}/state.json.new`).catch(() => "none"), "none");
    } finally {
      await run("umount", folder);
    }
  }),
});

Deno.test({
  name: "Store says so on a read-only disk, and the old state stays",
  ignore: !isRoot,
  fn: withFolder(async (folder) => {
    await run("mount", "-t", "tmpfs", "tmpfs", folder);
    try {
      await using(folder, async (store) => {
        await store.save(() => instantOf(1));
        // The lock is open for writing, which a disk that turns read-only by itself does not mind.
        await run("mount", "--bind", folder, folder);
        await run("mount", "-o", "remount,ro,bind", folder);
        await assertRejects(
          () => store.save(() => instantOf(2)),
          StateError,
          "Read-only file system",
        );
        await run("umount", folder);
      });
      assertEquals(await savedCount(folder), 1);
    } finally {
      await run("umount", folder);
    }
  }),
});

Deno.test(
  "Store loads what was saved, and history and state agree, however often the agent is killed",
  withFolder(async (folder) => {
    const script = new URL("save_forever.ts", import.meta.url).pathname;
    let acknowledged = 0;
    for (let round = 0; round < 15; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-lock", "--no-check", script, folder],
        stdout: "piped",
      }).spawn();
      acknowledged = await killAtRandom(child) ?? acknowledged;
      await using(folder, async (store, loaded) => {
        const { failed } = snapshotIn(loaded).jails["test"]!.jail;
        assert(failed >= acknowledged, `${acknowledged} was acknowledged, ${failed} is there`);
        assertEquals(
          timesOf(await historyOf(store)),
          Array.from({ length: failed }, (_, at) => at + 1),
        );
      });
    }
    assert(acknowledged > 15);
  }),
);

/** Kills a process at some moment after its first line; returns the number in its last whole line. */
async function killAtRandom(child: Deno.ChildProcess): Promise<number | undefined> {
  let output = "";
  let isKilled = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk;
    if (isKilled) continue;
    isKilled = true;
    setTimeout(() => child.kill("SIGKILL"), Math.random() * 30);
  }
  await child.status;
  const last = output.split("\n").at(-2);
  return last === undefined ? undefined : Number(last);
}

/** Writes a file until the disk is full. */
async function fill(path: string): Promise<void> {
  await assertRejects(() => Deno.writeFile(path, new Uint8Array(1 << 20)), Error, "No space left");
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) {
    throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}
