/** What may stand in banjo.toml, in a jail and in a filter: every key with its type and its meaning. */
import * as v from "valibot";
import { firewallNames } from "../firewall/mod.ts";
import { logLevels } from "../log.ts";
import { nearest } from "../nearest.ts";
import { matchesGlob, parseJournalmatch } from "../sources/mod.ts";
import { OPTION_NAME } from "../filter/options.ts";
import { type FilterChoice, parseFilterWord } from "./filter_word.ts";
import { foreignKeys } from "./foreign_keys.ts";
import {
  anyText,
  choice,
  duration,
  finiteDuration,
  finiteSpan,
  flag,
  ignored,
  isoTime,
  type JsonType,
  jsonTypeOf,
  lines,
  mailAddress,
  number,
  oneOrMany,
  parsed,
  path,
  ports,
  type Schema,
  someOf,
  span,
  takenNames,
  text,
  typed,
  webAddress,
  whole,
} from "./values.ts";

/** A table's keys. None is required: what is missing has a default or comes from another layer. */
export type Keys = Readonly<Record<string, Schema<unknown>>>;

/** What of a table was there and right. */
export type Values<K extends Keys> = { readonly [Key in keyof K]?: v.InferOutput<K[Key]> };

const filePattern = parsed(path, (pattern) => {
  matchesGlob("", pattern);
  return pattern;
});

const journalmatch = parsed(someOf(text), parseJournalmatch);

const optionType: JsonType = {
  anyOf: [
    { type: ["string", "number", "boolean"] },
    { type: "array", items: { type: "string" } },
  ],
};

const optionValue: Schema<string> = v.lazy((input): Schema<string> =>
  typeof input === "number" || typeof input === "boolean"
    ? v.pipe(v.union([v.number(), v.boolean()]), v.transform(String))
    : v.pipe(oneOrMany(anyText), v.transform((values) => values.join("\n")))
);

const options: Schema<Record<string, string>> = typed(
  { type: "object", additionalProperties: optionType },
  untaken(v.record(
    v.pipe(
      v.string(),
      v.regex(OPTION_NAME, "expected a name in lower case, as mode or list-normal, for an option"),
    ),
    optionValue,
    "expected a table of options",
  )),
);

/** `"sshd"`, `"sshd[mode=aggressive]"` or `{ name = "sshd", mode = "aggressive" }`. */
const filterChoice: Schema<FilterChoice> = typed(
  {
    anyOf: [
      jsonTypeOf(text),
      {
        type: "object",
        properties: { name: jsonTypeOf(text) },
        required: ["name"],
        additionalProperties: optionType,
      },
    ],
    title: "filter",
  },
  v.lazy((input): Schema<FilterChoice> =>
    typeof input === "object" && !Array.isArray(input) && !(input instanceof Date)
      ? untaken(v.pipe(
        v.objectWithRest({ name: text }, optionValue),
        v.transform(({ name, ...options }) => ({ name, options })),
      ))
      : parsed(text, readFilterWord)
  ),
);

/** A table whose keys are the user's own. */
function untaken<T>(table: Schema<T>): Schema<T> {
  const has = (value: unknown) => takenNames.some((name) => Object.hasOwn(Object(value), name));
  const message = `no option can be called ${takenNames.join(", ")}: JavaScript has taken these`;
  return v.pipe(v.unknown(), v.check((value) => !has(value), message), table);
}

function readFilterWord(word: string): FilterChoice {
  const choice = parseFilterWord(word);
  if (choice !== undefined) return choice;
  throw new RangeError(
    `Cannot read ${JSON.stringify(word)}: expected a filter's name, or NAME[OPTION=VALUE, ...]`,
  );
}

/** The keys by which a filter recognises lines; a jail may replace each of them. */
export const patternKeys = {
  failregex: about("Patterns of failures; the first that matches a line counts", lines),
  ignoreregex: about("Patterns of lines that do not count after all", lines),
  prefregex: about("Must match first; failregex then sees what its <F-CONTENT> took", text),
  maxlines: about("So many lines the patterns see at once", whole(1, 100)),
  datepattern: about("Forms of the date, tried in order; none: the usual are detected", lines),
  usedns: about("Whether host names in logs are resolved", flag),
  logtimezone: about("Zone of dates that name none", text),
};

