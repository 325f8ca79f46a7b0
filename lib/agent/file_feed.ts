/** Brings log files to the jails that want them: each file is read once, however many jails watch it. */
import { Sieve } from "../filter/sieve.ts";
import { log } from "../log.ts";
import { type FilePosition, FileSource, matchesGlob } from "../sources/mod.ts";
import type { FeedListener } from "./journal_feed.ts";
import { byFilter, type Pipeline, type Post, type Sharers } from "./pipeline.ts";

/** What the feed is made of. */
export interface FileFeedOptions extends FeedListener {
  readonly pipeline: Pipeline;
  readonly posts: readonly Post[];
  readonly saved: Readonly<Record<string, FilePosition>>;
}

/** Follows all jails' log files. */
export class FileFeed {
  readonly #options: FileFeedOptions;
  readonly #source: FileSource;
  readonly #readers = new Map<string, Readers>();
  /** By the names of the jails: a pattern may stand for thousands of files. */
  readonly #teams = new Map<string, Readers>();

  constructor(options: FileFeedOptions) {
    this.#options = options;
    this.#source = new FileSource({
      patterns: [...new Set(options.posts.flatMap(({ settings }) => settings.files))],
      positions: options.saved,
      startTime: (path) =>
        Math.min(...this.#readersOf(path).sharers.flat().map(({ firstTime }) => firstTime)),
      dateOf: (path, line) => this.#dateOf(path, line),
      onProblem: (text) => {
        log.warn(text);
        options.onProblem(this.#source.problems.join("; ") || null);
      },
      onCaughtUp: () => options.onCaughtUp(),
    });
  }

  /** Up to where each file has been dealt with. */
  get positions(): Readonly<Record<string, FilePosition>> {
    return this.#source.positions();
  }

  /** Reads until told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#source.run((path, block) => this.#deal(path, block), signal);
  }

  #deal(path: string, block: Uint8Array): void {
    const now = Date.now();
    const { sharers, sieve } = this.#readersOf(path);
    const candidates = sieve.sift(block);
    sharers.forEach((posts, i) => this.#options.pipeline.scan(posts, candidates[i]!, now));
    this.#options.onProgress();
  }

  /** When a line was logged, by the first jail that can tell. */
  #dateOf(path: string, line: string): number | undefined {
    for (const [{ filter }] of this.#readersOf(path).sharers) {
      const date = filter.dateOf(line, Date.now());
      if (date !== undefined) return date;
    }
    return undefined;
  }

  #readersOf(path: string): Readers {
    let readers = this.#readers.get(path);
    if (readers === undefined) {
      readers = this.#team(
        this.#options.posts.filter(({ settings }) =>
          settings.files.some((pattern) => matchesGlob(path, pattern))
        ),
      );
      this.#readers.set(path, readers);
    }
    return readers;
  }

  #team(posts: readonly Post[]): Readers {
    const names = posts.map(({ settings }) => settings.name).join(" ");
    let team = this.#teams.get(names);
    if (team === undefined) {
      const sharers = byFilter(posts);
      team = { sharers, sieve: new Sieve(sharers.map(([{ filter }]) => filter.prefilter)) };
      this.#teams.set(names, team);
    }
    return team;
  }
}

/** The jails that read a file, by the filters that they share, and what finds the lines for these filters. */
interface Readers {
  readonly sharers: readonly Sharers[];
  readonly sieve: Sieve;
}
