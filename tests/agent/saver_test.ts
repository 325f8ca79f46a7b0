import { assert, assertEquals, assertRejects } from "@std/assert";
import { Saver, type SaverOptions } from "../../lib/agent/saver.ts";

function saverOf(save: () => Promise<void>, others: Partial<SaverOptions> = {}): Saver {
  return new Saver({ save, expected: () => 0, onProblem: () => {}, ...others });
}

Deno.test("Saver rests after a save for twenty-five times as long, whatever changed while it saved", async () => {
  const saves: { readonly begin: number; readonly end: number }[] = [];
  const enough = Promise.withResolvers<void>();
  const saver = saverOf(async () => {
    const begin = performance.now();
    for (let change = 0; change < 3; change++) {
      saver.saveSoon(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    saves.push({ begin, end: performance.now() });
    if (saves.length === 3) enough.resolve();
  });
  saver.saveSoon(0);
  await enough.promise;
  saver.cancel();
  for (const [index, { begin }] of saves.entries()) {
    if (index === 0) continue;
    const before = saves[index - 1]!;
    const took = before.end - before.begin;
    // A timer may come a millisecond early.
    assert(begin - before.end > 25 * took - 2, `${begin - before.end} ms after ${took} ms`);
  }
});

Deno.test("Saver rests as the next save will take, however much more there is by then", async () => {
  let expected = 2;
  const saved = Promise.withResolvers<void>();
  const begin = performance.now();
  const saver = saverOf(() => Promise.resolve(saved.resolve()), { expected: () => expected });
  saver.saveSoon(0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expected = 8;
  saver.saveSoon(0);
  await saved.promise;
  saver.cancel();
  // A timer may come a millisecond early.
  const rested = performance.now() - begin;
  assert(rested > 25 * 8 - 2, `${rested} ms`);
});

Deno.test("Saver saves what changed while it saved, and tries again where that failed", async () => {
  const problems: (string | null)[] = [];
  let count = 0;
  const enough = Promise.withResolvers<void>();
  const saver = saverOf(() => {
    count++;
    if (count === 3) enough.resolve();
    if (count === 1) saver.saveSoon(0);
    return count === 2 ? Promise.reject(new Error("no room")) : Promise.resolve();
  }, { onProblem: (problem) => problems.push(problem) });
  await saver.saveNow();
  await enough.promise;
  // What is told of the third comes after it.
  await saver.saveNow();
  assertEquals(problems, ["no room", null]);
  saver.cancel();
});

Deno.test("Saver rests after a save that failed as after any other", async () => {
  const begins: number[] = [];
  const again = Promise.withResolvers<void>();
  const saver = saverOf(async () => {
    begins.push(performance.now());
    if (begins.length === 2) again.resolve();
    await new Promise((resolve) => setTimeout(resolve, 100));
    throw new Error("no room");
  });
  await saver.trySave();
  await again.promise;
  saver.cancel();
  // A timer may come a millisecond early.
  assert(begins[1]! - begins[0]! > 26 * 100 - 2, `${begins[1]! - begins[0]!} ms`);
});

Deno.test("Saver tells whoever orders a save that it failed", async () => {
  const saver = saverOf(() => Promise.reject(new Error("no room")));
  await assertRejects(() => saver.saveNow(), Error, "no room");
  saver.cancel();
});
