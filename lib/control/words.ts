import type { HistoryReport, JailReport } from "./protocol.ts";

/** Why somebody was banned other than for failures, in words for people. */
export const causeInWords = {
  manual: "by hand",
  adopted: "found in the firewall",
} as const satisfies Readonly<Record<Exclude<HistoryReport["cause"], "failures">, string>>;

/** What a jail reads, in words for people. */
export function sourcesInWords(
  { sources, missing }: Pick<JailReport, "sources" | "missing">,
): readonly string[] {
  return sources.map((source) => missing.includes(source) ? `${source} (missing)` : source);
}

/** Why a ban ended, in words for people. */
export const endInWords = {
  expired: "expired",
  manual: "by hand",
  ignored: "never banned by now",
} as const satisfies Readonly<Record<NonNullable<HistoryReport["reason"]>, string>>;
