/** What `banjo top` shows, and what keys do to it. Pure. */
import type { AgentReport, BanReport, HostReport, OverviewReport } from "../../control/mod.ts";
import type { Key } from "./keys.ts";
import type { Rates } from "./rates.ts";

/** All that a screen is drawn from. */
export interface State {
  readonly report: AgentReport;
  readonly overview: OverviewReport;
  readonly rates: Rates;
  /** When that was seen, in milliseconds since the epoch. */
  readonly now: number;
  /** Why the agent cannot be asked since then; undefined: it can. */
  readonly unreachable: string | undefined;
  /** The ban that the cursor is on; undefined: the first. */
  readonly chosen: Place | undefined;
  readonly mode: Mode;
  /** What came of the last key; gone with the next. May hold hostile text. */
  readonly message: string;
}

/** A ban, and where in the list it was when the cursor came there. */
export interface Place {
  readonly ban: BanReport;
  readonly index: number;
}

/** The lists; a question about a ban; or a report on a host in lines as wide as the screen, from the line `top` on. */
export type Mode =
  | { readonly kind: "lists" }
  | { readonly kind: "question"; readonly ban: BanReport }
  | Explanation;

interface Explanation {
  readonly kind: "text";
  readonly report: HostReport;
  readonly lines: readonly string[];
  readonly top: number;
}

/** What a key asks the agent for, or the program. */
export type Wish =
  | { readonly kind: "quit" }
  | { readonly kind: "unban" | "explain"; readonly host: string };

/** What a key does. `rows`: how many lines of a text are shown at once. */
export function press(state: State, key: Key, rows: number): { state: State; wish?: Wish } {
  if (key === "interrupt") return { state, wish: { kind: "quit" } };
  const quiet = { ...state, message: "" };
  switch (state.mode.kind) {
    case "question": {
      const back = { ...quiet, mode: { kind: "lists" } as const };
      return /^[yY]$/.test(key)
        ? { state: back, wish: { kind: "unban", host: state.mode.ban.host } }
        : { state: back };
    }
    case "text":
      if (isBack(key)) return { state: { ...quiet, mode: { kind: "lists" } } };
      return { state: { ...quiet, mode: scrolled(state.mode, key, rows) } };
    case "lists":
      return pressInLists(quiet, key);
  }
}

/** Where the cursor is: on its ban wherever that is now, or where that was. */
export function indexOfChosen({ chosen, overview: { newest } }: State): number {
  if (chosen === undefined) return 0;
  const { ban, index } = chosen;
  const at = newest.findIndex(({ jail, host, since }) =>
    jail === ban.jail && host === ban.host && since === ban.since
  );
  return at >= 0 ? at : Math.max(0, Math.min(index, newest.length - 1));
}

function pressInLists(state: State, key: Key): { state: State; wish?: Wish } {
  if (key === "q") return { state, wish: { kind: "quit" } };
  const { newest } = state.overview;
  const index = indexOfChosen(state);
  const step = STEPS[key];
  if (step !== undefined) {
    const next = Math.max(0, Math.min(newest.length - 1, index + step));
    const ban = newest[next];
    // At the top the cursor stays at the top, whatever comes in there.
    return { state: { ...state, chosen: ban && next > 0 ? { ban, index: next } : undefined } };
  }
  const ban = newest[index];
  if (ban === undefined) return { state };
  if (key === "u") return { state: { ...state, mode: { kind: "question", ban } } };
  if (key !== "enter" && key !== "e") return { state };
  return { state, wish: { kind: "explain", host: ban.host } };
}

function scrolled(mode: Explanation, key: Key, rows: number): Mode {
  const page = Math.max(1, rows - 1);
  const pages: Readonly<Record<string, number>> = {
    "page-up": -page,
    "page-down": page,
    " ": page,
  };
  const step = pages[key] ?? STEPS[key] ?? 0;
  const last = Math.max(0, mode.lines.length - rows);
  return { ...mode, top: Math.max(0, Math.min(last, mode.top + step)) };
}

function isBack(key: Key): boolean {
  return ["q", "escape", "enter", "e"].includes(key);
}

const STEPS: Readonly<Record<string, number>> = {
  up: -1,
  k: -1,
  down: 1,
  j: 1,
  "page-up": -10,
  "page-down": 10,
  home: -1e9,
  end: 1e9,
};
