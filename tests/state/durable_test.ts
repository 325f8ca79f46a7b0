import { assertEquals } from "@std/assert";
import { writeAt } from "../../lib/state/durable.ts";

Deno.test("a text is written whole, whatever its characters and wherever its pieces end", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-durable-" });
  const path = `${folder}/text`;
  // More than is written at a time, so that the buffer ends amid a character of each length.
  const pieces = ["a", "é", "€", "😀"].flatMap((character) => [
    "x",
    character.repeat(300_000),
    "",
    ...Array.from({ length: 50 }, (_, index) => character.repeat(index)),
  ]);
  const text = pieces.join("");
  assertEquals(await writeAt(path, 0, ["lost"]), 4);
  assertEquals(await writeAt(path, 1, pieces), 1 + new TextEncoder().encode(text).length);
  const written = await Deno.readTextFile(path);
  assertEquals(written.length, 1 + text.length);
  assertEquals(written === `l${text}`, true);
  assertEquals(await writeAt(path, 0, []), 0);
  assertEquals(await Deno.readTextFile(path), "");
  await Deno.remove(folder, { recursive: true });
});
