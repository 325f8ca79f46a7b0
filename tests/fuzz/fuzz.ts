/** Hostile input for parsers: what is damaged from something good gets further than what is only random. */
import process from "node:process";
import { assert } from "@std/assert";
import fc from "fast-check";
import { usualOrLong } from "../long.ts";
import { anyText } from "../any_text.ts";

/** So many cases are tried of each kind of input. */
export const CASES = usualOrLong(300, 100_000);

/**
 * No input of a test is so long that reading it may take more, in milliseconds: beyond that is as good as for ever. Of
 * processor time, for the machine may be busy.
 */
const LONGEST = 10_000;
/** What may be left in memory after all cases, in bytes: what V8 makes of the code is part of it. */
const MOST_KEPT = 64 * 1024 * 1024;

/** Texts that mean something to some parser. */
const TOKENS = [
  ..."\n\r\t\0\x1b\"'\\[]{}()<>%#;:=,./|*+?^$ ",
  "\r\n",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "-1",
  "1e999",
  "NaN",
  "99999999999999999999",
  "0x7f000001",
  "0177.0.0.1",
  "::ffff:1.2.3.4",
  "fe80::1%eth0",
  "1.2.3.4.",
  "[::1]",
  "0000-00-00T00:00:00Z",
  "9999-12-31T23:59:60+99:99",
  "2024-02-30 25:61:61",
  "Feb 30 00:00:00",
  "from 198.51.100.7 port 22 ssh2",
  "Failed password for root from 198.51.100.7",
  "(?:a+)+$",
  "<HOST>",
  "%(known/x)s",
  "a".repeat(3000),
  "\\".repeat(500),
  "[".repeat(500),
];

/** Texts that come of good ones by a few changes, each a piece taken out, repeated, moved or replaced. */
export function damaged(good: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)),
    kind: fc.constantFrom("cut", "repeat", "insert", "token", "splice"),
    text: anyText({ maxLength: 6 }),
    token: fc.constantFrom(...TOKENS),
    times: fc.oneof(fc.nat(3), fc.nat(300)),
    other: fc.constantFrom(...good),
  });
  return fc.tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 6 })).map(
    ([text, changes]) => {
      for (const { at, length, kind, text: fresh, token, times, other } of changes) {
        const start = Math.floor(at * text.length);
        const piece = text.slice(start, start + length);
        const instead = {
          cut: "",
          repeat: piece.repeat(times),
          insert: piece + fresh,
          token,
          splice: other.slice(start),
        }[kind];
        text = (text.slice(0, start) + instead + text.slice(start + length)).slice(0, MOST);
      }
      return text;
    },
  );
}

/** In UTF-16 code units. */
const MOST = 65_536;

/** As {@linkcode damaged}, with some bytes changed besides, so that it need not be UTF-8. */
export function damagedBytes(good: readonly string[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255));
  return fc.tuple(damaged(good), fc.array(change, { maxLength: 3 })).map(([text, changes]) => {
    const bytes = new TextEncoder().encode(text);
    for (const [at, byte] of changes) {
      if (bytes.length > 0) bytes[Math.floor(at * (bytes.length - 1))] = byte;
    }
    return bytes;
  });
}

/** A way to refuse input that is meant: anything else that is thrown is a crash. */
export type Refusal = new (...args: never[]) => Error;

/** Tries a parser on many inputs: it gives something or refuses, in bounded time, and keeps nothing. */
export async function fuzz<T>(
  input: fc.Arbitrary<T>,
  parse: (input: T) => unknown,
  { refusals = [], cases = CASES, mostKept = MOST_KEPT }: {
    readonly refusals?: readonly Refusal[];
    readonly cases?: number;
    readonly mostKept?: number;
  } = {},
): Promise<void> {
  const before = usedMemory();
  const property = fc.asyncProperty(input, async (one) => {
    const started = processorTime();
    try {
      await parse(one);
    } catch (error) {
      if (!refusals.some((refusal) => error instanceof refusal)) throw error;
    }
    assert(processorTime() - started < LONGEST, "it took too long");
  });
  await fc.assert(property, { numRuns: cases });
  const kept = usedMemory() - before;
  assert(kept < mostKept, `${kept} bytes are still in use`);
}

/** Of this process, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** After garbage has been collected. */
function usedMemory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}
