import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { endOfLines, seekTime } from "../../lib/sources/seek.ts";

const LINES = 100_000;

Deno.test("seekTime finds the first line of a time among 100,000, looking at few", () => {
  using log = new TestLog(
    Array.from({ length: LINES }, (_, n) => `${Math.floor(n / 3) * 10} ${"x".repeat(n % 100)}`),
  );
  for (const time of [-5, 0, 1, 10, 11, 5_000, 123_456, 333_329, 333_330, 333_331, 999_999]) {
    let looks = 0;
    const offset = seekTime(log.file, time, (line) => {
      looks++;
      return dateOf(line);
    });
    assertEquals(offset, log.offsetOf((line) => dateOf(line)! >= time), `${time}`);
    assertLess(looks, 3000);
  }
});

Deno.test("seekTime agrees with reading from the start, whatever lines there are", () => {
  const line = fc.oneof(
    fc.record({ step: fc.nat({ max: 5 }), filler: fc.nat({ max: 3000 }) }),
    fc.record({ step: fc.constant(undefined), filler: fc.nat({ max: 3000 }) }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 300 }), fc.nat({ max: 1000 }), (lines, time) => {
      let now = 0;
      using log = new TestLog(
        lines.map(({ step, filler }) =>
          step === undefined ? "x".repeat(filler) : `${now += step} ${"x".repeat(filler)}`
        ),
      );
      const offset = seekTime(log.file, time, dateOf);
      const isDated = lines.some(({ step }) => step !== undefined);
      const expected = log.offsetOf((line) => (dateOf(line) ?? -1) >= time);
      // Beyond a stretch without dates it gives up only where it saw none at all.
      if (isDated && offset !== undefined) assertEquals(offset, expected);
      if (!isDated) assertEquals(offset, undefined);
    }),
  );
});

Deno.test("seekTime begins at the end where all lines are older, and tells a log without dates", () => {
  using old = new TestLog(["1 a", "2 b", "no date"], "partial");
  assertEquals(seekTime(old.file, 3, dateOf), old.offsetOf(() => false));
  using undated = new TestLog(Array.from({ length: 50_000 }, () => "nothing here"));
  assertEquals(seekTime(undated.file, 3, dateOf), undefined);
  using empty = new TestLog([]);
  assertEquals(seekTime(empty.file, 3, dateOf), undefined);
});

Deno.test("seekTime passes lines that are too long", () => {
  using log = new TestLog([
    "1 a",
    "2 " + "x".repeat(3_000_000),
    "3 b",
    "4 c",
    "y".repeat(500_000),
    "5 d",
  ]);
  assertEquals(seekTime(log.file, 3, dateOf), log.offsetOf((line) => line.startsWith("3")));
  assertEquals(seekTime(log.file, 5, dateOf), log.offsetOf((line) => line.startsWith("5")));
});

Deno.test("endOfLines is behind the last line end, however far back that is", () => {
  using log = new TestLog(["a"], "x".repeat(200_000));
  assertEquals(endOfLines(log.file), 2);
  using none = new TestLog([], "x".repeat(200_000));
  assertEquals(endOfLines(none.file), 0);
});

function dateOf(line: string): number | undefined {
  const date = /^-?\d+(?= )/.exec(line)?.[0];
  return date === undefined ? undefined : Number(date);
}

/** An open log of ASCII lines. */
class TestLog {
  readonly file: Deno.FsFile;
  readonly #lines: readonly string[];
  readonly #path = Deno.makeTempFileSync();

  constructor(lines: readonly string[], rest = "") {
    Deno.writeTextFileSync(this.#path, lines.map((line) => line + "\n").join("") + rest);
    this.#lines = lines;
    this.file = Deno.openSync(this.#path);
  }

  /** Where the first such line begins; behind the last line, if there is none. */
  offsetOf(isWanted: (line: string) => boolean): number {
    let offset = 0;
    for (const line of this.#lines) {
      if (isWanted(line)) break;
      offset += line.length + 1;
    }
    return offset;
  }

  [Symbol.dispose](): void {
    this.file.close();
    Deno.removeSync(this.#path);
  }
}
