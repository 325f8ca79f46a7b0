/** The lines of `banjo test` through its filter. */
import type { Finding } from "../filter/failure.ts";
import type { Context, Filter } from "../filter/filter.ts";
import { countLines, Sieve } from "../filter/sieve.ts";
import type { Words } from "./command.ts";
import { write } from "./pager.ts";
import { explainEntry } from "./test_explain.ts";
import { linesOf, Printer } from "./test_output.ts";
import type { Batch } from "./test_source.ts";

/** What became of all lines. */
export interface Totals {
  lines: number;
  matched: number;
  ignored: number;
  /** How many lines each failregex matched. */
  readonly hits: number[];
  /** Time spent on reading and matching, printing not included, in milliseconds. */
  spent: number;
}

/** A line's findings that make it a match. */
export type Match = Exclude<Finding, { kind: "success" }>;

/** Judges all lines as the agent does, and prints what of them the words ask for. */
export async function scanAll(
  batches: AsyncIterable<Batch>,
  filter: Filter,
  context: Context,
  words: Words,
): Promise<Totals> {
  const totals = newTotals(filter);
  const out = new Printer(words);
  let matches: [at: number, match: Match][] = [];
  let ignored: number[] = [];
  const emit = (finding: Finding, at: number) => {
    if (finding.kind === "success") return;
    totals.matched++;
    totals.hits[finding.pattern]!++;
    // What lives on takes the garbage collector a quarter of all the time.
    if (out.isWanted) matches.push([at, finding]);
  };
  const observer = {
    ignored(at: number) {
      totals.ignored++;
      if (out.isWanted) ignored.push(at);
    },
  };
  const sieve = new Sieve([filter.prefilter]);
  let started = performance.now();
  for await (const batch of batches) {
    const lines = batch.kind === "block"
      ? scanBlock(batch.block, sieve, filter, context, emit, observer)
      : readEntries(batch, filter, context, emit, observer);
    if (out.isWanted) {
      totals.spent += performance.now() - started;
      if (!await out.print(batch, totals.lines, matches, ignored)) return totals;
      matches = [];
      ignored = [];
      started = performance.now();
    }
    totals.lines += lines;
  }
  totals.spent += performance.now() - started;
  return totals;
}

/** Whole lines; returns how many there were. */
function scanBlock(
  block: Uint8Array,
  sieve: Sieve,
  filter: Filter,
  context: Context,
  emit: (finding: Finding, at: number) => void,
  observer: { ignored(at: number): void },
): number {
  const [candidates] = sieve.sift(block);
  filter.scan(candidates!, context, emit, observer);
  return countLines(block);
}

/** Journal entries one by one, each at its number; returns how many there were. */
function readEntries(
  { entries }: Extract<Batch, { kind: "entries" }>,
  filter: Filter,
  context: Context,
  emit: (finding: Finding, at: number) => void,
  observer: { ignored(at: number): void },
): number {
  entries.forEach((entry, index) => {
    filter.read(entry, context, (finding) => emit(finding, index), {
      ignored: () => observer.ignored(index),
    });
  });
  return entries.length;
}

/** Judges all lines one by one, and prints everything about each. */
export async function explainAll(
  batches: AsyncIterable<Batch>,
  filter: Filter,
  context: Context,
): Promise<Totals> {
  const totals = newTotals(filter);
  let started = performance.now();
  for await (const batch of batches) {
    const entries = batch.kind === "entries"
      ? batch.entries
      : linesOf(batch).map((text) => ({ time: undefined, text }));
    for (const entry of entries) {
      const explanation = filter.explain(entry, context);
      totals.lines++;
      if (explanation.outcome === "ignored") totals.ignored++;
      if (explanation.outcome === "matched") totals.matched++;
      for (const finding of explanation.findings) {
        if (finding.kind !== "success") totals.hits[finding.pattern]!++;
      }
      totals.spent += performance.now() - started;
      if (!await write(`${explainEntry(totals.lines, entry, explanation, filter)}\n\n`)) {
        return totals;
      }
      started = performance.now();
    }
  }
  totals.spent += performance.now() - started;
  return totals;
}

function newTotals(filter: Filter): Totals {
  return { lines: 0, matched: 0, ignored: 0, hits: filter.failregex.map(() => 0), spent: 0 };
}
