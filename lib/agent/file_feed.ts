/** Brings log files to the jails that want them: each file is read once, however many jails watch it. */
import { decodeLines } from "../decode_lines.ts";
import { Sieve } from "../filter/sieve.ts";
import { log } from "../log.ts";
import { type FilePosition, FileSource, matchesGlob } from "../sources/mod.ts";
import type { FeedListener } from "./journal_feed.ts";
import { LateDates } from "./late_dates.ts";
import { byFilter, type Pipeline, type Post, type Sharers } from "./pipeline.ts";

const NEWLINE = 0x0a;

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
  /** By the paths that lead to a file. */
  readonly #readers = new Map<string, Readers>();
  /** By the names of the jails: a pattern may stand for thousands of files. */
  readonly #teams = new Map<string, Readers>();
  readonly #lateDates = new LateDates();

  constructor(options: FileFeedOptions) {
    this.#options = options;
    this.#source = new FileSource({
      patterns: [...new Set(options.posts.flatMap(({ settings }) => settings.files))],
      positions: options.saved,
      startTime: (path) =>
        Math.min(...this.#readersOf([path]).sharers.flat().map(({ firstTime }) => firstTime)),
      dateOf: (path, line) => this.#dateOf(path, line),
      onProblem: (text) => {
        log.warn(text);
        this.#tellProblems();
      },
      onCaughtUp: () => {
        if (this.missing.length > 0) log.info(`No such log yet: ${this.missing.join(", ")}`);
        options.onCaughtUp();
      },
    });
  }

  /** Up to where each file has been dealt with. */
  get positions(): Readonly<Record<string, FilePosition>> {
    return this.#source.positions();
  }

  /** Patterns of the jails' files that lead to nothing now. */
  get missing(): readonly string[] {
    return this.#source.missing;
  }

  /** Reads until told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#source.run((paths, block) => this.#deal(paths, block), signal);
  }

  #deal(paths: readonly string[], block: Uint8Array): void {
    const now = Date.now();
    const { sharers, sieve } = this.#readersOf(paths);
    const candidates = sieve.sift(block);
    sharers.forEach((posts, i) => this.#options.pipeline.scan(posts, candidates[i]!, now));
    this.#options.onProgress();
    const [path] = paths;
    if (this.#lateDates.isDue(path!, now)) this.#lookAtDate(path!, block, now);
  }

  /** Whether the log's dates run with the clock. */
  #lookAtDate(path: string, block: Uint8Array, now: number): void {
    const lastLine = block.subarray(block.lastIndexOf(NEWLINE, -2) + 1);
    const date = this.#dateOf(path, decodeLines(lastLine).trimEnd());
    if (!this.#lateDates.look(path, date, now)) return;
    for (const problem of this.#lateDates.problems) log.warn(problem);
    this.#tellProblems();
  }

  #tellProblems(): void {
    const problems = [...this.#source.problems, ...this.#lateDates.problems];
    this.#options.onProblem(problems.join("; ") || null);
  }

  /** When a line was logged, by the first jail that can tell. */
  #dateOf(path: string, line: string): number | undefined {
    for (const [{ filter }] of this.#readersOf([path]).sharers) {
      const date = filter.dateOf(line, Date.now());
      if (date !== undefined) return date;
    }
    return undefined;
  }

  #readersOf(paths: readonly string[]): Readers {
    const key = paths.join("\0");
    let readers = this.#readers.get(key);
    if (readers === undefined) {
      readers = this.#team(
        this.#options.posts.filter(({ settings }) =>
          settings.files.some((pattern) => paths.some((path) => matchesGlob(path, pattern)))
        ),
      );
      this.#readers.set(key, readers);
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