/** The keys of `bantime_increment`. */
export const incrementKeys = {
  factor: about("Each further ban is this many times as long", number(1), 2),
  multipliers: about(
    "In place of factor: the n-th ban lasts bantime times the n-th of these, the last one serves all later bans",
    someOf(number(1)),
  ),
  maxtime: about("No ban is longer", span),
  rndtime: about("Up to so much is added", finiteDuration, 0),
  memory: about("A past ban is forgotten so long after its end", span, "30d"),
  overalljails: about("Whether bans by every jail count", flag, false),
};

const increment = table(incrementKeys);

/** A limit that is never reached. */
const never: Schema<number> = v.pipe(v.literal(false), v.transform(() => Infinity));

/** The keys of a jail, which `[defaults]` may set for all. */
export const jailKeys = {
  enabled: about("Whether the jail runs", flag, false),
  filter: about(
    "The filter, perhaps with options; without it, the one called like the jail",
    filterChoice,
  ),
  ...patternKeys,
  files: about("Log files to read; globs allowed", someOf(filePattern)),
  journalmatch: about("Journal entries to read", journalmatch),
  banned_by: about("Jails whose bans count as failures, in place of log lines", someOf(text)),
  reports: about("Whether applications may report failures by report.sock", flag, false),
  ports: about("Ports that a ban closes", ports, "all"),
  protocol: about("Protocol of these ports", choice(["tcp", "udp", "all"]), "tcp"),
  maxretry: about("So many failures within findtime lead to a ban", whole(1), 5),
  findtime: about("Failures count together for so long", finiteSpan, "10m"),
  bantime: about("A ban lasts so long", span, "10m"),
  bantime_increment: about(
    "Whether and how bans grow for an address that comes back",
    typed(
      { anyOf: [{ type: "boolean" }, jsonTypeOf(increment)] },
      v.lazy((input): Schema<boolean | v.InferOutput<typeof increment>> =>
        typeof input === "object" ? increment : v.boolean("expected true, false or a table")
      ),
    ),
    false,
  ),
  ignoreip: about("Who is never banned: addresses, networks, host names, lists", ignored),
  trust_logins: about("So long after a login a host is not banned", duration, "12h"),
  max_bans_per_minute: about(
    "More bans in a minute are held; false: there is no fuse",
    typed(
      { anyOf: [jsonTypeOf(whole(1)), { enum: [false] }] },
      v.lazy((input): Schema<number> => input === false ? never : whole(1)),
    ),
  ),
  ignoreself: about("Whether this host's own addresses are never banned", flag, true),
  firewall: about("Where bans are put in force", choice(firewallNames), "nftables"),
  ipv4_prefix: about("IPv4 is counted and banned by networks of this length", whole(1, 32), 32),
  ipv6_prefix: about("IPv6 is counted and banned by networks of this length", whole(1, 128), 64),
  maxmatches: about("So many lines are kept as the reason of a ban", whole(1)),
  max_tracked: about("So many failing addresses are remembered at most", whole(1), 500000),
};

/** The keys of a filter's `[[samples]]`. */
export const sampleKeys = {
  line: about("A line as a log file has it", anyText),
  message: about("The text of a journal entry", anyText),
  host: about("The host that must be found", text),
  user: about("The user that must be found", anyText),
  time: about("The time that must be found", isoTime),
  options: about("Options that the filter is to have", options),
  match: about("false: the line must lead to no failure", flag, true),
};

const sample = v.pipe(
  table(sampleKeys),
  v.check(
    ({ line, message }) => (line === undefined) !== (message === undefined),
    "expected either `line` or `message` in a sample",
  ),
  v.check(
    ({ host, match }) => (host === undefined) === (match === false),
    "expected either `host` or `match = false` in a sample",
  ),
);

/** The keys of a filter file. */
export const filterKeys = {
  description: about("What the filter is for", anyText),
  ...patternKeys,
  options: about("Names and defaults of what <name> in a pattern stands for", options),
  journalmatch: about(
    "Journal entries that its jails read unless they say otherwise",
    journalmatch,
  ),
  proves_login: about("Whether nobody else can have its lines of success logged", flag, false),
  forgeable: about("Whether strangers can have an address of their choice logged", flag, false),
  syslog_identifier: about("Programs whose lines count", oneOrMany(text)),
  journal_text: about(
    "What of a journal entry the patterns see: its message, or as syslog would have written it",
    choice(["message", "syslog"]),
    "message",
  ),
  samples: about(
    "Lines that show what the filter does",
    typed(
      { type: "array", items: jsonTypeOf(sample) },
      v.array(sample, "expected [[samples]] tables"),
    ),
  ),
};

