import { type Document, problemAt } from "./document.ts";
import type { Report } from "./problem.ts";
import { type DestinationKind, type NotifiedEvent, notifyKeys, type Values } from "./schema.ts";
import { isTable, readTable, titled } from "./table.ts";

/** Where messages go and which, as a table `[notify.NAME]` of banjo.toml says. */
export interface Destination {
  readonly name: string;
  readonly kind: DestinationKind;
  /** Absent of mail, and where a file has it. */
  readonly url?: string;
  /** A file that holds the URL, for that may be a secret. */
  readonly urlFile?: string;
  readonly tokenFile?: string;
  /** Telegram's chat. */
  readonly chat?: string;
  /** Mail addresses. */
  readonly to: readonly string[];
  readonly from?: string;
  readonly events: readonly NotifiedEvent[];
  /** Bans of these jails only; empty: of all. */
  readonly jails: readonly string[];
  /** There is at most one message in so many milliseconds. */
  readonly every: number;
}

/** Reads the tables of `[notify]`; one that is wrong is reported and left out. */
export function readDestinations(main: Document | undefined, report: Report): Destination[] {
  const all = main?.value["notify"];
  if (main === undefined || all === undefined) return [];
  if (!isTable(all)) {
    report(problemAt(main.file, "notify: expected tables [notify.NAME]", main.locate(["notify"])));
    return [];
  }
  return Object.entries(all).flatMap(([name, table]) => {
    const path = ["notify", name];
    const refuse = (message: string) => {
      report(problemAt(main.file, titled(path, message), main.locate(path, "key")));
      return [];
    };
    if (!isTable(table)) return refuse("expected a table: write [notify.NAME] above the keys");
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      return refuse("a destination's name has up to 64 letters, digits, - and _");
    }
    const { values, sound } = readTable(notifyKeys, main, path, report);
    if (!sound) return [];
    const lack = lackOf(values);
    return lack === undefined ? [destinationOf(name, values)] : refuse(lack);
  });
}

function lackOf(values: Values<typeof notifyKeys>): string | undefined {
  const { kind, url, url_file, token_file, chat, to } = values;
  if (kind === undefined) return "`kind` is missing: it says what kind of destination this is";
  if (url !== undefined && url_file !== undefined) return "either `url` or `url_file`, not both";
  const needs = {
    to: kind === "mail" && to === undefined,
    url: kind !== "mail" && kind !== "telegram" && url === undefined && url_file === undefined,
    token_file: (kind === "telegram" || kind === "gotify") && token_file === undefined,
    chat: kind === "telegram" && chat === undefined,
  };
  const missing = Object.entries(needs).find(([, isMissing]) => isMissing)?.[0];
  return missing === undefined ? undefined : `\`${missing}\` is missing: ${kind} needs it`;
}

function destinationOf(name: string, values: Values<typeof notifyKeys>): Destination {
  const { kind, url, url_file, token_file, chat, to, from, events, jails, every } = values;
  const home = kind === "telegram" && url_file === undefined ? TELEGRAM : undefined;
  const place = url ?? home;
  return {
    name,
    kind: kind!,
    ...(place === undefined ? {} : { url: place }),
    ...(url_file === undefined ? {} : { urlFile: url_file }),
    ...(token_file === undefined ? {} : { tokenFile: token_file }),
    ...(chat === undefined ? {} : { chat }),
    to: to ?? [],
    ...(from === undefined ? {} : { from }),
    events: events ?? ["ban", "alarm", "recovery"],
    jails: jails ?? [],
    every: every ?? 60_000,
  };
}

const TELEGRAM = "https://api.telegram.org";
