import { assert, assertEquals } from "@std/assert";
import { piecesOf } from "../lib/pieces.ts";

Deno.test("piecesOf: reads all pieces, each into the same memory", async () => {
  const pieces = ["one", "two", "three"];
  const marks: number[] = [];
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { view } = controller.byobRequest!;
      const room = new Uint8Array(view!.buffer);
      marks.push(room[LAST]!);
      room[LAST] = marks.length;
      const { written } = new TextEncoder().encodeInto(pieces[marks.length - 1] ?? "", room);
      if (written === 0) controller.close();
      controller.byobRequest!.respond(written);
    },
  });
  const got: string[] = [];
  for await (const piece of piecesOf(stream)) got.push(new TextDecoder().decode(piece));
  assertEquals(got, pieces);
  assertEquals(marks, [0, 1, 2, 3]);
});

/** Where no piece reaches. */
const LAST = 1000;

Deno.test("piecesOf: ends at the signal, though nothing comes", async () => {
  const ending = new AbortController();
  let isCancelled = false;
  const stream = new ReadableStream({
    type: "bytes",
    pull: () => new Promise<void>(() => setTimeout(() => ending.abort(), 0)),
    cancel: () => void (isCancelled = true),
  });
  for await (const _ of piecesOf(stream, ending.signal)) throw new Error("Nothing was written");
  assert(isCancelled);
});

Deno.test("piecesOf: reads nothing after the signal", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(new Uint8Array(1)),
  });
  for await (const _ of piecesOf(stream, AbortSignal.abort())) throw new Error("It was read");
});
