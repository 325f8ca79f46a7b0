/**
 * The agent's own log: one line a record on standard error. Under systemd each line carries its priority as
 * sd-daemon(3) describes, so that the journal knows it; elsewhere it carries the time and the level.
 *
 * Written here because a burst logs a line for each of its bans: with LogTape one took 3.5 µs, with this 1.
 */
import { printable } from "./printable.ts";

/** The levels that `[agent] log_level` takes, most talkative first. */
export const logLevels = ["debug", "info", "warning", "error"] as const;
/** One of them. */
export type Level = typeof logLevels[number];

/** Says something of each weight. A text may hold log text: what a terminal could act on is escaped on the way out. */
export const log = {
  debug: (text: string): void => write("debug", text),
  info: (text: string): void => write("info", text),
  warn: (text: string): void => write("warning", text),
  error: (text: string): void => write("error", text),
} as const;

/** Directs the log to standard error, from `level` on; until then nothing is said. Calling it again changes the level. */
export function startLog(level: Level): void {
  least = logLevels.indexOf(level);
  isJournal = Deno.env.get("JOURNAL_STREAM") !== undefined;
}

let least = Infinity;
/** Whether standard error is systemd's. */
let isJournal = false;
let waiting = "";

/** What is logged in one turn goes out at its end, in one piece: a burst of bans is thousands of lines. */
function write(level: Level, text: string): void {
  if (logLevels.indexOf(level) < least) return;
  if (waiting === "") queueMicrotask(flush);
  const beginning = isJournal ? `<${PRIORITY[level]}>` : `${dateNow()} ${level} `;
  waiting += `${beginning}${printable(text)}\n`;
}

/** Where nobody reads it any more, or its disk is full, there is nobody to tell: the work goes on without a log. */
function flush(): void {
  let bytes = new TextEncoder().encode(waiting);
  waiting = "";
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
  } catch {
    // Lost; the next lines may find room again.
  }
}

/** syslog(3) priorities. */
const PRIORITY: Record<Level, number> = { debug: 7, info: 6, warning: 4, error: 3 };

let now = 0;
let date = "";

function dateNow(): string {
  const time = Date.now();
  if (time !== now) {
    now = time;
    date = new Date(time).toISOString();
  }
  return date;
}
