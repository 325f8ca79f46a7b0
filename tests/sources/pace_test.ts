import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BLOCK, MAX_LINE } from "../../lib/sources/blocks.ts";
import { Pace } from "../../lib/sources/pace.ts";

Deno.test("what takes long is read in shorter pieces, and what is quick in long ones again", () => {
  const pace = new Pace();
  assertEquals(pace.length, BLOCK);
  for (let block = 0; block < 10; block++) pace.adapt(50);
  const shortest = pace.length;
  assertEquals(shortest, MAX_LINE + 1);
  for (let block = 0; block < 10; block++) pace.adapt(0.1);
  assertEquals(pace.length, BLOCK);
});

Deno.test("a piece always has room for the longest line, and is never more than a block", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1000, noNaN: true })), (times) => {
    const pace = new Pace();
    for (const time of times) {
      pace.adapt(time);
      assert(pace.length > MAX_LINE && pace.length <= BLOCK);
      assert(Number.isInteger(pace.length));
    }
  }));
});
