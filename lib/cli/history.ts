import { historyEvents, type HistoryReport } from "../control/mod.ts";
import { readHostOrId } from "./ban.ts";
import { type Command, dirOf, sharedFlags, sinceOf, type Words } from "./command.ts";
import { print } from "./pager.ts";
import { count, formatSpan, formatTime, ordinal, table } from "./render.ts";

/** How far back the history is shown where neither an address nor --since is given, in milliseconds: a week. */
const DEFAULT_SINCE = 7 * 86_400_000;

/** `banjo history [IP]` */
export const history: Command = {
  name: "history",
  operands: "[IP]",
  offers: "banned",
  summary: "List bans of the past, of all or of one address or network",
  details: "Ends of bans are listed where they came early; --json has them all, and the log lines.",
  flags: {
    jail: { value: "JAIL", offers: "jails", about: "only the bans of this jail" },
    since: { value: "DURATION", about: "how far back (default 7d, with IP all of it)" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 1],
  async run(words) {
    if (words.has("json")) {
      for await (const event of readHistory(words)) console.log(JSON.stringify(event));
      return 0;
    }
    await print(historyTable(await Array.fromAsync(readHistory(words))) ?? "Nobody was banned.");
    return 0;
  },
};

/** Bans, and where they were lifted early, in a table; undefined where there are none. */
export function historyTable(events: readonly HistoryReport[]): string | undefined {
  const rows = events.filter(({ reason }) => reason !== "expired").map((event) => [
    formatTime(Date.parse(event.time)),
    event.event,
    event.jail,
    event.host,
    reasonOf(event),
  ]);
  if (rows.length === 0) return undefined;
  const heads = ["TIME", "EVENT", "JAIL", "HOST", "WHY"].map((head) => ({ head }));
  return table(heads, rows);
}

function reasonOf({ reason, cause, failures, bans, since, until }: HistoryReport): string {
  if (reason !== null) return reason === "manual" ? "by hand" : "never banned by now";
  const why = {
    failures: count(failures, "failure"),
    manual: "by hand",
    adopted: "found in the firewall",
  }[cause];
  const length = until === null
    ? "for ever"
    : `for ${formatSpan(Date.parse(until) - Date.parse(since))}`;
  return `${why}, ${length}${bans > 1 ? `, ${ordinal(bans)} time` : ""}`;
}

async function* readHistory(words: Words): AsyncIterable<HistoryReport> {
  const now = Date.now();
  const host = words.operands[0] === undefined ? undefined : readHostOrId(words.operands[0]);
  const jail = words.value("jail");
  const since = sinceOf(words, now) ?? (host === undefined ? now - DEFAULT_SINCE : undefined);
  yield* historyEvents(dirOf(words, "runtime"), {
    ...(host === undefined ? {} : { host }),
    ...(jail === undefined ? {} : { jail }),
    ...(since === undefined || since === -Infinity ? {} : { since }),
  });
}
