/** What the dashboard knows: the bans of the last days, kept up with the agent, and how the agent is. */
import { type AgentReport, type EventPage, type EventPosition, read } from "../control/mod.ts";
import { SpareMemory } from "../heap.ts";
import { NameReader, type NameReaderJails, Past, summarise, type Summary } from "../report/mod.ts";

/** What is shown. */
export interface View {
  readonly summary: Summary;
  readonly status: AgentReport;
}

/** What a feed is made with. */
export interface FeedOptions {
  readonly runtimeDir: string;
  /** How far back it reaches, in milliseconds. */
  readonly span: number;
  /** The jails as they are configured now; asked again when the agent has read its configuration anew. */
  readJails(): Promise<NameReaderJails>;
}

/** So many bans are held at most: with hostile names of full length some 50 MB. */
const MOST_BANS = 100_000;

/** Nobody is asked more often than that, in milliseconds, however many look on. */
const REST = 3_000;

/** Figures are told to the minute, so that a page of the same minute with no news is the same page. In milliseconds. */
const MINUTE = 60_000;

/** Reads on from the agent when somebody looks. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #spare = new SpareMemory();
  #past: Past | undefined;
  #names: NameReader | undefined;
  #position: EventPosition | undefined;
  /** The last summary, as long as it holds. */
  #summary: Summary | undefined;
  #view: Promise<View> | undefined;
  #viewedAt = -Infinity;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** The present view. @throws {Unreachable} */
  view(): Promise<View> {
    if (this.#view === undefined || performance.now() - this.#viewedAt > REST) {
      this.#viewedAt = performance.now();
      // One after the other: a slow agent is not asked by all at once.
      this.#view = (this.#view ?? Promise.resolve()).catch(() => {}).then(() => this.#look());
    }
    return this.#view;
  }

  /** Something has changed: whoever looks next is shown it. */
  expire(): void {
    this.#viewedAt = -Infinity;
  }

  async #look(): Promise<View> {
    const { runtimeDir, span } = this.#options;
    const status = await read(runtimeDir, "status", {});
    const now = Math.ceil(Date.now() / MINUTE) * MINUTE;
    const past = await this.#readOn(now - span);
    if (this.#summary === undefined || Date.parse(this.#summary.to) !== now) {
      past.forgetBefore(now - span);
      this.#summary = summarise(past.bans, now - span, now, past.cutAt);
    }
    return { status, summary: this.#summary };
  }

  async #readOn(since: number): Promise<Past> {
    const { runtimeDir } = this.#options;
    this.#names ??= new NameReader(await this.#options.readJails());
    this.#past ??= new Past((...words) => this.#names!.namesIn(...words), MOST_BANS);
    for (;;) {
      const after = this.#position;
      const page: EventPage = await read(runtimeDir, "events", {
        since,
        ...(after === undefined ? {} : { after }),
      });
      if (after !== undefined && page.position.history < after.history) {
        // The agent has begun with another history.
        this.#past = this.#position = this.#summary = undefined;
        return await this.#readOn(since);
      }
      for (const event of page.events) {
        if (event.event === "ban" || event.event === "unban") {
          this.#past.take(event);
          this.#summary = undefined;
        } else if (event.event === "reload" || event.event === "start") {
          this.#names = new NameReader(await this.#options.readJails());
        }
      }
      this.#position = page.position;
      // Of a hundred thousand bans that come in, two hundred megabytes would be left over.
      this.#spare.check();
      if (page.isEnd) return this.#past;
    }
  }
}
