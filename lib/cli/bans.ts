import { call } from "../control/mod.ts";
import { printable } from "../printable.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { formatSpan, formatTime, table } from "./render.ts";

/** `banjo bans` */
export const bans: Command = {
  name: "bans",
  operands: "",
  summary: "List who is banned, since when and for how long",
  flags: {
    jail: { value: "JAIL", about: "only the bans of this jail" },
    ...sharedFlags.runtime,
    json: { about: "print one JSON object a line" },
  },
  arity: [0, 0],
  async run(words) {
    const jail = words.value("jail");
    const list = await call(dirOf(words, "runtime"), "bans", jail === undefined ? {} : { jail });
    if (words.has("json")) {
      for (const ban of list) console.log(JSON.stringify(ban));
      return 0;
    }
    if (list.length === 0) {
      console.log("Nobody is banned.");
      return 0;
    }
    const now = Date.now();
    console.log(table(
      [
        { head: "HOST" },
        { head: "JAIL" },
        { head: "SINCE" },
        { head: "LEFT" },
        { head: "FAILURES", align: "right" },
      ],
      list.map(({ host, enforceable, jail, since, until, failures }) => [
        enforceable ? host : `${printable(host)} (on record only)`,
        jail,
        formatTime(Date.parse(since)),
        until === null ? "for ever" : formatSpan(Date.parse(until) - now),
        failures,
      ]),
    ));
    return 0;
  },
};
