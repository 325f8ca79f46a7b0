import {
  call,
  causeInWords,
  endInWords,
  type EventPosition,
  type EventQuery,
  type EventReport,
  Unreachable,
} from "../control/mod.ts";
import { printable, printableJson } from "../printable.ts";
import { type Command, dirOf, sharedFlags, sinceOf, type Words } from "./command.ts";
import { printAll, write } from "./pager.ts";
import { count, formatSpan, formatTime, style } from "./render.ts";

/** How far back events are listed where neither --since nor --follow is given, in milliseconds: a day. */
const DEFAULT_SINCE = 86_400_000;
/** An agent that is not there is asked again after so long, in milliseconds. */
const RETRY = 1_000;

/** `banjo events` */
export const events: Command = {
  name: "events",
  operands: "",
  summary: "Show what happened: bans and their ends, alarms, reloads",
  details:
    "Alarms, starts and reloads are remembered as long as the agent runs. With --follow a ban is shown once\n" +
    "it is on the disk, mostly a tenth of a second later, and a restart of the agent is waited for.",
  flags: {
    since: { value: "DURATION", about: "how far back (default 1d; with --follow nothing)" },
    follow: { about: "go on, and show what happens from now on" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 0],
  async run(words) {
    const show = words.has("json") ? (event: EventReport) => printableJson(event) : describeEvent;
    if (words.has("follow")) await follow(words, (event) => write(`${show(event)}\n`));
    else await printAll(piecesOf(words, show));
    return 0;
  },
};

/** An event as a line that is safe to print. */
export function describeEvent(event: EventReport): string {
  const time = style.dim(formatTime(Date.parse(event.time)));
  switch (event.event) {
    case "ban": {
      const { jail, host, until, since, failures, cause } = event;
      const span = until === null
        ? "for ever"
        : `for ${formatSpan(Date.parse(until) - Date.parse(since))}`;
      const why = cause === "failures" ? count(failures, "failure") : causeInWords[cause];
      return `${time} ${style.bad("ban")}      ${printable(`${host} in ${jail} ${span} (${why})`)}`;
    }
    case "unban":
      return `${time} unban    ${
        printable(`${event.host} in ${event.jail} (${endInWords[event.reason ?? "expired"]})`)
      }`;
    case "alarm":
      return `${time} ${style.bad("alarm")}    ${printable(event.problem)}`;
    case "recovery":
      return `${time} ${style.good("recovery")} ${printable(event.problem)}`;
    case "start":
    case "reload":
      return `${time} ${event.event.padEnd(8)} banjo ${event.version}, ${
        count(event.jails, "jail")
      }`;
  }
}

/** What has happened up to now, page by page. */
async function* piecesOf(
  words: Words,
  show: (event: EventReport) => string,
): AsyncGenerator<string> {
  const since = sinceOf(words, Date.now()) ?? Date.now() - DEFAULT_SINCE;
  let after: EventPosition | undefined;
  let isEmpty = true;
  for (;;) {
    const page = await ask(words, { since, after });
    if (page.events.length > 0) yield page.events.map(show).join("\n");
    isEmpty &&= page.events.length === 0;
    if (page.isEnd) break;
    after = page.position;
  }
  if (isEmpty && !words.has("json")) yield "Nothing happened.";
}

/** Goes on until it is ended, or `show` says that nobody looks; an agent that restarts is waited for. */
async function follow(
  words: Words,
  show: (event: EventReport) => Promise<boolean>,
): Promise<void> {
  const since = sinceOf(words, Date.now());
  let { events, position } = await ask(words, { since });
  for (;;) {
    for (const event of events) if (!await show(event)) return;
    try {
      ({ events, position } = await ask(words, { since, after: position, wait: true }));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      events = [];
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
}

function ask(words: Words, query: EventQuery) {
  const known = Object.entries(query).filter(([, value]) => value !== undefined);
  return call(dirOf(words, "runtime"), "events", Object.fromEntries(known) as EventQuery);
}
