import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Orders } from "../../lib/agent/orders.ts";
import { Pipeline, type PostState } from "../../lib/agent/pipeline.ts";
import { BanMemory, type JailEvent, noFacts, type SavedMemory, Trust } from "../../lib/jail/mod.ts";
import { failureOf, settingsOf } from "../jail/settings.ts";

const hosts = ["192.0.2.1", "192.0.2.2", "2001:db8::1"] as const;
const jails = ["test", "other", "recidive"] as const;

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("fail" as const),
      jail: fc.constantFrom("test" as const, "other" as const),
      host: fc.constantFrom(...hosts),
      late: fc.nat({ max: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("ban" as const),
      jail: fc.constantFrom(...jails),
      hosts: fc.uniqueArray(fc.constantFrom(...hosts, "192.0.2.0/24"), { minLength: 1 }),
      span: fc.constantFrom(undefined, null, 1_000_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("unban" as const),
      hosts: fc.constantFrom("all" as const, ["192.0.2.1"], ["192.0.2.0/24", "2001:db8::1"]),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("save" as const) }) },
  // What becomes of the last save: it reaches the disk, or the log has been let go of besides.
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("replace" as const, "release" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("crash" as const), torn: fc.nat({ max: 200 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

Deno.test("Orders by hand, and what the log leads to, come to the same wherever the agent crashes and saves", async () => {
  let carriedOut = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      await using crashing = await Life.begin();
      await using whole = await Life.begin();
      let clock = 1000;
      for (const step of steps) {
        await crashing.take(step, clock += 10);
        if (step.kind === "fail" || step.kind === "ban" || step.kind === "unban") {
          await whole.take(step, clock);
        }
        if (step.kind === "crash") assertEquals(crashing.outcome(), whole.outcome());
      }
      await crashing.take({ kind: "crash", torn: 0 }, clock);
      assertEquals(crashing.outcome(), whole.outcome());
      carriedOut += crashing.redone;
    }),
    { numRuns: 80 },
  );
  assertEquals(carriedOut > 50, true, `${carriedOut} events came of orders carried out again`);
});

/** What is on the disk of an agent beside its log of orders. */
interface Saved {
  /** How many lines of the log it has read. */
  readonly position: number;
  readonly posts: Record<string, PostState>;
  readonly memory: SavedMemory;
  readonly history: readonly string[];
  readonly orders: number;
}

/** An agent's pipeline with a log that can be read again, a state, and orders in a folder of its own. */
class Life implements AsyncDisposable {
  redone = 0;
  readonly #folder: string;
  readonly #log: { readonly jail: string; readonly host: string; readonly time: number }[] = [];
  #disk: Saved | undefined;
  #saving: Saved | undefined;
  #history: string[] = [];
  #pipeline!: Pipeline;
  #memory!: BanMemory;
  #orders!: Orders;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async begin(): Promise<Life> {
    const life = new Life(await Deno.makeTempDir({ prefix: "banjo-orders-" }));
    await life.#start();
    return life;
  }

  async take(step: Step, clock: number): Promise<void> {
    switch (step.kind) {
      case "fail":
        this.#log.push({ jail: step.jail, host: step.host, time: clock - step.late });
        return this.#read(this.#log.length - 1);
      case "ban": {
        const { jail, span } = step;
        const until = typeof span === "number" ? clock + span : span;
        const post = this.#pipeline.posts.get(jail)!;
        return await this.#orders.ban(post, step.hosts, clock, until).kept;
      }
      case "unban":
        return await this.#orders.unban(step.hosts, clock).kept;
      case "save": {
        const orders = this.#orders.mark();
        const state = { posts: this.#pipeline.save(), memory: this.#memory.save() };
        this.#saving = {
          ...JSON.parse(JSON.stringify(state)),
          position: this.#log.length,
          history: [...this.#history],
          orders,
        };
        return;
      }
      case "replace":
        this.#disk = this.#saving ?? this.#disk;
        return;
      case "release":
        this.#disk = this.#saving ?? this.#disk;
        if (this.#disk !== undefined) await this.#orders.release(this.#disk.orders);
        return;
      case "crash":
        this.#saving = undefined;
        await this.#tear(step.torn, clock);
        await this.#start();
    }
  }

  /** In an order that does not depend on how it came about. */
  outcome(): unknown {
    const sorted = (items: Iterable<unknown>) => Array.from(items, (e) => JSON.stringify(e)).sort();
    return {
      jails: Object.entries(this.#pipeline.save()).map(([name, { jail }]) => ({
        name,
        failed: jail.failed,
        banned: jail.banned,
        bans: sorted(jail.bans),
        failures: sorted(jail.failures),
      })),
      memory: Object.entries(this.#memory.save()).map(([name, past]) => [name, ...sorted(past)])
        .sort(),
      history: this.#history.toSorted(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #start(): Promise<void> {
    const saved = this.#disk;
    this.#history = [...saved?.history ?? []];
    this.#memory = new BanMemory(saved?.memory);
    this.#pipeline = new Pipeline({
      jails: [
        settingsOf({ maxretry: 2, bantime: 1_000_000, reports: true }),
        settingsOf({ name: "other", maxretry: 3, bantime: Infinity }),
        settingsOf({ name: "recidive", bannedBy: ["test"], maxretry: 2, bantime: 2_000_000 }),
      ],
      saved: saved?.posts ?? {},
      memory: this.#memory,
      trust: new Trust([]),
      facts: noFacts,
      savedAt: 0,
      firstTime: () => 0,
      isLive: true,
      onEvent: (event: JailEvent) => void this.#history.push(JSON.stringify(event)),
      onGivenUp: () => {},
      onNamed: () => {},
    });
    this.#orders = await Orders.open({
      stateDir: this.#folder,
      known: saved === undefined
        ? { kind: "dated", until: -Infinity }
        : { kind: "numbered", last: saved.orders },
      pipeline: () => this.#pipeline,
      saveNow: () => Promise.reject(new Error("The log of orders was to be written")),
      onProgress: () => {},
    });
    const before = this.#history.length;
    this.#orders.redo();
    this.redone += this.#history.length - before;
    for (let line = saved?.position ?? 0; line < this.#log.length; line++) this.#read(line);
  }

  #read(line: number): void {
    const { jail, host, time } = this.#log[line]!;
    this.#pipeline.report(this.#pipeline.posts.get(jail)!, failureOf(host, time));
  }

  /** Leaves an order that the crash cut short, which nobody was told was done. */
  async #tear(length: number, time: number): Promise<void> {
    const order = {
      number: 1e9,
      kind: "ban",
      time,
      bans: [{
        ban: {
          jail: "test",
          host: "192.0.2.9",
          since: 1,
          until: null,
          failures: 0,
          bans: 1,
          lines: [],
          cause: "manual",
        },
      }],
    };
    const text = JSON.stringify(order).slice(0, length);
    for (const name of ["orders-1.jsonl", "orders-2.jsonl"]) {
      await Deno.writeTextFile(`${this.#folder}/${name}`, text, { append: true });
    }
  }
}
