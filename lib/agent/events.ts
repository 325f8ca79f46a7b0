/** What happened, for those who follow it: bans by the history, and notices that stand in no history. */
import type {
  AlarmReport,
  EventPage,
  EventPosition,
  EventQuery,
  RunReport,
} from "../control/mod.ts";
import type { HistoryPage, HistoryQuery } from "../state/mod.ts";

/** So many notices are kept for those who come back. */
const MOST_NOTICES = 100;
/** Whoever waits for events hears after so long, in milliseconds, that there were none. */
const LONGEST_WAIT = 25_000;

/** What is told once and is in no history. */
export type Notice = AlarmReport | RunReport;

/** What of the store is needed: the part of the history that no crash takes back. */
export interface SavedHistory {
  readonly savedLength: number;
  searchSaved(
    query: HistoryQuery,
    from: number,
  ): Promise<HistoryPage & { readonly end: number }>;
}

/** Gives events to whoever asks, at his own pace: of those who do not ask nothing is kept. */
export class Events {
  /** Notices of an earlier agent have nothing to do with ours. */
  readonly #agent = crypto.randomUUID();
  readonly #history: SavedHistory;
  #notices: Notice[] = [];
  /** How many notices there ever were. */
  #count = 0;
  #seenLength = 0;
  #news = Promise.withResolvers<void>();

  constructor(history: SavedHistory) {
    this.#history = history;
  }

  /** Something happened that is in no history. */
  add(notice: Notice): void {
    this.#notices.push(notice);
    if (this.#notices.length > MOST_NOTICES) this.#notices.shift();
    this.#count++;
    this.#wake();
  }

  /** The history may have more that no crash takes back. */
  saved(): void {
    if (this.#history.savedLength === this.#seenLength) return;
    this.#seenLength = this.#history.savedLength;
    this.#wake();
  }

  /** The events that are wanted; where there are none yet, and the asker waits, once there are. */
  async read({ after, since, wait }: EventQuery): Promise<EventPage> {
    const from = after ?? (since === undefined ? this.#now() : this.#beginning());
    const news = this.#news.promise;
    const page = await this.#pageFrom(from, since);
    if (wait !== true || page.events.length > 0 || !page.isEnd) return page;
    await withLimit(news, LONGEST_WAIT);
    return await this.#pageFrom(page.position, since);
  }

  /** Lets go of all who wait. */
  end(): void {
    this.#wake();
  }

  async #pageFrom({ history, agent, notices }: EventPosition, since?: number): Promise<EventPage> {
    // Somebody may have cut the history meanwhile.
    const from = Math.min(history, this.#history.savedLength);
    const known = agent === this.#agent ? Math.min(notices, this.#count) : 0;
    const fresh = this.#notices.slice(
      Math.max(0, this.#notices.length - (this.#count - known)),
    ).filter(({ time }) => since === undefined || Date.parse(time) >= since);
    const count = this.#count;
    const query = since === undefined ? {} : { since };
    const { events, next, end } = await this.#history.searchSaved(query, from);
    const { describeEvent } = await import("./explain.ts");
    return {
      events: [...events.map(describeEvent), ...fresh].sort((a, b) =>
        a.time < b.time ? -1 : a.time > b.time ? 1 : 0
      ),
      position: { history: next ?? end, agent: this.#agent, notices: count },
      isEnd: next === null,
    };
  }

  #now(): EventPosition {
    return { history: this.#history.savedLength, agent: this.#agent, notices: this.#count };
  }

  #beginning(): EventPosition {
    return { history: 0, agent: this.#agent, notices: 0 };
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

async function withLimit(promise: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
