/** The tools that are compared, as one calls them, and what they say of themselves. */
import { measure, type Run } from "./measure.ts";

/** A tool's own account of a log, and what its process took. */
export interface Verdict extends Run {
  readonly lines: number;
  readonly matched: number;
  /** The processing time that the tool reports. */
  readonly seconds: number;
}

/** `banjo test`, with no configuration of this machine's. */
export async function testOf(
  banjo: string,
  log: string,
  ...args: readonly string[]
): Promise<Verdict> {
  const run = await measure([banjo, "test", log, ...args]);
  const [, lines, matched, seconds] = read(
    run,
    /([\d,]+) lines?: ([\d,]+) matched, .* in ([\d.]+) s/,
  );
  const number = (grouped = "") => Number(grouped.replaceAll(",", ""));
  return { ...run, lines: number(lines), matched: number(matched), seconds: Number(seconds) };
}

/** Debian's fail2ban-regex; the last of `args` is the filter. */
export async function fail2banRegex(
  log: string,
  filter: string,
  ...options: readonly string[]
): Promise<Verdict> {
  const run = await measure(["/usr/bin/fail2ban-regex", ...options, log, filter]);
  const [, lines, matched] = read(run, /^Lines: (\d+) lines, \d+ ignored, (\d+) matched/m);
  const [, seconds] = read(run, /^\[processed in ([\d.]+) sec\]/m);
  return { ...run, lines: Number(lines), matched: Number(matched), seconds: Number(seconds) };
}

/** GNU grep's count of the lines that match. */
export async function grepCount(
  log: string,
  pattern: string,
  locale: string,
): Promise<Run & { matched: number }> {
  const run = await measure([
    "/usr/bin/env",
    `LC_ALL=${locale}`,
    "/usr/bin/grep",
    "-cE",
    pattern,
    log,
  ]);
  return { ...run, matched: Number(run.stdout) };
}

function read(run: Run, words: RegExp): RegExpExecArray {
  const found = words.exec(run.stdout);
  if (found === null) {
    throw new Error(
      `Cannot read what the tool said: exit code ${run.code}: ${run.stderr || run.stdout}`,
    );
  }
  return found;
}
