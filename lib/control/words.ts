import type { HistoryReport } from "./protocol.ts";

/** Why somebody was banned other than for failures, in words for people. */
export const causeInWords = {
  manual: "by hand",
  adopted: "found in the firewall",
} as const satisfies Readonly<Record<Exclude<HistoryReport["cause"], "failures">, string>>;

/** Why a ban ended, in words for people. */
export const endInWords = {
  expired: "expired",
  manual: "by hand",
  ignored: "never banned by now",
} as const satisfies Readonly<Record<NonNullable<HistoryReport["reason"]>, string>>;
