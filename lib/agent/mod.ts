/** The agent: filters, jails, sources, firewalls, state and control socket joined; and their replay of the past. */
export { Agent, type AgentDirs } from "./agent.ts";
export type { Observer } from "./pipeline.ts";
export { type Replay, replay, type ReplayOptions } from "./replay.ts";
