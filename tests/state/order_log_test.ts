import { assertEquals, assertMatch } from "@std/assert";
import type { Ban } from "../../lib/jail/mod.ts";
import { type Order, OrderLog } from "../../lib/state/mod.ts";

Deno.test("OrderLog gives again what no state holds, and lets go of what one holds", async () => {
  await using log = await newLog();
  const first = await log.open(0);
  await Promise.all([1, 2, 3].map((time) => first.append(order(time))));
  assertEquals((await log.open(1)).missed, [order(2), order(3)]);
  const mark = first.mark();
  await first.append(order(4));
  await first.release(mark);
  assertEquals((await log.open(0)).missed, [order(4)], "the state said 3, and was then lost");
  const second = await log.open(mark);
  assertEquals(second.missed, [order(4)]);
  assertEquals(second.mark(), 4);
  await second.release(4);
  assertEquals((await log.open(4)).missed, []);
});

Deno.test("OrderLog leaves out what an older banjo has passed over, which numbers no orders", async () => {
  await using log = await newLog();
  const first = await log.open(0);
  for (const time of [10, 20, 30]) await first.append(order(time));
  const later = await OrderLog.open(log.folder, { kind: "dated", until: 20 });
  assertEquals(later.missed, [order(30)]);
  assertEquals(later.mark(), 3, "numbers are not given twice");
});

Deno.test("OrderLog reads what is whole of a damaged file, and says what is not", async () => {
  await using log = await newLog();
  const first = await log.open(0);
  for (const time of [1, 2]) await first.append(order(time));
  const path = `${log.folder}/orders-1.jsonl`;
  const text = await Deno.readTextFile(path);
  const noHost = JSON.stringify({ number: 3, ...order(3, ["no host "]) });
  await Deno.writeTextFile(path, `\0\0\0\n${text}${noHost}\n{"number":4,"ki`);
  const second = await log.open(0);
  assertEquals(second.missed, [order(1), order(2)]);
  assertEquals(second.damaged.length, 2);
  assertMatch(second.damaged[0]!, /^line 1 of \S+orders-1\.jsonl: /);
  assertMatch(second.damaged[1]!, /^line 4 of \S+orders-1\.jsonl: .*hosts/);
  await second.append(order(5));
  assertEquals((await log.open(0)).missed, [order(1), order(2), order(5)]);
});

Deno.test("OrderLog sets aside a file that cannot be read, such as a link in its place", async () => {
  await using log = await newLog();
  await Deno.symlink("/etc/hostname", `${log.folder}/orders-2.jsonl`);
  const open = await log.open(0);
  assertMatch(
    open.damaged.join(),
    /orders-2\.jsonl: it is a symbolic link; it is now orders-2\.jsonl\.unreadable-/,
  );
  await open.append(order(1));
  open.mark();
  await open.append(order(2));
  assertEquals((await log.open(0)).missed, [order(1), order(2)]);
});

function order(time: number, hosts: readonly string[] = ["192.0.2.7"]): Order {
  const ban: Ban = {
    jail: "test",
    host: "192.0.2.7",
    since: time,
    until: null,
    failures: 3,
    bans: 1,
    lines: ['ü\u2028"'],
    cause: "failures",
  };
  return { kind: "unban", time, hosts, lifted: [ban] };
}

async function newLog() {
  const folder = await Deno.makeTempDir({ prefix: "banjo-orders-" });
  return {
    folder,
    open: (last: number) => OrderLog.open(folder, { kind: "numbered", last }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
