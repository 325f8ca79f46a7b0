import { loadConfig } from "../config/mod.ts";
import { historyEvents } from "../control/mod.ts";
import { NameReader, Past, renderPage, summarise, type Summary } from "../report/mod.ts";
import { version } from "../version.ts";
import { type Command, dirOf, sharedFlags, sinceOf, UsageError, type Words } from "./command.ts";
import { replaceFile } from "./replace_file.ts";
import { serverName } from "./server_name.ts";
import { printableJson } from "../printable.ts";

/** How far back a report reaches without --since, in milliseconds: a week. */
const DEFAULT_SINCE = 7 * 86_400_000;

/** A report tells of no more bans, so that it can be made anywhere: of 1 GB it takes a third. */
const MOST_BANS = 500_000;

/** `banjo report` */
export const report: Command = {
  name: "report",
  operands: "",
  summary: "Make a page of who attacked: when, from where, as whom",
  details:
    "One HTML file that needs nothing else and loads nothing: open it in any browser, send it by mail.\n" +
    "It holds addresses, user names and log lines, so only its owner may read it. Names are found in the\n" +
    "lines on record by the jails' filters as they are now.",
  flags: {
    html: { value: "FILE", offers: "files", about: "write the page to this file, in one step" },
    since: { value: "DURATION", about: "how far back (default 7d)" },
    ...sharedFlags.config,
    ...sharedFlags.runtime,
    json: { about: "print the figures as one JSON object" },
  },
  arity: [0, 0],
  async run(words) {
    const file = words.value("html");
    if (file === undefined && !words.has("json")) {
      throw new UsageError("Cannot make a report: say where to with --html FILE, or --json");
    }
    const summary = await readSummary(words, Date.now());
    if (words.has("json")) console.log(printableJson(summary));
    if (file !== undefined) {
      const page = await renderPage(summary, { server: await serverName(), version });
      await replaceFile(file, page.text, 0o600);
    }
    return 0;
  },
};

async function readSummary(words: Words, now: number): Promise<Summary> {
  const wanted = sinceOf(words, now) ?? now - DEFAULT_SINCE;
  const { jails } = await loadConfig(dirOf(words, "config"), { isOptional: true, isLean: true });
  const names = new NameReader(jails);
  const past = new Past((...words) => names.namesIn(...words), MOST_BANS);
  let first: number | undefined;
  const query = wanted === -Infinity ? {} : { since: wanted };
  for await (const event of historyEvents(dirOf(words, "runtime"), query)) {
    first ??= Date.parse(event.since);
    past.take(event);
  }
  const from = wanted === -Infinity ? first ?? now : wanted;
  return summarise(past.bans, from, now, past.cutAt);
}
