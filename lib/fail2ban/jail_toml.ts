import * as v from "valibot";
import { ignored } from "../config/mod.ts";
import type { Enforcement } from "./actions.ts";
import { printDuration, readDuration } from "./durations.ts";
import { journalmatchOf } from "./filter_toml.ts";
import { growthOf } from "./growth.ts";
import { isTrue, type JailOptions, type ResolvedJail } from "./jail_conf.ts";
import type { Note } from "./note.ts";
import { ConfError, type Place, type Value } from "./place.ts";
import type { Entry, TomlValue } from "../toml_text.ts";

/** Keys of a jail, or of `[defaults]`, in banjo's terms. */
export interface ConvertedSettings {
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
}

/** What conversion asks of the machine and of fail2ban's own settings. */
export interface Surroundings {
  /** How long fail2ban remembers a ban, as a duration. */
  readonly purge: string;
  /** Where fail2ban logs to: a path, or a word such as SYSLOG. */
  readonly logtarget: string;
  /** Whether any log file that a path or glob means is on this machine. */
  readonly hasFile: (path: string) => boolean;
}

/**
 * The settings that `[defaults]` can have for all jails, from the options of `[DEFAULT]` or of a jail.
 *
 * @throws {ConfError} where a value makes no sense.
 */
export function convertCommon(
  options: JailOptions,
  { firewall }: Pick<Enforcement, "firewall">,
  { purge }: Surroundings,
): ConvertedSettings {
  const notes: Note[] = [];
  const growth = growthOf(options, purge);
  const entries: Entry[] = [
    ...or("maxretry", 3, number("maxretry", options, notes)),
    ...or("findtime", "10m", duration("findtime", options, notes)),
    ...or("bantime", "10m", duration("bantime", options, notes)),
    { key: "bantime_increment", value: growth.increment as TomlValue },
    { key: "ignoreip", value: networksOf(options.get("ignoreip"), notes) },
    {
      key: "ignoreself",
      value: options.has("ignoreself") ? isTrue(options.get("ignoreself")!) : true,
    },
    { key: "firewall", value: firewall },
    ...text("logtimezone", options),
  ];
  noteUnsupported(options, notes);
  return { entries, notes: [...notes, ...growth.notes] };
}

/**
 * Whether a jail reads in fail2ban's log whom the other jails banned, which banjo's jails know without a log. Other logs that
 * such a jail reads come from another machine's fail2ban.
 */
export function countsBans(
  filter: string,
  options: JailOptions,
  { logtarget }: Surroundings,
): boolean {
  if (filter !== "recidive") return false;
  const logs = options.get("logpath")?.text ?? "";
  const isElsewhere = logtarget.startsWith("/") && !isJournal(options) &&
    !logs.includes(logtarget) && !logs.includes("fail2ban.log");
  return !isElsewhere;
}

/** What of a jail is its own: what it reads, and what its bans close. */
export function convertOwn(
  { place, options, filter }: ResolvedJail,
  { ports, protocol }: Enforcement,
  surroundings: Surroundings,
): ConvertedSettings {
  const notes: Note[] = [];
  const { hasFile } = surroundings;
  const source = countsBans(filter!.name, options, surroundings)
    ? bansOfOthers(options)
    : isJournal(options)
    ? journal(filter!.resolved.journalmatch, options, place, notes)
    : files(filter!.resolved.journalmatch, options, place, hasFile, notes);
  const maxmatches = options.get("maxmatches")?.text.trim();
  const entries: Entry[] = [
    ...source,
    { key: "ports", value: ports },
    { key: "protocol", value: protocol },
    ...maxmatches === undefined || maxmatches === options.get("maxretry")?.text.trim()
      ? []
      : number("maxmatches", options, notes),
  ];
  return { entries, notes };
}

function isJournal(options: JailOptions): boolean {
  return options.get("backend")?.text.trim().startsWith("systemd") === true;
}

/** fail2ban's own log tells of bans there; banjo's jails hear of each other's bans without a log. */
function bansOfOthers(options: JailOptions): Entry[] {
  const path = options.get("logpath")?.text ?? "fail2ban's log";
  return [{
    key: "banned_by",
    value: ["*"],
    comments: [`It read ${path}. banjo's jails count each other's bans without a log.`],
  }];
}

/** Everything that any program writes: journald itself sets the field. */
const WHOLE_JOURNAL = ["journal", "syslog", "stdout", "kernel", "audit", "driver"]
  .map((transport) => `_TRANSPORT=${transport}`);

