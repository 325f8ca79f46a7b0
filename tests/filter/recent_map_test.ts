import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RecentMap } from "../../lib/filter/recent_map.ts";

Deno.test("RecentMap does what a map does that drops its oldest entry, unless a deleted one left room", () => {
  const room = 4;
  const key = fc.constantFrom(..."abcdefg", "sshd[1]", "sshd[2]");
  // All hashes are one, or each its own.
  const hashes = fc.constantFrom(() => 7, undefined);
  const action = fc.tuple(fc.constantFrom("set", "delete"), key);
  fc.assert(
    fc.property(hashes, fc.array(action, { maxLength: 40 }), (hash, actions) => {
      const map = new RecentMap<number>(room);
      // A slot is used again only when its turn comes, so the model keeps the holes of what was deleted.
      let model: ([key: string, value: number] | undefined)[] = [];
      for (const [value, [action, key]] of actions.entries()) {
        model = model.map((entry) => entry?.[0] === key ? undefined : entry);
        if (action === "set") {
          map.set(key, value, hash?.());
          model = [...model, [key, value] as [string, number]].slice(-room);
        } else {
          map.delete(key, hash?.());
        }
        const entries = model.filter((entry) => entry !== undefined);
        assertEquals([...map.entries()], entries);
        const latest = action === "set" ? value : undefined;
        assertEquals(map.getLatest(key), latest);
        for (const [key, value] of entries) {
          assertEquals(map.get(key, hash?.()), value);
          assertEquals(map.getLatest(key), value);
        }
        if (action === "delete") assertEquals(map.get(key, hash?.()), undefined);
      }
    }),
  );
});
