import { describeGivenUp } from "../filter/given_up.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import { compileFilter, type Context, FilterError } from "../filter/filter.ts";
import {
  emptyFilter,
  type FilterChoice,
  formatProblem,
  loadConfig,
  loadFilter,
  parseFilterWord,
} from "../config/mod.ts";
import { ConfError, formatPlace, loadFilterConf } from "../fail2ban/mod.ts";
import { withOptions } from "../filter/options.ts";
import { nearest } from "../nearest.ts";
import { printable, printableJson } from "../printable.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { printReport, summaryOf } from "./test_output.ts";
import { explainAll, scanAll } from "./test_run.ts";
import { openSource } from "./test_source.ts";

/** `banjo test SOURCE FILTER` */
export const test: Command = {
  name: "test",
  operands: "SOURCE FILTER",
  offers: "files",
  summary: "Try a filter on log lines",
  details: "SOURCE is a file, `-` for standard input, one line, or `journal[MATCHES]`, such as\n" +
    "'journal[_SYSTEMD_UNIT=ssh.service]'. FILTER is a filter's name, its .toml file or a .conf file of\n" +
    "fail2ban's, each perhaps with options ('sshd[mode=aggressive]'), or a failregex.\n" +
    "Exit code 0 if a line matched, 1 if none did.",
  flags: {
    datepattern: { value: "PATTERN", about: "where and how the date stands", many: true },
    ignoreregex: { value: "REGEX", about: "also ignore lines that match this", many: true },
    tz: { value: "ZONE", about: "zone of dates that name none, such as Europe/Berlin" },
    now: {
      value: "ISO",
      about: "complete dates that lack a year, a day or all as of then, such as " +
        "2026-11-20T10:00:00Z; no line is too old or too new",
    },
    "print-matched": { about: "print the lines that matched" },
    "print-missed": { about: "print the lines that no failregex matched" },
    "print-ignored": { about: "print the lines that an ignoreregex took" },
    explain: { about: "say for each line what was found, and how far each pattern got" },
    ...sharedFlags.config,
    json: { about: "print a JSON object a matched line, and a last one with the totals" },
  },
  arity: [2, 2],
  async run(words) {
    if (words.has("explain") && words.has("json")) {
      throw new UsageError("Cannot use --explain with --json: an explanation is for people");
    }
    const definition = await readFilter(words);
    const filter = orUsageError(() => compileFilter(definition));
    const context: Context = { now: readNow(words), live: false };
    const [source] = words.operands as [string];
    const batches = await openSource(source);
    const totals = words.has("explain")
      ? await explainAll(batches, filter, context)
      : await scanAll(batches, filter, context, words);
    if (filter.givenUp !== undefined) {
      console.error(`banjo: ${describeGivenUp(filter.definition.name, filter.givenUp)}`);
    }
    if (words.has("json")) console.log(printableJson(summaryOf(totals)));
    else printReport(totals, filter);
    return totals.matched > 0 ? 0 : 1;
  },
};

async function readFilter(words: Words): Promise<FilterDefinition> {
  const definition = await findFilter(words, words.operands[1]!);
  const datepattern = words.values("datepattern");
  return {
    ...definition,
    ignoreregex: [...definition.ignoreregex, ...words.values("ignoreregex")],
    datepattern: datepattern.length > 0 ? datepattern : definition.datepattern,
    logtimezone: words.value("tz") ?? definition.logtimezone,
  };
}

/** A filter by its file or its name, perhaps with options, or as a failregex: a word that could be a name is one. */
async function findFilter(words: Words, text: string): Promise<FilterDefinition> {
  if (text.endsWith(".toml")) return await readFilterFile(text);
  const choice = parseFilterWord(text);
  if (choice?.name.endsWith(".conf")) return readForeignFilter(words, choice);
  const isFile = choice?.name.endsWith(".toml") === true;
  if (choice === undefined || (choice.name.includes("/") && !isFile)) {
    const why = await whyNoFilterFile(text);
    if (why !== undefined) throw new UsageError(`Cannot test with ${text}: ${why}`);
    return { ...emptyFilter("failregex"), failregex: [text] };
  }
  const filter = isFile
    ? await readFilterFile(choice.name)
    : await findNamedFilter(words, choice.name);
  return orUsageError(() => withOptions(filter, choice.options));
}

/** What is wrong with a path that was meant for a filter's file; undefined: it is a failregex. */
async function whyNoFilterFile(text: string): Promise<string | undefined> {
  const [, path, options = ""] = /^(\.?\/[^[]*)(\[.*)?$/s.exec(text) ?? [];
  if (path === undefined) return undefined;
  for (const ending of [".conf", ".toml"]) {
    if (path.endsWith(ending) && await isFile(path)) {
      return `the options behind a file are [OPTION=VALUE, ...]: received ${options}`;
    }
    if (await isFile(path + ending)) return `did you mean ${path}${ending}${options}?`;
  }
  return await isFile(path) ? "a filter's file ends in .toml, or fail2ban's in .conf" : undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false; // Whatever is wrong with it, no filter is there.
  }
}

async function readFilterFile(path: string): Promise<FilterDefinition> {
  const { filter, problems } = await loadFilter(path);
  if (filter === undefined) throw new UsageError(problems.map(formatProblem).join("\n"));
  return filter;
}

/** fail2ban's filter, translated. What of it is not as it was, is said on the side. */
function readForeignFilter(words: Words, { name, options }: FilterChoice): FilterDefinition {
  const logtype = words.operands[0]!.startsWith("journal") ? "journal" : "file";
  try {
    const { filter, notes } = loadFilterConf(name, new Map(Object.entries(options)), logtype);
    for (const { place, message } of notes) {
      console.error(printable(`banjo: ${formatPlace(place)}: ${message}`));
    }
    return filter;
  } catch (error) {
    if (error instanceof ConfError) throw new UsageError(`Cannot test with ${error.message}`);
    throw error;
  }
}

async function findNamedFilter(words: Words, name: string): Promise<FilterDefinition> {
  const dir = dirOf(words, "config");
  const isOptional = words.value("config") === undefined;
  const found = (await loadConfig(dir, { isOptional, filter: name })).filters.get(name);
  if (found !== undefined) return found;
  // Now the others matter: which of them was meant?
  const { filters, problems } = await loadConfig(dir, { isOptional });
  const wrong = problems.filter(({ file }) => file.endsWith(`/filters/${name}.toml`));
  if (wrong.length > 0) throw new UsageError(wrong.map(formatProblem).join("\n"));
  const guess = nearest(name, filters.keys());
  throw new UsageError(
    `Cannot test with ${JSON.stringify(name)}: no such filter` +
      (guess === undefined ? "" : `; did you mean ${guess}?`),
  );
}

/** What `compile` gives. Where the filter is wrong, so is the command's use. */
function orUsageError<T>(compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.message);
    throw error;
  }
}

function readNow(words: Words): number {
  const text = words.value("now");
  if (text === undefined) return Date.now();
  const now = ISO.test(text) ? Date.parse(text) : NaN;
  const day = text.slice(0, "2026-11-20".length);
  // Of 31 February ECMAScript makes 3 March.
  if (!Number.isNaN(now) && new Date(day).toISOString().startsWith(day)) return now;
  throw new UsageError(
    `Cannot read --now: give a date and time as 2026-11-20T10:00:00Z: received ${
      JSON.stringify(text)
    }`,
  );
}

/** A day of ISO 8601, perhaps with a time and its zone. */
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
