import { call } from "../control/mod.ts";
import { printable, printableJson } from "../printable.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { count } from "./render.ts";

/** `banjo reload [JAIL]` */
export const reload: Command = {
  name: "reload",
  operands: "[JAIL]",
  offers: "jails",
  summary: "Read the configuration anew; bans and counts stay",
  details: "With a faulty configuration the running one stays in force.",
  flags: { ...sharedFlags.runtime, ...sharedFlags.json },
  arity: [0, 1],
  async run(words) {
    const jail = words.operands[0];
    const result = await call(
      dirOf(words, "runtime"),
      "reload",
      jail === undefined ? {} : { jail },
    );
    if (words.has("json")) {
      console.log(printableJson(result));
    } else {
      for (const problem of result.problems) console.error(printable(problem));
      console.log(`Reloaded, ${count(result.jails, "jail")} running`);
    }
    return 0;
  },
};
