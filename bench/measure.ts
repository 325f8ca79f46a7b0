/** Runs programs and says what they took; enough of hyperfine for what is compared here. */

/** What one run took. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** From start to end, in seconds. */
  readonly wall: number;
  /** Of the processor, by the program and all it started, in seconds. */
  readonly cpu: number;
  /** The most memory it held, in KiB. */
  readonly memory: number;
}

/** Runs a program to its end. Its standard output is kept unless `isQuiet`: then it goes to /dev/null. */
export async function measure(command: readonly string[], isQuiet = false): Promise<Run> {
  const account = await Deno.makeTempFile({ prefix: "banjo-bench-" });
  try {
    const child = new Deno.Command("/usr/bin/time", {
      args: ["--quiet", "--format=%U %S %M", `--output=${account}`, "--", ...command],
      stdin: "null",
      stdout: isQuiet ? "null" : "piped",
      stderr: "piped",
    });
    const start = performance.now();
    const output = await child.output();
    const wall = (performance.now() - start) / 1000;
    const [user, system, memory] = (await Deno.readTextFile(account)).trim().split(" ").map(Number);
    const text = new TextDecoder();
    return {
      code: output.code,
      stdout: isQuiet ? "" : text.decode(output.stdout),
      stderr: text.decode(output.stderr),
      wall,
      cpu: user! + system!,
      memory: memory!,
    };
  } finally {
    await Deno.remove(account);
  }
}

/**
 * Takes every contender's time in turn, so that whatever else the machine does falls on all of them, and once before
 * for warm caches. Gives the results of each, in order.
 */
export async function alternate<T>(
  rounds: number,
  ...contenders: readonly (() => Promise<T>)[]
): Promise<T[][]> {
  for (const contender of contenders) await contender();
  const results: T[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) results[index]!.push(await contender());
  }
  return results;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** What this share of the numbers stays below. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
}

/** Prints rows as a Markdown table that reads well as it is; the first row is its head. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const cells = rows.map((row) =>
    row.map((cell) => typeof cell === "number" ? rounded(cell) : cell)
  );
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const print = (row: readonly string[]) =>
    console.log(
      `| ${
        row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(
          " | ",
        )
      } |`,
    );
  print(cells[0]!);
  print(
    widths.map((width, column) => column === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":"),
  );
  for (const row of cells.slice(1)) print(row);
  console.log();
}

/** Three digits that count, and no more. */
function rounded(number: number): string {
  if (number >= 100 || Number.isInteger(number)) return Math.round(number).toLocaleString("en-US");
  return number.toPrecision(3);
}
