import { isTrue, type JailOptions } from "./jail_conf.ts";
import { printDuration, readDuration } from "./durations.ts";
import type { Note } from "./note.ts";
import type { Value } from "./place.ts";

/** `bantime_increment` as banjo's configuration has it, and what of it is not as it was. */
export interface Growth {
  readonly increment: false | Readonly<Record<string, unknown>>;
  readonly notes: readonly Note[];
}

/**
 * Maps `bantime.*`. `purge`: how long fail2ban remembers a ban (`dbpurgeage`).
 *
 * There the first ban always lasts `bantime`; the one after n bans lasts bantime * 2 ** min(n, 20) * factor, or bantime *
 * multipliers[n] * factor, or what a formula says, but never less than bantime, whatever `bantime.maxtime` says.
 */
export function growthOf(options: JailOptions, purge: string): Growth {
  const enabled = options.get("bantime.increment");
  if (enabled === undefined || !isTrue(enabled)) return { increment: false, notes: [] };
  const notes: Note[] = [];
  const written = (option: string) => {
    const value = options.get(option);
    return value === undefined || value.text.trim() === "" ? undefined : value;
  };
  const maxtime = written("bantime.maxtime");
  const rndtime = written("bantime.rndtime");
  const overall = options.get("bantime.overalljails");
  const increment = {
    ...courseOf(options, notes),
    maxtime: maxtime === undefined
      ? "forever"
      : printDuration(atLeast(written("bantime"), maxtime)),
    ...(rndtime === undefined ? {} : { rndtime: printDuration(rndtime) }),
    memory: purge,
    ...(overall !== undefined && isTrue(overall) ? { overalljails: true } : {}),
  };
  return { increment, notes };
}

/** The longer one; of a ban for ever, which grows no more, the other. */
function atLeast(bantime: Value | undefined, maxtime: Value): Value {
  const least = bantime === undefined ? 0 : readDuration(bantime);
  return least !== Infinity && least > readDuration(maxtime) ? bantime! : maxtime;
}

/** fail2ban doubles so often. */
const MOST_DOUBLINGS = 20;

function courseOf(options: JailOptions, notes: Note[]): Record<string, unknown> {
  const factor = numberOf(options.get("bantime.factor")) ?? 1;
  const written = options.get("bantime.multipliers");
  const numbers = written?.text.split(/[\s,]+/).filter((word) => word !== "").map(Number) ?? [];
  if (written !== undefined && numbers.length > 0 && numbers.every(Number.isFinite)) {
    const later = numbers.slice(1).map((number) => Math.max(1, number * factor));
    // A list of one serves every ban but the first.
    return { multipliers: [1, ...later.length > 0 ? later : [Math.max(1, numbers[0]! * factor)]] };
  }
  const formula = options.get("bantime.formula");
  switch (formula === undefined ? "doubling" : kindOf(formula.text)) {
    case "exponential":
      return { factor: Math.exp(factor) };
    case "other":
      notes.push({
        place: formula!.place,
        message: "the formula of `bantime.formula` is none that banjo knows: bans double instead",
        advice: "write the course of bans as `multipliers` in `bantime_increment`",
      });
      break;
    case "doubling":
      break;
  }
  if (factor === 1) return { factor: 2 };
  const doublings = Array.from({ length: MOST_DOUBLINGS }, (_, n) => 2 ** (n + 1) * factor);
  return { multipliers: [1, ...doublings.map((number) => Math.max(1, number))] };
}

/** The two formulas of fail2ban's own jail.conf, however they are spaced. */
function kindOf(formula: string): "doubling" | "exponential" | "other" {
  const text = formula.replaceAll(/\s/g, "");
  if (/^ban\.Time\*\(1<<\(ban\.Countifban\.Count<20else20\)\)\*banFactor$/.test(text)) {
    return "doubling";
  }
  return /^ban\.Time\*math\.exp\(float\(ban\.Count\+1\)\*banFactor\)\/math\.exp\(1\*banFactor\)$/
      .test(text)
    ? "exponential"
    : "other";
}

function numberOf(value: Value | undefined): number | undefined {
  const number = value === undefined || value.text.trim() === "" ? NaN : Number(value.text);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
