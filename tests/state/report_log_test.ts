import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { type Report, ReportLog, StateError } from "../../lib/state/mod.ts";

Deno.test("ReportLog hands on what was appended, in order, and again what no snapshot had counted", async () => {
  await using log = await newLog();
  const first = await log.open(0);
  await Promise.all([1, 2, 3].map((n) => first.append(report(n))));
  assertEquals(log.taken(), [1, 2, 3]);
  assertEquals(first.mark(), 3);
  // Nobody released them: this was a crash.
  const second = await log.open(2);
  assertEquals(second.mark(), 2);
  second.catchUp();
  assertEquals(log.taken(), [3]);
  assertEquals(second.mark(), 3);
});

Deno.test("ReportLog counts every acknowledged report exactly once, wherever it crashes", async () => {
  const step = fc.oneof(
    fc.nat({ max: 5 }).map((count) => ({ kind: "append" as const, count })),
    fc.record({ kind: fc.constant("save" as const), isDurable: fc.boolean() }),
    fc.record({ kind: fc.constant("crash" as const), torn: fc.nat({ max: 30 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using log = await newLog();
      let open = await log.open(0);
      let next = 0;
      /** What the running jails have counted, and what the latest snapshot has of it. */
      let counted: number[] = [];
      let saved = { number: 0, counted };
      for (const step of steps) {
        if (step.kind === "append") {
          const numbers = Array.from({ length: step.count }, () => ++next);
          await Promise.all(numbers.map((n) => open.append(report(n))));
          counted = [...counted, ...log.taken()];
        } else if (step.kind === "save") {
          const instant = { number: open.mark(), counted };
          // Reports that come while the snapshot is written are not in it.
          await open.append(report(++next));
          counted = [...counted, ...log.taken()];
          if (!step.isDurable) continue;
          saved = instant;
          await open.release(saved.number);
        } else {
          await open.close();
          await log.tear(step.torn);
          open = await log.open(saved.number);
          open.catchUp();
          counted = [...saved.counted, ...log.taken()];
        }
        assertEquals(counted, Array.from({ length: next }, (_, index) => index + 1));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("ReportLog does not grow while snapshots are taken, though reports come all the time", async () => {
  await using log = await newLog();
  const open = await log.open(0);
  for (let round = 0; round < 30; round++) {
    const number = open.mark();
    await Promise.all(Array.from({ length: 10 }, () => open.append(report(1))));
    await open.release(number);
  }
  const line = JSON.stringify({ number: 999, ...report(1) }).length + 1;
  assertEquals(await log.size() <= 20 * line, true, String(await log.size()));
});

Deno.test("ReportLog acknowledges nothing that the disk did not take", async () => {
  await using log = await newLog();
  const open = await log.open(0);
  await Deno.mkdir(`${log.folder}/reports-1.jsonl`);
  await assertRejects(() => open.append(report(1)), StateError, "Cannot keep reports in");
  assertEquals(log.taken(), []);
  await Deno.remove(`${log.folder}/reports-1.jsonl`);
  await open.append(report(2));
  assertEquals(log.taken(), [2]);
});

Deno.test("ReportLog refuses a link in the place of its file", async () => {
  await using log = await newLog();
  await Deno.symlink("/etc/hostname", `${log.folder}/reports-2.jsonl`);
  await assertRejects(() => log.open(0), StateError, "symbolic link");
});

function report(n: number): Report {
  return { kind: "failure", time: n, jail: "test", host: "192.0.2.7", reason: `${n} ü\u2028"` };
}

/** A folder for a log; `taken` gives the times of the reports that were handed on since it was last asked. */
async function newLog() {
  const folder = await Deno.makeTempDir({ prefix: "banjo-reports-" });
  let taken: number[] = [];
  const paths = ["1", "2"].map((name) => `${folder}/reports-${name}.jsonl`);
  return {
    folder,
    open: (counted: number) => ReportLog.open(folder, counted, ({ time }) => taken.push(time)),
    taken(): number[] {
      const all = taken;
      taken = [];
      return all;
    },
    async size(): Promise<number> {
      const sizes = await Promise.all(
        paths.map((path) => Deno.stat(path).then(({ size }) => size, () => 0)),
      );
      return sizes.reduce((sum, size) => sum + size);
    },
    /** Leaves a line in each file that a crash has cut short. */
    async tear(length: number): Promise<void> {
      const line = JSON.stringify({ number: 1e9, ...report(1e9) }).slice(0, length);
      for (const path of paths) await Deno.writeTextFile(path, line, { append: true });
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
