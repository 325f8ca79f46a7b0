/** What a filter made of one line, in words. */
import type { Explanation, Filter } from "../filter/filter.ts";
import { printable } from "../printable.ts";
import type { Entry } from "../sources/mod.ts";
import { style } from "./render.ts";

/** Several lines of text: the line, its date, what the patterns saw, and how far each got. */
export function explainEntry(
  number: number,
  entry: Entry,
  { outcome, findings, date, time, text, patterns }: Explanation,
  filter: Filter,
): string {
  const paint = outcome === "matched" ? style.good : outcome === "ignored" ? style.dim : style.warn;
  const out = [`${style.bold(`line ${number}`)} ${paint(outcome)}: ${printable(entry.text)}`];
  const when = Number.isFinite(time) ? new Date(time).toISOString() : "unknown";
  if (entry.time !== undefined) out.push(`  time      ${when}, set by the journal`);
  else if (date === undefined) out.push(`  date      none found; taken to be of ${when}`);
  else {
    const cut = printable(entry.text.slice(date.start, date.end));
    out.push(
      `  date      ${JSON.stringify(cut)} at ${date.start}, as ${printable(date.format)}: ${when}`,
    );
  }
  if (text === undefined) {
    out.push(
      `  program   none of ${filter.definition.syslogIdentifier.join(", ")}: no pattern is tried`,
    );
  } else out.push(`  text      ${JSON.stringify(printable(text))}`);
  patterns.forEach((trace, index) => {
    const source = filter.failregex[index]!.source;
    if (trace.matched) {
      out.push(`  [${index}] ${style.good("matches")} ${printable(source)}`);
      for (const [name, value] of trace.parts) {
        out.push(`        ${name} = ${JSON.stringify(printable(value))}`);
      }
    } else if (trace.progress === undefined) {
      out.push(`  [${index}] ${style.bad("takes too long")}: ${printable(source)}`);
    } else {
      const { pattern, end } = trace.progress;
      const got = pattern === ""
        ? "its first part is not found"
        : `gets as far as ${printable(pattern)}`;
      out.push(`  [${index}] ${got}, up to ${end}: ${printable(source)}`);
    }
  });
  for (const finding of findings) {
    const who = finding.kind === "failure"
      ? finding.host
      : finding.kind === "named"
      ? finding.name
      : undefined;
    out.push(
      who === undefined
        ? "  success: the failures of its session no longer count"
        : `  failure of ${printable(who)}`,
    );
  }
  return out.join("\n");
}
