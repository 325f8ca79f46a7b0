import { isAddress, parseNetwork } from "../address.ts";
import { parseDuration } from "../config/duration.ts";
import { call } from "../control/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError } from "./command.ts";
import { formatTime } from "./render.ts";
import { printableJson } from "../printable.ts";

/** `banjo ban IP…` */
export const ban: Command = {
  name: "ban",
  operands: "IP...",
  summary: "Ban addresses or networks by hand",
  details: "Without --jail an address is banned from all ports, in the jail `manual`.",
  flags: {
    jail: {
      value: "JAIL",
      offers: "jails",
      about: "ban as this jail would: its ports, its bantime",
    },
    for: { value: "DURATION", about: "how long, such as 10m, 1d or forever" },
    force: { about: "ban even who is never banned: in ignoreip, logged in, very wide networks" },
    ...sharedFlags.runtime,
    json: { about: "print each ban as one JSON object a line" },
  },
  arity: [1, Infinity],
  async run(words) {
    const jail = words.value("jail");
    const span = words.value("for");
    const made = await call(dirOf(words, "runtime"), "ban", {
      hosts: words.operands.map(readHost),
      ...(jail === undefined ? {} : { jail }),
      ...(span === undefined ? {} : { for: readSpan(span) }),
      ...(words.has("force") ? { force: true } : {}),
    });
    for (const ban of made) {
      console.log(
        words.has("json")
          ? printableJson(ban)
          : `Banned ${ban.host} in ${ban.jail} ${
            ban.until === null ? "for ever" : `until ${formatTime(Date.parse(ban.until))}`
          }`,
      );
    }
    return 0;
  },
};

/** A host: an address, a network, or an id as `banjo bans` shows it. @throws {UsageError} where the word is none. */
export function readHostOrId(word: string): string {
  return isAddress(word) ? readHost(word) : word;
}

/** @throws {UsageError} where the word is no address and no network. */
export function readHost(word: string): string {
  const host = parseNetwork(word);
  if (host === undefined) {
    throw new UsageError(
      `Cannot read ${
        JSON.stringify(word)
      }: give an address such as 192.0.2.7, or a network such as 192.0.2.0/24`,
    );
  }
  return host;
}

function readSpan(word: string): number | null {
  let span: number;
  try {
    span = parseDuration(word);
  } catch (error) {
    throw new UsageError(`Cannot read --for: ${(error as Error).message}`);
  }
  if (span === 0) {
    throw new UsageError("Cannot read --for: expected a duration longer than nothing");
  }
  return span === Infinity ? null : span;
}