/** The keys of `[agent]`'s `journal`. */
export const journalKeys = {
  directory: about("A folder of journal files in place of the system's", path),
  namespace: about("A journal namespace", text),
};

/** The keys of `[agent]`. */
export const agentKeys = {
  journal: about("Which journal is read", table(journalKeys)),
  on_stop: about(
    "What becomes of the bans when the agent stops",
    choice(["keep", "remove"]),
    "keep",
  ),
  widest_ipv4_ban: about("No ban is wider than an IPv4 network of this length", whole(1, 32), 16),
  widest_ipv6_ban: about("The same for IPv6", whole(1, 128), 32),
  log_level: about("How much the agent says of itself", choice(logLevels), "info"),
};

/** Where messages can go. */
const destinationKinds = [
  "webhook",
  "ntfy",
  "slack",
  "discord",
  "telegram",
  "gotify",
  "mail",
] as const;
/** One of them. */
export type DestinationKind = typeof destinationKinds[number];

/** What messages can be about. */
const notifiedEvents = ["ban", "unban", "alarm", "recovery", "start", "reload"] as const;
/** One of them. */
export type NotifiedEvent = typeof notifiedEvents[number];

/** The keys of each `[notify.NAME]`. */
export const notifyKeys = {
  kind: about("What kind of destination this is", choice(destinationKinds)),
  url: about("Where messages are sent; of telegram, its own server", webAddress),
  url_file: about("A file that holds the URL, where that is a secret", path),
  token_file: about("A file that holds the token, for ntfy, telegram, gotify and webhook", path),
  chat: about("Telegram's chat: a number, or @name of a channel", text),
  to: about("Mail addresses", someOf(mailAddress)),
  from: about("The sender of mail; without it, the system's", mailAddress),
  events: about(
    "What messages are about",
    someOf(choice(notifiedEvents)),
    ["ban", "alarm", "recovery"],
  ),
  jails: about("Only bans of these jails; none: of all", someOf(text)),
  every: about("At most one message in so much time", finiteDuration, "1m"),
};

/** Says that a key is unknown, and what was probably meant. */
export function unknownKey(key: string, known: Iterable<string>): string {
  const hint = foreignKeys.get(key);
  if (hint !== undefined) return `unknown key \`${key}\`: ${hint}`;
  const guess = nearest(key, known);
  return `unknown key \`${key}\`${guess === undefined ? "" : `: did you mean \`${guess}\`?`}`;
}

/** Whether an issue is about a key that should not be there, and not about its value. */
export function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function table<K extends Keys>(keys: K): Schema<Values<K>> {
  // Without a prototype, so that `constructor` is as unknown as any other key.
  const entries = Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(keys).map(([key, schema]) => [key, v.optional(schema)])),
  ) as v.ObjectEntries;
  const schema = v.strictObject(
    entries,
    (issue) =>
      isUnknownKey(issue)
        ? unknownKey(String(issue.path?.at(-1)?.key), Object.keys(keys))
        : "expected a table",
  ) as unknown as Schema<Values<K>>;
  return typed(tableType(keys), schema);
}

/** What a key means, and what it is as TOML has it where nothing is written: absent where that is not one value. */
function about<T>(description: string, schema: Schema<T>, initial?: unknown): Schema<T> {
  const described = v.pipe(schema, v.description(description));
  return initial === undefined ? described : v.pipe(described, v.metadata({ initial }));
}

/** A table with these keys and no others, as JSON Schema has it. */
export function tableType(keys: Keys): JsonType {
  const properties = Object.entries(keys).map(([key, schema]) => {
    const { initial } = v.getMetadata(schema);
    const description = { description: v.getDescription(schema) };
    return [key, {
      ...jsonTypeOf(schema),
      ...description,
      ...(initial === undefined ? {} : { default: initial }),
    }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}
