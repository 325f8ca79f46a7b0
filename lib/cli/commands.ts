/** All commands of `banjo`. */
import type { Command } from "./command.ts";

/** In the order that help lists them. Each is loaded when it is wanted: `run` need not hold what the others use. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).run,
  status: async () => (await import("./status.ts")).status,
  top: async () => (await import("./top/top.ts")).top,
  bans: async () => (await import("./bans.ts")).bans,
  explain: async () => (await import("./explain.ts")).explain,
  history: async () => (await import("./history.ts")).history,
  events: async () => (await import("./events.ts")).events,
  report: async () => (await import("./report.ts")).report,
  dashboard: async () => (await import("./dashboard.ts")).dashboard,
  ban: async () => (await import("./ban.ts")).ban,
  unban: async () => (await import("./unban.ts")).unban,
  blocklist: async () => (await import("./blocklist.ts")).blocklist,
  attempt: async () => (await import("./attempt.ts")).attempt,
  reload: async () => (await import("./reload.ts")).reload,
  check: async () => (await import("./check.ts")).check,
  test: async () => (await import("./test.ts")).test,
  simulate: async () => (await import("./simulate.ts")).simulate,
  tune: async () => (await import("./tune.ts")).tune,
  "new-jail": async () => (await import("./new_jail.ts")).newJail,
  import: async () => (await import("./import.ts")).importCommand,
  metrics: async () => (await import("./metrics.ts")).metrics,
  relay: async () => (await import("./relay.ts")).relay,
  completions: async () => (await import("./completions.ts")).completions,
  stop: async () => (await import("./stop.ts")).stop,
  version: async () => (await import("./version.ts")).version,
};

/** All of them, for help and for what is made of it. */
export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}
