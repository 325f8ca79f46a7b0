import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RecentKeys } from "../../lib/filter/recent_keys.ts";
import { sessionKeyOf } from "../../lib/filter/session_key.ts";

Deno.test("RecentKeys finds what a map does that drops its oldest key, unless a removed one left room", () => {
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
      const keys = new RecentKeys(room);
      const values: (number | undefined)[] = [];
      const valueAt = (slot: number) => slot < 0 ? undefined : values[slot];
      // A slot is used again only when its turn comes, so the model keeps the holes of what was deleted.
      let model: ([key: string, value: number] | undefined)[] = [];
      const valueIn = (key: string) => model.find((entry) => entry?.[0] === key)?.[1];
      for (const [value, [action, text]] of actions.entries()) {
        const key = sessionKeyOf(text);
        if (action !== "get") {
          const slot = keys.find(key);
          if (slot >= 0) keys.remove(slot);
          model = model.map((entry) => entry?.[0] === text ? undefined : entry);
        }
        if (action === "set") {
          values[keys.add(key)] = value;
          model = [...model, [text, value] as [string, number]].slice(-room);
        }
        assertEquals(valueAt(keys.find(key)), valueIn(text));
        assertEquals(
          Array.from(keys.entries(), ([key, slot]) => [key, values[slot]]),
          model.filter((entry) => entry !== undefined),
        );
      }
      for (const [, [, text]] of actions.entries()) {
        assertEquals(valueAt(keys.find(sessionKeyOf(text))), valueIn(text));
      }
    }),
    { numRuns: 500 },
  );
});
