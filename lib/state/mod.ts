/** What the agent remembers over restarts and crashes, and how it reaches the disk. */
export type { Instant, Snapshot } from "./snapshot.ts";
export { readPlainFile, renameFile, replaceFile } from "./durable.ts";
export { type KnownOrders, type Order, OrderLog, type Replacement } from "./order_log.ts";
export { asideName, isLasting } from "./set_aside.ts";
export { StateError } from "./state_error.ts";
export type { HistoryPage, HistoryQuery } from "./search.ts";
export { type Report, ReportLog } from "./report_log.ts";
export { type Loaded, Store } from "./store.ts";
