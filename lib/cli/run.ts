import { Agent } from "../agent/mod.ts";
import { log, startLog } from "../log.ts";
import { LESS, SENDMAIL } from "./programs.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";

/** `banjo run` */
export const run: Command = {
  name: "run",
  operands: "",
  summary: "Run the agent in the foreground: read logs, ban attackers",
  details: "SIGTERM and SIGINT end it, SIGHUP reads the configuration anew.",
  flags: { ...sharedFlags.config, ...sharedFlags.state, ...sharedFlags.runtime },
  arity: [0, 0],
  async run(words) {
    // The pager is for people, and mail for the relay.
    for (const command of [LESS, SENDMAIL]) {
      Deno.permissions.revokeSync({ name: "run", command });
    }
    startLog("info");
    const agent = await Agent.start({
      configDir: dirOf(words, "config"),
      stateDir: dirOf(words, "state"),
      runtimeDir: dirOf(words, "runtime"),
    });
    const stop = () => agent.stop();
    const reload = () =>
      void agent.reload().catch((error: Error) => log.error(`Reload failed: ${error.message}`));
    Deno.addSignalListener("SIGTERM", stop);
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGHUP", reload);
    await agent.stopped;
    return 0;
  },
};
