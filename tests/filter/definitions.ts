import { emptyFilter } from "../../lib/config/mod.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import {
  compileFilter,
  type Context,
  type Explanation,
  type Filter,
} from "../../lib/filter/filter.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { Sieve } from "../../lib/filter/sieve.ts";

/** The moment from which the tests judge: a Friday. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");
export const CONTEXT: Context = { now: NOW, live: false };

/** A filter in UTC that is whole but for what a test sets. */
export function definitionOf(parts: Partial<FilterDefinition>): FilterDefinition {
  return { ...emptyFilter("test"), logtimezone: "UTC", ...parts };
}

/** What a fresh filter says about a line of a file. */
export function explain(
  parts: Partial<FilterDefinition>,
  line: string,
  context = CONTEXT,
): Explanation {
  return compileFilter(definitionOf(parts)).explain({ time: undefined, text: line }, context);
}

/** What a fresh filter finds in lines of a file. */
export function scan(
  parts: Partial<FilterDefinition>,
  lines: readonly string[],
  context = CONTEXT,
): Finding[] {
  const findings: Finding[] = [];
  const block = lines.map((line) => `${line}\n`).join("");
  scanText(compileFilter(definitionOf(parts)), block, context, (finding) => findings.push(finding));
  return findings;
}

/** Has a filter judge the candidates in a text of whole lines. */
export function scanText(
  filter: Filter,
  text: string,
  context: Context,
  emit: (finding: Finding, at: number) => void,
  observer?: { ignored(at: number): void },
): void {
  const [candidates] = new Sieve([filter.prefilter]).sift(new TextEncoder().encode(text));
  filter.scan(candidates!, context, emit, observer);
}

/** Its hosts, or the names where there is no address. */
export function hosts(findings: readonly Finding[]): (string | undefined)[] {
  return findings.map((finding) => finding.kind === "named" ? finding.name : finding.host);
}
