import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeLines } from "../../lib/decode_lines.ts";
import type { Candidates } from "../../lib/filter/candidates.ts";
import type { Needles } from "../../lib/filter/literals.ts";
import { Prefilter } from "../../lib/filter/prefilter.ts";
import { countLines, Sieve } from "../../lib/filter/sieve.ts";
import { compileSieve } from "../../packaging/sieve.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Sifts a block, and gives each filter's candidates and what was passed over before and behind them. */
function sift(sieve: Sieve, block: Uint8Array) {
  return sieve.sift(block).map((candidates) => {
    const found: { at: number; line: string; before: string[] }[] = [];
    while (candidates.next()) found.push({ at: candidates.at, ...whatIsAt(candidates) });
    return { found, behind: [...candidates.passedOver()].reverse() };
  });
}

function whatIsAt(candidates: Candidates) {
  const line = candidates.text.slice(candidates.start, candidates.end);
  return { line, before: [...candidates.passedOver()].reverse() };
}

function linesFor(texts: readonly string[], block: string): string[] {
  const sieve = new Sieve([new Prefilter([[{ texts, ignoreCase: false }]])]);
  return sift(sieve, encode(block))[0]!.found.map(({ line }) => line);
}

Deno.test("Sieve finds the lines that have one of the texts, and where they are", () => {
  const sieve = new Sieve([new Prefilter([[{ texts: ["foo", "bar"], ignoreCase: false }]])]);
  assertEquals(sift(sieve, encode("foo\nx\n\nxbarbar\r\nfo\no\nbarfoo\n")), [{
    found: [
      { at: 0, line: "foo", before: [] },
      { at: 7, line: "xbarbar\r", before: ["x", ""] },
      { at: 21, line: "barfoo", before: ["fo", "o"] },
    ],
    behind: [],
  }]);
});

Deno.test("Sieve finds texts wherever they stand in lines of any length", () => {
  for (const text of ["ab", "foo", "Failed password for ", "x".repeat(100)]) {
    for (let length = 0; length < 40; length++) {
      const line = `${"-".repeat(length)}${text}${"-".repeat(40 - length)}`;
      assertEquals(linesFor([text], `${line}\n\n${text[0]}\n${line}\n`), [line, line]);
    }
  }
  const far = `${"y\n".repeat(70_000)}foo\n${"z".repeat(100_000)}foo\nfo\n`;
  assertEquals(linesFor(["foo"], far).map(({ length }) => length), [3, 100_003]);
});

Deno.test("Sieve finds nothing in what an earlier block left behind", () => {
  const sieve = new Sieve([new Prefilter([[{ texts: ["foo"], ignoreCase: false }]])]);
  assertEquals(sift(sieve, encode("a foo foo foo foo foo\n"))[0]!.found.length, 1);
  assertEquals(sift(sieve, encode("a fo\n"))[0]!.found, []);
  assertEquals(sift(sieve, encode("f\n"))[0]!.found, []);
  assertEquals(sift(sieve, new Uint8Array())[0]!.found, []);
});

Deno.test("Sieve has every line for a filter that may match any", () => {
  const sieve = new Sieve([
    new Prefilter([]),
    new Prefilter([[{ texts: ["foo"], ignoreCase: false }]]),
    new Prefilter([[{ texts: ["ö\ufffd"], ignoreCase: false }]]),
  ]);
  const lines = sift(sieve, encode("ö\n\nfoo\n")).map(({ found }) => found.map(({ line }) => line));
  assertEquals(lines, [["ö", "", "foo"], ["foo"], ["ö", "", "foo"]]);
});

Deno.test("Sieve gives a filter that reads heads whole blocks for a while where it wants most lines", () => {
  const sieve = new Sieve([new Prefilter([[{ texts: ["foo"], ignoreCase: false }]], [], true)]);
  const block = encode("föo\nö foo\nfoo\n");
  const [whole, part] = [["föo", "ö foo", "foo"], ["ö foo", "foo"]];
  for (let round = 0; round < 40; round++) {
    const [{ found, behind }] = sift(sieve, block) as [ReturnType<typeof sift>[number]];
    assertEquals(found.map(({ line }) => line), round % 17 === 0 ? part : whole, `${round}`);
    assertEquals(found.map(({ at }) => at), round % 17 === 0 ? [5, 12] : [0, 5, 12]);
    assertEquals(behind, []);
  }
});

