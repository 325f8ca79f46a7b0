import { type BanReport, call } from "../control/mod.ts";
import { readHostOrId } from "./ban.ts";
import { type Command, dirOf, sharedFlags, UsageError } from "./command.ts";
import { printable, printableJson } from "../printable.ts";

/** `banjo unban IP…|--all` */
export const unban: Command = {
  name: "unban",
  operands: "IP...|--all",
  offers: "banned",
  summary: "Lift bans, in every jail",
  details:
    "A network lifts the bans of all addresses in it. An address does not lift the ban of a wider network: which\n" +
    "one still keeps it out is told, and the exit code is 1. An id is given as `banjo bans` shows it: id:TEXT.",
  flags: {
    all: { about: "lift every ban" },
    ...sharedFlags.runtime,
    json: { about: "print each ban that was lifted as one JSON object a line" },
  },
  arity: [0, Infinity],
  async run(words) {
    if (words.has("all") === words.operands.length > 0) {
      throw new UsageError("Cannot run `banjo unban`: give addresses, or --all");
    }
    const hosts = words.operands.map(readHostOrId);
    const runtime = dirOf(words, "runtime");
    const lifted = await call(runtime, "unban", {
      hosts: words.has("all") ? "all" : hosts,
    });
    for (const ban of lifted) {
      console.log(
        words.has("json")
          ? printableJson(ban)
          : `Unbanned ${printable(ban.host)} in ${printable(ban.jail)}`,
      );
    }
    const kept = await widerBans(runtime, hosts);
    for (const { host, ban } of kept) {
      console.error(
        printable(`${host} is within ${ban.host}, which ${ban.jail} has banned: `) +
          `\`banjo unban ${ban.host}\` lifts that.`,
      );
    }
    if (lifted.length + kept.length === 0 && !words.has("all")) {
      console.error("None of these was banned.");
    }
    return kept.length === 0 ? 0 : 1;
  },
};

/** The bans of wider networks that still keep these hosts out. */
async function widerBans(runtime: string, hosts: readonly string[]) {
  const kept: { readonly host: string; readonly ban: BanReport }[] = [];
  for (const host of hosts) {
    for (const ban of await call(runtime, "bans", { covering: host })) {
      // Whoever is banned by himself has failed again just now.
      if (ban.host !== host) kept.push({ host, ban });
    }
  }
  return kept;
}
