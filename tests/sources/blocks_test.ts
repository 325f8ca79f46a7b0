import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeLines } from "../../lib/decode_lines.ts";
import { BLOCK, MAX_LINE, readBlocks } from "../../lib/sources/blocks.ts";
import { anyText } from "../any_text.ts";

Deno.test("readBlocks delivers the lines of any text, whatever pieces it comes in", () => {
  const line = fc.oneof(
    {
      weight: 20,
      arbitrary: anyText().map((text) => text.replace(/^\0+|\n/g, "")),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: MAX_LINE - 2, max: 3 * BLOCK }).map((n) => "x".repeat(n)),
    },
  ).map((text) => text.toWellFormed());
  fc.assert(
    fc.property(
      fc.array(line),
      fc.boolean(),
      fc.integer({ min: 1, max: BLOCK }),
      (lines, isEnded, step) => {
        const text = lines.map((line) => line + "\n").join("").slice(0, isEnded ? undefined : -1);
        const got = textOf(readBlocks(piecesOf(new TextEncoder().encode(text), step)));
        const whole = text === "" || text.endsWith("\n") ? text : text + "\n";
        assertEquals(got, whole.split("\n").map(cut).join("\n"));
      },
    ),
  );
});

Deno.test("readBlocks takes the text behind any number of NULs for the line", () => {
  for (const count of [1, MAX_LINE, MAX_LINE + 1, BLOCK - 3, BLOCK, 5 * BLOCK + 1]) {
    const bytes = new TextEncoder().encode(`before\n${"\0".repeat(count)}text\nafter\n`);
    assertEquals(
      textOf(readBlocks(piecesOf(bytes, BLOCK))),
      "before\ntext\nafter\n",
      `${count}`,
    );
  }
});

Deno.test("readBlocks keeps its blocks small", () => {
  const bytes = new TextEncoder().encode("x\n".repeat(1_000_000));
  const sizes = [...readBlocks(piecesOf(bytes, BLOCK))].map(({ length }) => length);
  assertEquals(Math.max(...sizes) <= BLOCK, true);
  assertEquals(sizes.reduce((a, b) => a + b), 2_000_000);
});

function textOf(blocks: Iterable<Uint8Array>): string {
  return Array.from(blocks, decodeLines).join("");
}

function cut(line: string): string {
  const bytes = new TextEncoder().encode(line);
  return bytes.length > MAX_LINE ? new TextDecoder().decode(bytes.subarray(0, MAX_LINE)) : line;
}

function piecesOf(bytes: Uint8Array, step: number) {
  let at = 0;
  return {
    readSync(buffer: Uint8Array): number | null {
      if (at >= bytes.length) return null;
      const piece = bytes.subarray(at, at + Math.min(step, buffer.length));
      buffer.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}
