import { call } from "../control/mod.ts";
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
    "A network lifts the bans of all addresses in it. An id is given as `banjo bans` shows it: id:TEXT.",
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
    const lifted = await call(dirOf(words, "runtime"), "unban", {
      hosts: words.has("all") ? "all" : hosts,
    });
    for (const ban of lifted) {
      console.log(
        words.has("json")
          ? printableJson(ban)
          : `Unbanned ${printable(ban.host)} in ${printable(ban.jail)}`,
      );
    }
    if (lifted.length === 0 && !words.has("all")) console.error("None of these was banned.");
    return 0;
  },
};