Deno.test("Sieve goes on with what a filter has learnt", () => {
  const texts = (...texts: string[]) => ({ texts, ignoreCase: false });
  const sieve = new Sieve([new Prefilter([[texts("common"), texts("rare")]])]);
  assertEquals(sift(sieve, encode("common\n".repeat(499)))[0]!.found.length, 499);
  assertEquals(sift(sieve, encode("common\ncommon rare\n"))[0]!.found.length, 1);
});

/** Pieces of which texts and lines are made, so that lines often have the texts, or nearly. */
const piece = fc.constantFrom(
  "f",
  "o",
  "O",
  "foo",
  "Bar",
  "bAR",
  " ",
  "[",
  "{",
  "@",
  "`",
  "404",
  "ö",
  "ſ",
  "K",
  "\ufffd",
  "€",
  "😀",
);
const text = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join(""));
const needles: fc.Arbitrary<Needles> = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 12 }),
  ignoreCase: fc.boolean(),
});
/** Bytes that no text has: broken UTF-8, NULs, line ends of elsewhere. */
const odd = fc.constantFrom([0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0], [0, 0], [0xff], [
  13,
]);
const line = fc.array(
  fc.oneof({ weight: 9, arbitrary: piece.map((piece) => [...encode(piece)]) }, {
    weight: 1,
    arbitrary: odd,
  }),
  { maxLength: 30 },
).map((parts) => [...parts.flat(), 10]);

function has(line: string, { texts, ignoreCase }: Needles): boolean {
  const escaped = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(escaped.join("|"), ignoreCase ? "i" : "").test(line);
}

/** Whether the bytes tell as well as the text which lines have one of these: they are not cut to what is sought. */
const isSoughtWhole = ({ texts }: Needles) => texts.every((text) => /^[\0-\x7f]{2,16}$/.test(text));

Deno.test("Sieve never loses a line that has a text of a filter, whatever bytes are in the log", () => {
  fc.assert(
    fc.property(
      fc.array(needles, { minLength: 1, maxLength: 40 }),
      fc.array(line, { maxLength: 30 }),
      (filters, lines) => {
        const sieve = new Sieve(filters.map((needles) => new Prefilter([[needles]])));
        const block = Uint8Array.from(lines.flat());
        const decoded = lines.map((line) => decodeLines(Uint8Array.from(line)).slice(0, -1));
        for (const [filter, { found, behind }] of sift(sieve, block).entries()) {
          const needles = filters[filter]!;
          const visited = found.map(({ at }) => countLines(block.subarray(0, at)));
          const wanted = [...lines.keys()].filter((number) => has(decoded[number]!, needles));
          if (isSoughtWhole(needles)) assertEquals(visited, wanted);
          else assert(wanted.every((number) => visited.includes(number)), `${visited} ${wanted}`);
          // With what was passed over they are the whole log.
          const all = found.flatMap(({ before, line }) => [...before, line]);
          assertEquals([...all, ...behind], decoded);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("Sieve finds the same lines however a log is cut into blocks", () => {
  fc.assert(
    fc.property(
      fc.array(needles, { minLength: 1, maxLength: 3 }),
      fc.array(line, { maxLength: 30 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      (filters, lines, sizes) => {
        const sieve = () => new Sieve(filters.map((needles) => new Prefilter([[needles]])));
        const whole = sift(sieve(), Uint8Array.from(lines.flat()));
        const parts = filters.map((): string[] => []);
        const cutting = sieve();
        for (let at = 0, size; at < lines.length; at += size) {
          size = sizes.next().value!;
          const block = Uint8Array.from(lines.slice(at, at + size).flat());
          for (const [filter, { found }] of sift(cutting, block).entries()) {
            parts[filter]!.push(...found.map(({ line }) => line));
          }
        }
        assertEquals(parts, whole.map(({ found }) => found.map(({ line }) => line)));
      },
    ),
  );
});

Deno.test("countLines counts line ends", () => {
  for (let length = 0; length < 70; length++) {
    const text = "ab\n\n".repeat(20).slice(0, length);
    assertEquals(countLines(encode(text)), text.split("\n").length - 1);
  }
});

Deno.test("sieve_code.ts is what deno task sieve makes of sieve.as.ts", async () => {
  const code = new URL("../../lib/filter/sieve_code.ts", import.meta.url);
  assertEquals(await Deno.readTextFile(code), await compileSieve());
});
