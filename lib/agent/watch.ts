/** The jails of one configuration at work: pipeline and feeds, from one saved instant to the next. */
import type { AgentSettings } from "../config/mod.ts";
import type { Failure, NamedFailure, Success } from "../filter/failure.ts";
import type { GivenUp } from "../filter/given_up.ts";
import type { Host } from "../address.ts";
import {
  BanMemory,
  type HostFacts,
  type JailEvent,
  type JailSettings,
  Trust,
} from "../jail/mod.ts";
import type { Instant } from "../state/mod.ts";
import { othersTurn } from "../others_turn.ts";
import { FileFeed } from "./file_feed.ts";
import { JournalFeed } from "./journal_feed.ts";
import { NameResolver } from "./names.ts";
import { type Observer, Pipeline, type Post } from "./pipeline.ts";

/** The state of an agent that has never run. */
export const freshState: Instant = { sources: { files: {} }, jails: {}, memory: {} };

/** What a watch is made of. */
export interface WatchOptions {
  readonly jails: readonly JailSettings[];
  readonly agent: AgentSettings;
  readonly saved: Instant;
  /** What is true of this host at the start. */
  readonly facts: HostFacts;
  /** When the saved state was true, in milliseconds since the epoch. */
  readonly savedAt: number;
  /** Where a jail without saved state begins, in milliseconds since the epoch. */
  firstTime(jail: JailSettings): number;
  /** The past only: a source that cannot be read counts as dealt with instead of being tried again. */
  readonly isReplay: boolean;
  onEvent(event: JailEvent): void;
  /** Lines took a pattern of the jail's filter too long. */
  onGivenUp(lines: GivenUp, jail: JailSettings): void;
  /** Something about a source needs attention; null: no longer. */
  onProblem(source: "journal" | "journald" | "files", problem: string | null): void;
  /** The state has changed. */
  onProgress(): void;
  readonly observer?: Observer | undefined;
}

/** How often, in milliseconds, time is told to the jails: a ban in ufw ends so late at most. */
const TICK = 1_000;

/** So many bans of a jail end at one go: in some ten milliseconds. */
const MOST_ENDS = 200;

/** Watches the logs for a set of jails until it is ended. Changed settings take a new watch with the old one's state. */
export class Watch {
  readonly pipeline: Pipeline;
  /** Resolves when all that was logged before the start has been dealt with. */
  readonly caughtUp: Promise<void>;
  readonly #memory: BanMemory;
  readonly #trust: Trust;
  /** Logins count for no longer, in milliseconds. */
  readonly #trustLasts: number;
  readonly #saved: Instant["sources"];
  readonly #journal: JournalFeed | undefined;
  readonly #files: FileFeed | undefined;
  readonly #names = new NameResolver();
  readonly #ending = new AbortController();
  /** Jails whose sources still hold what was logged before the start: their clock is the log, not ours. */
  readonly #behind = { journal: new Set<Post>(), files: new Set<Post>() };
  readonly #caughtUp = Promise.withResolvers<void>();
  #running: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isTicking = false;

