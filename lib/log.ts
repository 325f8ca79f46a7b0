/**
 * The agent's own log: one line a record on standard error. Under systemd each line carries its priority as
 * sd-daemon(3) describes, so that the journal knows it; elsewhere it carries the time and the level.
 */
import { configure, getLogger, type LogLevel, type LogRecord } from "@logtape/logtape";
import { printable } from "./printable.ts";

/** The levels that `[agent] log_level` takes, most talkative first. */
export const logLevels = ["debug", "info", "warning", "error"] as const;
export type Level = typeof logLevels[number];

/** banjo's logger. Messages may hold log text: what a terminal could act on is escaped on the way out. */
export const log = getLogger(["banjo"]);

/** Directs the log to standard error, from `level` on. Calling it again changes the level. */
export async function startLog(level: Level): Promise<void> {
  await configure({
    reset: true,
    sinks: { stderr: (record) => write(formatRecord(record)) },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
      { category: ["banjo"], lowestLevel: level, sinks: ["stderr"] },
    ],
  });
}

let waiting = "";

/** What is logged in one turn goes out at its end, in one piece: a burst of bans is thousands of lines. */
function write(line: string): void {
  if (waiting === "") queueMicrotask(flush);
  waiting += line;
}

function flush(): void {
  let bytes = new TextEncoder().encode(waiting);
  waiting = "";
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
}

/** syslog(3) priorities. */
const PRIORITY: Record<LogLevel, number> = {
  trace: 7,
  debug: 7,
  info: 6,
  warning: 4,
  error: 3,
  fatal: 2,
};

function formatRecord(record: LogRecord): string {
  const text = printable(messageOf(record));
  return Deno.env.get("JOURNAL_STREAM") === undefined
    ? `${new Date(record.timestamp).toISOString()} ${record.level} ${text}\n`
    : `<${PRIORITY[record.level]}>${text}\n`;
}

/** Our messages as they are: braces in them are some log line's, and stand for nothing. LogTape's own have placeholders. */
function messageOf({ category, rawMessage, message }: LogRecord): string {
  return category[0] === "banjo" ? String(rawMessage) : message.map(String).join("");
}
