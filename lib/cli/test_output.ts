/** What `banjo test` prints. */
import { decodeLines } from "../decode_lines.ts";
import type { Filter } from "../filter/filter.ts";
import { printable, printableJson } from "../printable.ts";
import type { Words } from "./command.ts";
import { write } from "./pager.ts";
import { count, grouped, style } from "./render.ts";
import type { Match, Totals } from "./test_run.ts";
import type { Batch } from "./test_source.ts";

/** Prints what of the lines the words ask for. */
export class Printer {
  readonly #isJson: boolean;
  readonly #matched: boolean;
  readonly #missed: boolean;
  readonly #ignored: boolean;

  constructor(words: Words) {
    this.#isJson = words.has("json");
    this.#matched = words.has("print-matched");
    this.#missed = words.has("print-missed");
    this.#ignored = words.has("print-ignored");
  }

  /** Whether lines are printed at all. */
  get isWanted(): boolean {
    return this.#isJson || this.#matched || this.#missed || this.#ignored;
  }

  /**
   * `before`: how many lines came before this batch. Matches and what was ignored come with where their lines begin in a
   * block, or the number of their entry. False where nobody reads it any more.
   */
  async print(
    batch: Batch,
    before: number,
    matches: readonly [at: number, match: Match][],
    ignored: readonly number[],
  ): Promise<boolean> {
    const out: string[] = [];
    const matched = linesAt(batch, matches.map(([at]) => at));
    if (this.#isJson) {
      matches.forEach(([, match], index) => out.push(jsonOf(before + matched[index]! + 1, match)));
    } else {
      const took = new Map<number, "ignored" | "matched">();
      for (const line of linesAt(batch, ignored)) took.set(line, "ignored");
      for (const line of matched) took.set(line, "matched");
      linesOf(batch).forEach((text, line) => {
        const outcome = took.get(line) ?? "missed";
        const isWanted = outcome === "matched"
          ? this.#matched
          : outcome === "ignored"
          ? this.#ignored
          : this.#missed;
        if (isWanted) out.push(`${MARK[outcome]} ${before + line + 1}: ${printable(text)}`);
      });
    }
    return out.length === 0 || await write(`${out.join("\n")}\n`);
  }
}

/** What stands before a printed line. */
const MARK = { matched: "+", missed: "-", ignored: "i" } as const;

/** The numbers, from 0, of the lines that begin at these places of a batch, which are in their order. */
function linesAt(batch: Batch, places: readonly number[]): readonly number[] {
  if (batch.kind === "entries") return places;
  let line = 0;
  let start = 0;
  return places.map((place) => {
    for (; start < place; line++) start = batch.block.indexOf(NEWLINE, start) + 1;
    return line;
  });
}

/** A batch's lines, without their ends. */
export function linesOf(batch: Batch): string[] {
  return batch.kind === "entries"
    ? batch.entries.map(({ text }) => text)
    : decodeLines(batch.block).split("\n").slice(0, -1);
}

const NEWLINE = 10;

function jsonOf(line: number, match: Match): string {
  return printableJson({
    line,
    time: new Date(match.time).toISOString(),
    host: match.kind === "failure" ? match.host : match.name,
    user: match.user ?? null,
    pattern: match.pattern,
  });
}

/** The totals as `--json` prints them. */
export function summaryOf({ lines, matched, ignored, spent }: Totals) {
  return { lines, matched, ignored, missed: lines - matched - ignored, seconds: spent / 1000 };
}

/** Prints hits per pattern and date format, and the totals. */
export function printReport(totals: Totals, filter: Filter): void {
  const { lines, matched, ignored, missed, seconds } = summaryOf(totals);
  console.log(style.bold("Patterns"));
  filter.failregex.forEach(({ source }, index) => {
    console.log(`${grouped(totals.hits[index]!).padStart(9)}  [${index}] ${printable(source)}`);
  });
  const dates = filter.dateHits();
  if (dates.length > 0) console.log(style.bold("\nDate formats"));
  for (const { format, hits } of dates) {
    console.log(`${grouped(hits).padStart(9)}  ${printable(format)}`);
  }
  console.log(
    `\n${count(lines, "line")}: ${style.bold(`${grouped(matched)} matched`)}, ${
      grouped(ignored)
    } ignored, ${grouped(missed)} missed` +
      ` in ${seconds.toFixed(3)} s`,
  );
  const programs = filter.definition.syslogIdentifier;
  if (matched > 0 || programs.length === 0) return;
  console.log(style.warn(
    `The filter only looks at lines of ${
      printable(programs.join(", "))
    }. In a file that is what a syslog header says:\n` +
      `Nov 20 10:00:00 host ${printable(programs[0]!)}[7]: MESSAGE`,
  ));
}
