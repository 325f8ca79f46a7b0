import { assert, assertEquals, equal } from "@std/assert";
import fc from "fast-check";
import * as v from "valibot";
import {
  isPlainBan,
  isPlainEnd,
  isPlainFailing,
  isPlainPast,
  listOf,
} from "../../lib/state/plain.ts";
import { BAN } from "../../lib/state/schema.ts";
import { END, FAILING, PAST } from "../../lib/state/snapshot.ts";

const ban = {
  jail: "sshd",
  host: "192.0.2.7",
  since: 5,
  until: null,
  failures: 3,
  bans: 1,
  lines: ["a line"],
  cause: "failures",
};
const attempt = { time: 5, line: "a line", session: "sshd[7]" };
const cases: readonly (readonly [v.GenericSchema, (value: unknown) => boolean, unknown])[] = [
  [BAN, isPlainBan, ban],
  [BAN, isPlainBan, { ...ban, host: "2001:db8::/64", until: 7.5, lines: [], cause: "manual" }],
  [BAN, isPlainBan, { ...ban, host: "id:somebody", cause: "adopted" }],
  [END, isPlainEnd, ["192.0.2.7", 5]],
  [PAST, isPlainPast, ["192.0.2.7", { bans: 2, forgotten: null }]],
  [PAST, isPlainPast, ["10.0.0.0/8", { bans: 2, forgotten: 7 }]],
  [FAILING, isPlainFailing, ["192.0.2.7", attempt]],
  [FAILING, isPlainFailing, ["192.0.2.7", { time: 5 }]],
  [FAILING, isPlainFailing, ["192.0.2.7", [attempt, { time: 6, session: "a" }]]],
];

Deno.test("the quick checks take what is saved", () => {
  for (const [schema, isPlain, value] of cases) {
    assert(isPlain(value), JSON.stringify(value));
    assertEquals(v.parse(listOf(schema, isPlain), [value]), v.parse(v.array(schema), [value]));
  }
});

Deno.test("the quick checks take what the schemas take as it is, whatever has become of a value", () => {
  const odd = fc.oneof(
    fc.constantFrom<unknown>(-1, 0, 1.5, 2 ** 53, Infinity, NaN, "", "192.0.2.07", "10.0.0.1/8"),
    fc.constantFrom<unknown>("id:", "::1", "failures", null, undefined, [], {}, [[]], ["a", 1]),
    fc.jsonValue(),
  );
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(...cases), fc.nat(), fc.nat(2), odd, (one, place, act, put) => {
      const [schema, isPlain, value] = one;
      const damaged = damage(value, place, act, put);
      const checked = v.safeParse(schema, damaged);
      // A schema leaves out keys that it does not know.
      const expected = checked.success && equal(checked.output, damaged);
      assertEquals(isPlain(damaged), expected, JSON.stringify(damaged));
      if (expected) taken++;
      else refused++;
    }),
    { numRuns: 5000 },
  );
  assert(refused > 500 && taken > 100, `${refused} refused, ${taken} taken`);
});

/** Somewhere in a value another one is put, something is taken out, or something is added. */
function damage(value: unknown, place: number, act: number, put: unknown): unknown {
  if (typeof value !== "object" || value === null) return put;
  const keys = Object.keys(value);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const key = keys[place % (keys.length + 1)];
  if (key === undefined) {
    if (Array.isArray(copy)) copy.push(put);
    else copy[act === 0 ? "other" : "time"] = put;
  } else if (act === 0) {
    copy[key] = put;
  } else if (act === 1) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else {
    copy[key] = damage(copy[key], Math.floor(place / (keys.length + 1)), act, put);
  }
  return copy;
}
