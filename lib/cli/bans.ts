import { sortKeyOf } from "../address.ts";
import { type BanReport, call } from "../control/mod.ts";
import { nearest } from "../nearest.ts";
import { type Command, dirOf, sharedFlags, sinceOf, UsageError, type Words } from "./command.ts";
import { print } from "./pager.ts";
import { formatMinute, formatTime, spanInWords, table } from "./render.ts";

/** What `--sort` can say. */
const SORT_KEYS = ["since", "left", "host", "jail", "failures"] as const;

/** `banjo bans` */
export const bans: Command = {
  name: "bans",
  operands: "",
  summary: "List who is banned, since when and for how long",
  flags: {
    jail: { value: "JAIL", offers: "jails", about: "only the bans of this jail" },
    since: { value: "DURATION", about: "only bans that are no older, such as 1h" },
    sort: {
      value: "KEY",
      offers: SORT_KEYS,
      about: "by since (default), left, host, jail or failures",
    },
    wide: { about: "with seconds, and with the time when a ban ends" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 0],
  async run(words) {
    const now = Date.now();
    const jail = words.value("jail");
    const keyOf = readSort(words);
    const since = sinceOf(words, now) ?? -Infinity;
    const all = await call(dirOf(words, "runtime"), "bans", jail === undefined ? {} : { jail });
    const list = sortBans(all.filter((ban) => Date.parse(ban.since) >= since), keyOf);
    if (words.has("json")) {
      if (list.length > 0) console.log(list.map((ban) => JSON.stringify(ban)).join("\n"));
    } else if (list.length === 0) {
      console.log(since === -Infinity ? "Nobody is banned." : "Nobody was banned since then.");
    } else await print(words.has("wide") ? wideTable(list, now) : narrowTable(list, now));
    return 0;
  },
};

/** What a ban is sorted by, the least first. */
type SortKey = (ban: BanReport) => string | number;

const sortKeys: Readonly<Record<typeof SORT_KEYS[number], SortKey>> = {
  since: ({ since }) => Date.parse(since),
  left: endOf,
  host: ({ host }) => sortKeyOf(host),
  jail: ({ jail }) => jail,
  failures: ({ failures }) => -failures,
};

function readSort(words: Words): SortKey {
  const name = words.value("sort") ?? "since";
  const known = SORT_KEYS.find((key) => key === name);
  if (known !== undefined) return sortKeys[known];
  const guess = nearest(name, SORT_KEYS);
  throw new UsageError(
    `Cannot sort by ${JSON.stringify(name)}: ` +
      (guess === undefined ? `it is one of ${SORT_KEYS.join(", ")}` : `did you mean ${guess}?`),
  );
}

/** What is alike is sorted by time. There may be a million bans: each key is made once. */
function sortBans(bans: readonly BanReport[], keyOf: SortKey): BanReport[] {
  return bans
    .map((ban) => ({ ban, key: keyOf(ban), time: Date.parse(ban.since) }))
    .sort((one, other) =>
      one.key < other.key ? -1 : one.key > other.key ? 1 : one.time - other.time
    )
    .map(({ ban }) => ban);
}

/** Bans for ever end last, all at once. */
function endOf({ until }: BanReport): number {
  return until === null ? Number.MAX_SAFE_INTEGER : Date.parse(until);
}

function narrowTable(list: readonly BanReport[], now: number): string {
  return table(
    [
      { head: "HOST" },
      { head: "JAIL" },
      { head: "SINCE" },
      { head: "LEFT" },
      { head: "FAILURES", align: "right" },
    ],
    list.map((ban) => [
      nameOf(ban),
      ban.jail,
      formatMinute(Date.parse(ban.since)),
      ban.until === null ? "for ever" : spanInWords(endOf(ban) - now),
      ban.failures,
    ]),
  );
}

function wideTable(list: readonly BanReport[], now: number): string {
  return table(
    [
      { head: "HOST" },
      { head: "JAIL" },
      { head: "SINCE" },
      { head: "UNTIL" },
      { head: "LEFT" },
      { head: "FAILURES", align: "right" },
    ],
    list.map((ban) => [
      nameOf(ban),
      ban.jail,
      formatTime(Date.parse(ban.since)),
      ban.until === null ? "for ever" : formatTime(endOf(ban)),
      ban.until === null ? "for ever" : spanInWords(endOf(ban) - now, 2),
      ban.failures,
    ]),
  );
}

function nameOf({ host, enforceable }: BanReport): string {
  return enforceable ? host : `${host} (on record only)`;
}
