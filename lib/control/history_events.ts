import { call } from "./client.ts";
import type { HistoryReport, Methods } from "./protocol.ts";

/** What of the history is asked for, page by page. */
type Query = Omit<Methods["history"]["params"], "from">;

/** The events of the past that are asked for, in the order in which they were decided. */
export async function* historyEvents(
  runtimeDir: string,
  query: Query,
): AsyncIterable<HistoryReport> {
  for (let from: number | null = 0; from !== null;) {
    const page: Methods["history"]["result"] = await call(runtimeDir, "history", {
      ...query,
      from,
    });
    yield* page.events;
    from = page.next;
  }
}