  /** Nothing that lasts holds what was saved: it is as large as all that the jails know of hosts. */
  constructor({ saved, ...options }: WatchOptions) {
    const { jails, agent, isReplay } = options;
    this.caughtUp = this.#caughtUp.promise;
    this.#memory = new BanMemory(saved.memory);
    this.#trust = new Trust(jails, saved.logins);
    this.#trustLasts = Math.max(...jails.map(({ trustLogins }) => trustLogins));
    this.#saved = saved.sources;
    this.pipeline = new Pipeline({
      jails,
      saved: saved.jails,
      savedAt: options.savedAt,
      memory: this.#memory,
      trust: this.#trust,
      facts: options.facts,
      isLive: !isReplay,
      firstTime: options.firstTime,
      onEvent: (event) => {
        this.#tickOnTime();
        options.onEvent(event);
      },
      onGivenUp: (lines, jail) => options.onGivenUp(lines, jail),
      onNamed: (failure, jail) => void this.#resolve(failure, jail),
      observer: options.observer,
    });
    const posts = [...this.pipeline.posts.values()];
    const fromJournal = posts.filter(({ settings }) => settings.journalmatch.length > 0);
    const fromFiles = posts.filter(({ settings }) => settings.files.length > 0);
    if (fromJournal.length > 0) {
      this.#journal = new JournalFeed({
        pipeline: this.pipeline,
        posts: fromJournal,
        place: agent.journal,
        saved: saved.sources.journal,
        isReplay,
        onSuppressed: (words) =>
          options.onProblem("journald", `journald: ${words}: attempts may have gone unseen`),
        ...this.#listenerFor("journal", fromJournal, options),
      });
    }
    if (fromFiles.length > 0) {
      this.#files = new FileFeed({
        pipeline: this.pipeline,
        posts: fromFiles,
        saved: saved.sources.files,
        ...this.#listenerFor("files", fromFiles, options),
      });
    }
  }

  /** Begins to read. */
  start(): void {
    const { signal } = this.#ending;
    this.#tickOnTime();
    if (this.#journal === undefined && this.#files === undefined) this.#caughtUp.resolve();
    this.#running = Promise.all([this.#journal?.run(signal), this.#files?.run(signal)]);
  }

  /** Tells what is true of this host now, and who is logged in. */
  tell(facts: HostFacts, sessions: readonly Host[], now: number): void {
    this.#trust.setSessions(sessions);
    this.#trust.sweep(now - this.#trustLasts);
    this.pipeline.setFacts(facts, now);
  }

  /** What an application says; nothing where that jail does not run. */
  report(jail: string, finding: Failure | Success): void {
    const post = this.pipeline.posts.get(jail);
    if (post === undefined) return;
    this.pipeline.report(post, finding);
    this.#tickOnTime();
  }

  /**
   * Lets bans run out that end by `now`, of each jail so many at most; gives whether there may be more. A jail that is still
   * catching up goes by its log's time.
   */
  tick(now: number, most = Infinity): boolean {
    let isMore = false;
    for (const post of this.pipeline.posts.values()) {
      const isBehind = this.#behind.journal.has(post) || this.#behind.files.has(post);
      const ended = this.pipeline.tick(post, isBehind ? post.clock : now, most);
      isMore ||= ended.length >= most;
    }
    return isMore;
  }

  /** Tells the time for as long as something waits for it: a quiet server is left asleep. */
  #tickOnTime(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer ??= setInterval(() => void this.#tickAll(), TICK);
  }

  /** A botnet that was banned within seconds is let go within seconds: to tell of all at one go took as long. */
  async #tickAll(): Promise<void> {
    if (this.#isTicking) return;
    this.#isTicking = true;
    while (this.tick(Date.now(), MOST_ENDS)) {
      await othersTurn();
      if (this.#ending.signal.aborted) break;
    }
    this.#isTicking = false;
    if ([...this.pipeline.posts.values()].every(({ jail }) => jail.isQuiet)) this.#stopTicking();
  }

  #stopTicking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Stops reading; resolves when no source delivers any more. */
  async end(): Promise<void> {
    this.#stopTicking();
    this.#ending.abort();
    await this.#running;
  }

  /** Up to where the sources have been dealt with. */
  get position(): Instant["sources"] {
    const journal = this.#journal === undefined ? this.#saved.journal : this.#journal.position;
    // A jail that rests goes on where it was, in the files that nobody else reads.
    const isAnyResting = this.pipeline.posts.values().some(({ settings }) => !settings.enabled);
    const files = this.#files?.positions ?? this.#saved.files;
    return {
      ...(journal === undefined ? {} : { journal }),
      files: isAnyResting ? { ...this.#saved.files, ...files } : files,
    };
  }

  /** Patterns of log files that lead to nothing now. */
  get missing(): readonly string[] {
    return this.#files?.missing ?? [];
  }

  /** How much there is to save: the hosts that the jails remember, as often as they do. */
  get size(): number {
    return this.pipeline.posts.values().reduce(
      (sum, { jail }) => sum + jail.size,
      this.#memory.size,
    );
  }

  /** The state of this instant. */
  save(): Instant {
    return {
      sources: this.position,
      jails: this.pipeline.save(),
      memory: this.#memory.save(),
      logins: this.#trust.save(),
    };
  }

  #listenerFor(
    source: "journal" | "files",
    posts: readonly Post[],
    options: Pick<WatchOptions, "onProblem" | "onProgress">,
  ) {
    const behind = this.#behind[source];
    for (const post of posts) behind.add(post);
    return {
      onProblem: (problem: string | null) => options.onProblem(source, problem),
      onProgress: () => {
        this.#tickOnTime();
        options.onProgress();
      },
      onCaughtUp: () => {
        behind.clear();
        if (this.#behind.journal.size + this.#behind.files.size === 0) this.#caughtUp.resolve();
      },
    };
  }

  async #resolve(failure: NamedFailure, jail: JailSettings): Promise<void> {
    const { name, ...rest } = failure;
    for (const host of await this.#names.resolve(name, failure.time)) {
      const post = this.pipeline.posts.get(jail.name);
      if (post !== undefined) this.pipeline.report(post, { ...rest, kind: "failure", host });
    }
  }
}
