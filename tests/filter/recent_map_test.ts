import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RecentMap } from "../../lib/filter/recent_map.ts";
import { sessionKeyOf } from "../../lib/filter/session_key.ts";

Deno.test("RecentMap does what a map does that drops its oldest entry, unless a deleted one left room", () => {
  const room = 4;
  const key = fc.oneof(
    fc.tuple(fc.constantFrom("a", "b", "", "[", "]", "1"), fc.constantFrom("", "1", "2", "x"))
      .map((parts) => parts.join("")),
    fc.tuple(
      fc.constantFrom("sshd", "sshd-session", "", "a[1]"),
      fc.constantFrom("[1]", "[2]", "[02]", "[]", "[123456789]", "[1234567890]", "[1", "[x]"),
    ).map((parts) => parts.join("")),
  );
  const action = fc.tuple(fc.constantFrom("get", "set", "set", "delete"), key);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const map = new RecentMap<number>(room);
      // A slot is used again only when its turn comes, so the model keeps the holes of what was deleted.
      let model: ([key: string, value: number] | undefined)[] = [];
      const valueIn = (key: string) => model.find((entry) => entry?.[0] === key)?.[1];
      for (const [value, [action, text]] of actions.entries()) {
        const key = sessionKeyOf(text);
        if (action !== "get") {
          map.delete(key);
          model = model.map((entry) => entry?.[0] === text ? undefined : entry);
        }
        if (action === "set") {
          map.add(key, value);
          model = [...model, [text, value] as [string, number]].slice(-room);
        }
        assertEquals(map.get(key), valueIn(text));
        assertEquals([...map.entries()], model.filter((entry) => entry !== undefined));
      }
      for (const [, [, text]] of actions.entries()) {
        assertEquals(map.get(sessionKeyOf(text)), valueIn(text));
      }
    }),
    { numRuns: 500 },
  );
});
