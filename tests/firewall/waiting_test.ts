import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Change } from "../../lib/firewall/mod.ts";
import { Waiting } from "../../lib/firewall/waiting.ts";

Deno.test("whatever waits leaves in batches, each jail's changes in order", () => {
  const jails = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 });
  fc.assert(fc.property(jails, fc.integer({ min: 1, max: 9 }), (jails, most) => {
    const waiting = new Waiting();
    const changes = jails.map((jail, index) => ban(jail, `10.0.0.${index}`));
    waiting.push(changes);
    const taken: Change[] = [];
    while (waiting.length > 0) {
      const batch = waiting.take({ most, quick: most });
      assert(batch.length > 0 && batch.length <= most);
      taken.push(...batch);
      assertEquals(waiting.length, changes.length - taken.length);
    }
    assertEquals(waiting.take({ most, quick: most }), []);
    const of = (list: readonly Change[], wanted: string) =>
      list.filter(({ rule: { jail } }) => jail === wanted);
    for (const jail of ["a", "b", "c"]) assertEquals(of(taken, jail), of(changes, jail));
  }));
});

Deno.test("a jail's one ban is in the next batch, however many another jail's wait before it", () => {
  const waiting = new Waiting();
  waiting.push(Array.from({ length: 100 }, (_, index) => ban("flooded", `10.0.0.${index}`)));
  waiting.push([ban("sshd", "192.0.2.1")]);
  const batch = waiting.take({ most: 20, quick: 10 });
  assertEquals(batch.length, 10);
  assertEquals(batch.filter(({ rule }) => rule.jail === "sshd"), [ban("sshd", "192.0.2.1")]);
});

Deno.test("a batch is as large as may be where no jail has few waiting", () => {
  for (const jails of [["flooded"], ["flooded", "sshd"]]) {
    const waiting = new Waiting();
    for (const jail of jails) {
      waiting.push(Array.from({ length: 100 }, (_, index) => ban(jail, `10.0.0.${index}`)));
    }
    const batch = waiting.take({ most: 20, quick: 10 });
    assertEquals(batch.length, 20);
    for (const jail of jails) {
      assertEquals(batch.filter(({ rule }) => rule.jail === jail).length, 20 / jails.length);
    }
  }
});

function ban(jail: string, host: string): Change {
  return { kind: "ban", rule: { jail, host, until: null } };
}
