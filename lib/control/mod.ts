/** The control socket: how the command line talks to the running agent. */
export * from "./protocol.ts";
export { call, Unreachable } from "./client.ts";
export { ControlServer } from "./server.ts";
