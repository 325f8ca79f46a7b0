import { call } from "../control/mod.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";

/** `banjo stop` */
export const stop: Command = {
  name: "stop",
  operands: "",
  summary: "End the running agent; bans stay in force unless on_stop says otherwise",
  flags: { ...sharedFlags.runtime },
  arity: [0, 0],
  async run(words) {
    await call(dirOf(words, "runtime"), "stop", {});
    console.log("Stopped.");
    return 0;
  },
};
