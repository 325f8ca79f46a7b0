/** Brings the journal to the jails that want it: one reader for all, restarted whenever it ends. */
import { setTimeout as delay } from "node:timers/promises";
import { log } from "../log.ts";
import {
  type JournalEnd,
  type JournalEntry,
  type JournalPosition,
  JournalReader,
  type JournalStart,
  matchesGroups,
} from "../sources/mod.ts";
import { byFilter, type Pipeline, type Post, type Sharers } from "./pipeline.ts";

/** Where the journal is, if not where journalctl looks by itself. */
export interface JournalPlace {
  readonly directory?: string;
  readonly namespace?: string;
}

/** The waits before the reader is started again, in milliseconds: the last one serves all later tries. */
const BACKOFF = [1_000, 2_000, 5_000, 15_000, 60_000];
/** A reader that lived so long, in milliseconds, was well: its end counts as the first. */
const HEALTHY = 60_000;

/** What a feed tells its watch. */
export interface FeedListener {
  /** Something needs the administrator's attention; null: no longer. */
  onProblem(problem: string | null): void;
  /** Everything that was logged before the start has been dealt with. */
  onCaughtUp(): void;
  /** The state has changed. */
  onProgress(): void;
}

/** What the feed is made of. */
export interface JournalFeedOptions extends FeedListener {
  /** journald has dropped entries of a service that wrote too many: in its words, which service and how many. */
  onSuppressed(words: string): void;
  readonly pipeline: Pipeline;
  readonly posts: readonly Post[];
  readonly place: JournalPlace;
  readonly saved: JournalPosition | undefined;
  /** Whether a reader that ends is not started again. */
  readonly isReplay: boolean;
}

/** Follows the journal for all jails at once. */
export class JournalFeed {
  readonly #options: JournalFeedOptions;
  /** The last entry that any jail was given. */
  #last: JournalPosition | undefined;
  /**
   * Jails that had dealt with the journal up to the saved position, while newer jails are still being shown what
   * came before it.
   */
  readonly #waiting: Set<Post>;
  /** The jails, by the filters that they share. */
  readonly #readers: readonly Sharers[];

  constructor(options: JournalFeedOptions) {
    this.#options = options;
    this.#readers = byFilter(options.posts);
    this.#waiting = new Set(this.#startsBefore() ? options.posts.filter(hasHistory) : []);
    if (this.#waiting.size === 0) this.#last = options.saved;
  }

  /** Up to where all jails have dealt with the journal. */
  get position(): JournalPosition | undefined {
    if (this.#waiting.size > 0) return this.#options.saved;
    return this.#last && { cursor: this.#last.cursor, time: this.#last.time };
  }

  /** Reads until told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { posts, place, isReplay } = this.#options;
    let cursorIsGood = true;
    for (let failures = 0; !signal.aborted;) {
      const started = Date.now();
      const reader: JournalReader = new JournalReader({
        groups: [...posts.flatMap(({ settings }) => settings.journalmatch), ...SUPPRESSED],
        uptime: posts.some(({ filter }) => filter.definition.journalText === "syslog"),
        start: this.#start(cursorIsGood),
        onProblem: (text) => log.warn(`journalctl: ${text}`),
        ...place,
      });
      const end: JournalEnd = await reader.read(
        (entries) => this.#deal(entries),
        signal,
        () => this.#reportCaughtUp(),
      ).catch((error: Error) => ({ kind: "ended" as const, message: error.message }));
      if (signal.aborted) return;
      const problem = `The journal reader ended: ${end.message}`;
      this.#options.onProblem(problem);
      if (isReplay) return this.#reportCaughtUp();
      cursorIsGood = end.kind !== "bad-cursor";
      failures = Date.now() - started > HEALTHY ? 0 : failures;
      const wait = BACKOFF[Math.min(failures++, BACKOFF.length - 1)]!;
      log.warn(`${problem}; starting it again in ${wait / 1000} s`);
      await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  #reportCaughtUp(): void {
    this.#waiting.clear();
    if (!this.#options.isReplay) this.#options.onProblem(null);
    this.#options.onCaughtUp();
  }

  #start(cursorIsGood: boolean): JournalStart {
    if (this.#last === undefined) {
      return {
        kind: "since",
        time: Math.min(...this.#options.posts.map(({ firstTime }) => firstTime)),
      };
    }
    const { cursor, time } = this.#last;
    // Without a cursor a millisecond's entries cannot be told apart: better one too few than one counted twice.
    return cursorIsGood ? { kind: "cursor", cursor, time } : { kind: "since", time: time + 1 };
  }

  /** Whether a jail without history wants entries from before the saved position. */
  #startsBefore(): boolean {
    const { saved, posts } = this.#options;
    return saved !== undefined &&
      posts.some((post) => !hasHistory(post) && post.notBefore < saved.time);
  }

  #deal(entries: readonly JournalEntry[]): void {
    const { pipeline, saved, isReplay } = this.#options;
    const now = Date.now();
    for (const entry of entries) {
      if (matchesGroups(entry, SUPPRESSED) && (isReplay || entry.time > now - NEWS)) {
        this.#options.onSuppressed(entry.text);
      }
      if (this.#waiting.size > 0 && entry.time > saved!.time) this.#waiting.clear();
      for (const readers of this.#readers) {
        const [first] = readers;
        if (this.#waiting.has(first) || !matchesGroups(entry, first.settings.journalmatch)) {
          continue;
        }
        pipeline.read(readers, entry, now);
      }
      this.#last = entry;
      if (this.#waiting.size > 0 && entry.cursor === saved!.cursor) this.#waiting.clear();
    }
    this.#options.onProgress();
  }
}

/** That journald dropped entries is news for so long, in milliseconds. */
const NEWS = 3_600_000;

/**
 * What journald itself writes when it drops entries (RateLimitBurst in journald.conf(5); SD_MESSAGE_JOURNAL_DROPPED): under
 * a flood, attempts may go unseen. No client can set `_TRANSPORT`.
 */
const SUPPRESSED: readonly (readonly string[])[] = [
  ["MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e", "_TRANSPORT=driver"],
];

function hasHistory(post: Post): boolean {
  return post.notBefore === -Infinity;
}
