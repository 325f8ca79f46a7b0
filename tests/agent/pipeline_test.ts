import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { emptyFilter } from "../../lib/config/mod.ts";
import { byFilter, Pipeline, type PostState } from "../../lib/agent/pipeline.ts";
import { Sieve } from "../../lib/filter/sieve.ts";
import { BanMemory, type JailSettings, noFacts, Trust } from "../../lib/jail/mod.ts";
import { definitionOf } from "../filter/definitions.ts";
import { settingsOf } from "../jail/settings.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

const filter = definitionOf({
  failregex: [
    "^ sshd\\[<F-MLFID>\\d+</F-MLFID>\\]: <F-NOFAIL>user</F-NOFAIL> <F-USER>\\S+</F-USER>",
    "^ sshd\\[<F-MLFID>\\d+</F-MLFID>\\]: failed from <ADDR>$",
  ],
});

function pipelineOf(
  jails: readonly JailSettings[],
  { saved = {}, firstTime = () => -Infinity }: {
    saved?: Record<string, PostState>;
    firstTime?: (jail: JailSettings) => number;
  } = {},
) {
  const bans: string[] = [];
  const pipeline = new Pipeline({
    jails,
    saved,
    memory: new BanMemory(),
    trust: new Trust([]),
    facts: noFacts,
    savedAt: NOW,
    firstTime,
    isLive: true,
    onEvent: ({ kind, ban }, { name }) => bans.push(`${kind} ${name} ${ban.host}`),
    onGivenUp: () => {},
    onNamed: () => {},
  });
  const scan = (lines: string) => {
    const sharers = byFilter([...pipeline.posts.values()]);
    const sieve = new Sieve(sharers.map(([{ filter }]) => filter.prefilter));
    const candidates = sieve.sift(new TextEncoder().encode(lines));
    sharers.forEach((posts, i) => pipeline.scan(posts, candidates[i]!, NOW));
  };
  return { pipeline, bans, scan, filterOf: (name: string) => pipeline.posts.get(name)!.filter };
}

const jail = (name: string, changes: Partial<JailSettings> = {}) =>
  settingsOf({ name, filter, files: ["/var/log/a"], ...changes });

const failuresAt = (seconds: readonly number[], host: string) =>
  seconds.map((second) =>
    `2026-11-20 11:59:${String(second).padStart(2, "0")} sshd[${second}]: failed from ${host}\n`
  ).join("");

Deno.test("jails that see the same lines with the same filter share it, and decide as each alone", () => {
  const jails = [jail("a"), jail("b", { maxretry: 1 }), jail("c", { maxretry: 2 })];
  const log = failuresAt([1, 2, 3], "192.0.2.1") + failuresAt([4, 5], "192.0.2.2") +
    failuresAt([6], "192.0.2.3");
  const together = pipelineOf(jails);
  together.scan(log);
  assertStrictEquals(together.filterOf("a"), together.filterOf("b"));
  assertStrictEquals(together.filterOf("a"), together.filterOf("c"));
  const alone = jails.flatMap((settings) => {
    const single = pipelineOf([settings]);
    single.scan(log);
    return single.bans;
  });
  assertEquals(alone.length, 6);
  assertEquals(together.bans.toSorted(), alone.toSorted());
});

Deno.test("jails share no filter where its patterns or what they read differ", () => {
  const { filterOf } = pipelineOf([
    jail("a"),
    jail("patterns", { filter: { ...filter, failregex: ["^from <ADDR>$"] } }),
    jail("files", { files: ["/var/log/a", "/var/log/b"] }),
    jail("journal", { journalmatch: [["_UID=0"]] }),
  ]);
  for (const name of ["patterns", "files", "journal"]) {
    assertNotStrictEquals(filterOf(name), filterOf("a"));
  }
});

Deno.test("jails share no filter that remembers for one of them what the other has not seen", () => {
  const jails = [jail("old"), jail("older"), jail("new")];
  const before = pipelineOf(jails.slice(0, 2));
  before.scan("2026-11-20 11:59:01 sshd[7]: user root\n");
  const { filterOf, scan, pipeline } = pipelineOf(jails, { saved: before.pipeline.save() });
  assertStrictEquals(filterOf("old"), filterOf("older"));
  assertNotStrictEquals(filterOf("old"), filterOf("new"));
  scan(failuresAt([2], "192.0.2.1"));
  assertEquals(pipeline.save()["old"]!.filter, pipeline.save()["older"]!.filter);
});

Deno.test("each jail that shares a filter counts from where it begins", () => {
  const jails = [jail("a", { maxretry: 1 }), jail("b", { maxretry: 1 })];
  const { bans, scan } = pipelineOf(jails, {
    firstTime: ({ name }) => name === "a" ? -Infinity : NOW - 30_000,
  });
  scan(failuresAt([10], "192.0.2.1") + failuresAt([50], "192.0.2.2"));
  assertEquals(bans, ["ban a 192.0.2.1", "ban a 192.0.2.2", "ban b 192.0.2.2"]);
});

Deno.test("a jail that rests keeps all that it knows, and lets its bans end", () => {
  const known = (pipeline: Pipeline) => JSON.parse(JSON.stringify(pipeline.save()["one"], toLists));
  const { pipeline, scan } = pipelineOf([jail("one")]);
  scan(failuresAt([0, 1], "192.0.2.1") + failuresAt([2, 3, 4], "192.0.2.2"));
  const before = known(pipeline);
  const { bans: _bans, ended: _ended, ...others } = before.jail;

  const resting = { enabled: false, files: [], filter: emptyFilter("one") };
  const { pipeline: later, bans } = pipelineOf([jail("one", resting)], { saved: { one: before } });
  assertEquals(known(later), before);
  later.tick(later.posts.get("one")!, NOW + 86_400_000);
  assertEquals(bans, ["unban one 192.0.2.2"]);
  const ended = [["192.0.2.2", before.jail.bans[0].until]];
  assertEquals(known(later), { ...before, jail: { ...others, bans: [], ended } });
});

/** What is saved as something to go through, as the state file has it. */
function toLists(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && Symbol.iterator in value
    ? [...value as Iterable<unknown>]
    : value;
}

Deno.test("a pipeline holds nothing of the state that it was made of", async () => {
  // Tests run with V8's flag --expose-gc.
  const { gc } = globalThis as unknown as { gc: () => void };
  const { bans, scan, held } = resumed();
  // As long as this turn lasts, what a WeakRef has shown is held.
  await new Promise((resolve) => setTimeout(resolve, 0));
  gc();
  assertEquals(held.deref(), undefined);
  scan(failuresAt([3], "192.0.2.1"));
  assertEquals(bans, ["ban a 192.0.2.1"]);
});

/** A pipeline that was made of another one's state, and that state, weakly. */
function resumed() {
  const jails = [jail("a")];
  const before = pipelineOf(jails);
  before.scan(failuresAt([1, 2], "192.0.2.1"));
  const saved = before.pipeline.save();
  return { ...pipelineOf(jails, { saved }), held: new WeakRef(saved) };
}