function journal(
  matches: readonly (readonly string[])[],
  options: JailOptions,
  place: Place,
  notes: Note[],
): Entry[] {
  const backend = options.get("backend")!;
  if (backend.text.includes("[")) {
    notes.push({
      place: backend.place,
      message: `the journal that \`${backend.text.trim()}\` names did not come over`,
      advice: "name it in banjo.toml: [agent] journal = { directory = ... } or { namespace = ... }",
    });
  }
  if (matches.length > 0) return [{ key: "journalmatch", value: journalmatchOf(matches) }];
  notes.push({
    place,
    message: "the filter has no journalmatch, so the jail reads the whole journal, as before",
    advice: 'name the service: journalmatch = ["_SYSTEMD_UNIT=NAME.service"]',
  });
  return [{ key: "journalmatch", value: WHOLE_JOURNAL }];
}

function files(
  matches: readonly (readonly string[])[],
  options: JailOptions,
  place: Place,
  hasFile: (path: string) => boolean,
  notes: Note[],
): Entry[] {
  const logpath = options.get("logpath");
  const lines = (logpath?.text ?? "").split("\n").filter((line) => line.trim() !== "");
  const paths = lines.map((line) => line.replace(/ (?:head|tail)\s*$/, ""));
  const wrong = paths.find((path) => !path.startsWith("/"));
  if (wrong !== undefined) {
    throw new ConfError(logpath!.place, `a log's path must be absolute: received ${wrong}`);
  }
  if (matches.length > 0 && !paths.some(hasFile)) {
    if (paths.length > 0) {
      notes.push({
        place: logpath!.place,
        message: `${
          paths.join(" and ")
        } is not on this machine: the jail reads the journal instead`,
        advice: `if there will be such a file, write files = ${JSON.stringify(paths)}`,
      });
    }
    return [{ key: "journalmatch", value: journalmatchOf(matches) }];
  }
  if (paths.length === 0) {
    throw new ConfError(place, "the jail has no `logpath`, and reads no journal: give it one");
  }
  return [{ key: "files", value: paths }];
}

function networksOf(value: Value | undefined, notes: Note[]): string[] {
  const words = (value?.text ?? "").split(/[\s,]+/).filter((word) => word !== "");
  return words.flatMap((word) => {
    if (v.is(ignored, word)) return [word];
    notes.push({
      place: value!.place,
      message: `${
        JSON.stringify(word)
      } in ignoreip is no address, network, host name or file, and was left out`,
      advice: "write what it stands for",
    });
    return [];
  });
}

function noteUnsupported(options: JailOptions, notes: Note[]): void {
  const command = options.get("ignorecommand");
  if (command !== undefined && command.text.trim() !== "") {
    notes.push({
      place: command.place,
      message: `the ignorecommand did not come over, so it protects no one: ${command.text.trim()}`,
      advice: "put those it protects into `ignoreip`",
    });
  }
  const encoding = options.get("logencoding");
  if (encoding !== undefined && !/^(?:auto|utf-?8|us-ascii|ascii)$/i.test(encoding.text.trim())) {
    notes.push({
      place: encoding.place,
      message: `banjo reads logs as UTF-8, not as ${encoding.text.trim()}`,
      advice: "make sure that the patterns hold for lines with letters beyond ASCII",
    });
  }
}

/** What fail2ban itself takes where its configuration does not say. */
function or(key: string, value: TomlValue, entries: Entry[]): Entry[] {
  return entries.length > 0 ? entries : [{ key, value }];
}

function number(key: string, options: JailOptions, notes: Note[]): Entry[] {
  const value = options.get(key);
  if (value === undefined || value.text.trim() === "") return [];
  const [, text = "", remark = ""] = /^([^#]*)(#.*)?$/s.exec(value.text)!;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) {
    if (remark !== "") {
      notes.push({
        place: value.place,
        message:
          `fail2ban reads \`${key} = ${value.text}\` as no number, and takes its own default`,
        advice: `set \`${key}\` to what it is to be: it is ${number} now`,
      });
    }
    return [{ key, value: number }];
  }
  throw new ConfError(
    value.place,
    `\`${key}\` is no whole number of at least 1: received ${value.text}`,
  );
}

function duration(key: string, options: JailOptions, notes: Note[]): Entry[] {
  const value = options.get(key);
  if (value === undefined || value.text.trim() === "") return [];
  const length = readDuration(value);
  if (length === 0) {
    throw new ConfError(
      value.place,
      `\`${key}\` must be longer than nothing: received ${value.text.trim()}`,
    );
  }
  if (key === "findtime" && length === Infinity) {
    notes.push({
      place: value.place,
      message: "banjo cannot count failures together for ever: they count for a year",
      advice: "choose a `findtime`",
    });
    return [{ key, value: "1y" }];
  }
  return [{ key, value: printDuration(value) }];
}

function text(key: string, options: JailOptions): Entry[] {
  const value = options.get(key)?.text.trim() ?? "";
  return value === "" ? [] : [{ key, value }];
}
