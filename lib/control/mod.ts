/** The sockets: how the command line and applications talk to the running agent. */
export * from "./protocol.ts";
export { call, read, report, unbanByToken, Unreachable } from "./client.ts";
export { lineOfReport, userOfReport } from "./report_line.ts";
export { serveReports } from "./report_server.ts";
export { serveControl, serveReading } from "./server.ts";
export { LineSocket } from "./socket.ts";
export { removeStaleSocket } from "./socket_file.ts";
export * from "./words.ts";
export { bansBySince } from "./bans_by_since.ts";
export { historyEvents } from "./history_events.ts";
