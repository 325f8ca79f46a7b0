import { type FirstStart, Follower, type Others } from "./follower.ts";
import { FolderWatch } from "./folder_watch.ts";
import { othersTurn } from "../others_turn.ts";
import { expandGlob, folderOf, matchesGlob } from "./glob.ts";
import { type FileIdentity, identify, isSameFile } from "./identity.ts";
import { Pace } from "./pace.ts";
import type { FilePosition } from "./position.ts";
import { isClosedToOthers } from "./closed_folder.ts";

/** Which files are followed, and from where. */
export interface FileOptions {
  /** Paths and patterns with `*`, `?`, `[]` and `**`. */
  readonly patterns: readonly string[];
  /** Where reading of a path went to in an earlier run. */
  readonly positions: Readonly<Record<string, FilePosition>>;
  /**
   * The time, in milliseconds since the epoch, from which on the lines matter of a file that is there at the start
   * without a position; -Infinity: from the beginning. A file that appears later is always read from its beginning.
   */
  startTime(path: string): number;
  /** When a line was logged, in milliseconds since the epoch; undefined where it tells no date. */
  dateOf(path: string, line: string): number | undefined;
  /** How often files are looked at without being told of a change, in milliseconds. Default: 10 s. */
  readonly pollInterval?: number;
  /** Is told, once each, what keeps a file from being read, and that it can be read again. */
  readonly onProblem?: (text: string) => void;
  /** Is told once that everything there was at the start has been delivered. */
  readonly onCaughtUp?: () => void;
}

/**
 * Takes whole lines, each ending in `\n`, of a file that one or several followed paths lead to; the bytes are only good
 * until the call returns. The position counts as moved on as soon as the call returns: what is saved together with
 * positions must be changed before the first `await`. If it throws, nothing has moved.
 */
export type DeliverLines = (
  paths: readonly string[],
  block: Uint8Array,
) => void | Promise<void>;

/**
 * Follows log files through rotation, truncation, deletion and new files, and delivers each whole line once, however many
 * paths lead to it. Told of changes by inotify; a slow poll sees what inotify does not tell (network file systems). Where
 * others may write in a folder, its files are looked at every second instead. A file that is missing or may not be
 * read ends nothing: it is looked for again.
 */
export class FileSource {
  readonly #options: FileOptions;
  readonly #followers = new Map<string, Follower>();
  readonly #watch = new FolderWatch((event) => {
    if (event.kind === "rearranged") this.#mustScan = true;
    else for (const path of event.paths) this.#markModified(path);
    this.#wake.resolve();
  });
  /** Followers with something to read, and by which absolute paths events name their files. */
  readonly #dirty = new Set<Follower>();
  #byEventPath = new Map<string, Follower[]>();
  readonly #problems = new Map<string, string>();
  #missing: readonly string[] = [];
  #mustScan = true;
  /** Whether changes are told in all folders. */
  #isTold = true;
  /** How long the last look at everything took, in milliseconds. */
  #scanTook = 0;
  #isFirstScan = true;
  #wake = Promise.withResolvers<void>();
  readonly #pace = new Pace();
  #cutLines = 0;

  /** @throws {SyntaxError} where a pattern is none. */
  constructor(options: FileOptions) {
    this.#options = options;
    for (const pattern of options.patterns) matchesGlob("", pattern);
    const paths = options.patterns.flatMap((pattern) => expandGlob(pattern).paths);
    const saved = Object.entries(options.positions).filter(([path]) => this.#isWanted(path));
    for (const [path, position] of afterRenames(saved, paths)) {
      this.#follow(path, position, BEGINNING);
    }
  }

  /** Up to where each path's lines have been delivered. */
  positions(): Record<string, FilePosition> {
    const positions: Record<string, FilePosition> = {};
    for (const [path, { position }] of this.#followers) {
      if (position !== undefined) positions[path] = position;
    }
    return positions;
  }

  /** Patterns that led to nothing when everything was last looked at. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** How many lines were delivered without their end, because they were too long. */
  get cutLines(): number {
    return this.#cutLines;
  }

  /**
   * Delivers lines until the signal aborts. What `deliver` throws ends it, and is thrown on; it can be run again then,
   * and goes on where it was.
   */
  async run(deliver: DeliverLines, signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake.resolve();
    signal.addEventListener("abort", wake);
    try {
      let isCaughtUp = false;
      while (!signal.aborted) {
        this.#wake = Promise.withResolvers();
        if (this.#mustScan) await this.#scan();
        await this.#deliverAll(deliver, signal);
        if (!isCaughtUp && !signal.aborted) {
          isCaughtUp = true;
          this.#options.onCaughtUp?.();
        }
        await this.#rest();
      }
    } finally {
      signal.removeEventListener("abort", wake);
      await this.#watch.close();
      for (const follower of this.#followers.values()) follower.close();
      this.#mustScan = true;
    }
  }

  /** Waits for a change or for the time of the next look at everything. */
  async #rest(): Promise<void> {
    const { pollInterval = POLL } = this.#options;
    const soon = Math.max(POLL_UNWATCHED, SCAN_SHARE * this.#scanTook);
    const timer = setTimeout(() => {
      this.#mustScan = true;
      this.#wake.resolve();
    }, this.#isTold && this.#watch.isActive ? pollInterval : Math.min(pollInterval, soon));
    await this.#wake.promise;
    clearTimeout(timer);
  }

  /** Delivers what there is, one block of each file in turn so that none waits for a long one. */
  async #deliverAll(deliver: DeliverLines, signal: AbortSignal): Promise<void> {
    let sliceEnd = performance.now() + SLICE;
    while (this.#dirty.size > 0 && !signal.aborted) {
      if (this.#mustScan) await this.#scan();
      const [follower] = this.#dirty;
      if (follower === undefined || signal.aborted) continue;
      this.#dirty.delete(follower);
      follower.look();
      if (follower.isNew) {
        this.#mustScan = true;
        this.#dirty.add(follower);
        continue;
      }
      const reading = follower.read(this.#pace.length);
      this.#reportChange(follower.path, follower.problem);
      if (reading?.kind === "lines") {
        if (reading.isCut) this.#cutLines++;
        const started = performance.now();
        const done = deliver(reading.paths, reading.block);
        reading.advance();
        this.#pace.adapt(performance.now() - started);
        if (done !== undefined) await done;
      }
      if (performance.now() >= sliceEnd) {
        await othersTurn();
        sliceEnd = performance.now() + SLICE;
      }
      // Behind those that have got something to read meanwhile.
      if (reading !== undefined) this.#dirty.add(follower);
    }
  }

  /** Looks at everything: which paths there are, which folders to watch, which files have something to read. */
  async #scan(): Promise<void> {
    // What happens between looking and watching is seen by looking again.
    for (let tries = 0; tries < 5; tries++) {
      this.#mustScan = false;
      const started = performance.now();
      const folders = this.#findPaths();
      this.#scanTook = performance.now() - started;
      if (!await this.#watchFolders(folders)) return;
    }
    this.#mustScan = true;
  }

  /** Brings the followers up to date. Returns the folders in which something can happen to them. */
  #findPaths(): Set<string> {
    const folders = new Set<string>();
    const missing: string[] = [];
    for (const follower of this.#followers.values()) follower.look();
    for (const pattern of this.#options.patterns) {
      const found = expandGlob(pattern);
      for (const folder of found.folders) folders.add(folder);
      this.#reportChange(`pattern ${pattern}`, found.problems.join("; ") || undefined);
      for (const path of found.paths) {
        if (!this.#followers.has(path)) {
          this.#follow(path, undefined, this.#firstStartOf(path)).look();
        }
      }
      const isMissing = found.paths.every((path) => this.#followers.get(path)!.isMissing);
      if (isMissing && found.problems.length === 0) missing.push(pattern);
    }
    this.#missing = missing;
    this.#isFirstScan = false;
    this.#byEventPath = new Map();
    for (const follower of this.#followers.values()) {
      follower.release();
      if (follower.isGone && !this.#options.patterns.includes(follower.path)) {
        this.#followers.delete(follower.path);
        this.#dirty.delete(follower);
        this.#reportChange(follower.path, undefined);
        continue;
      }
      this.#dirty.add(follower);
      this.#reportChange(follower.path, follower.problem);
      for (const path of eventPathsOf(follower.path)) {
        this.#byEventPath.set(path, [...this.#byEventPath.get(path) ?? [], follower]);
        folders.add(folderOf(path));
      }
    }
    return folders;
  }

  /** Watches folders, as far as that is safe; returns whether to look at everything again. */
  async #watchFolders(folders: ReadonlySet<string>): Promise<boolean> {
    const safe = [...folders].filter((folder) => isClosedToOthers(folder));
    this.#isTold = safe.length === folders.size;
    try {
      const isChanged = await this.#watch.watch(safe);
      this.#reportChange("inotify", undefined);
      return isChanged;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      const why = error instanceof Error ? error.message : String(error);
      this.#reportChange(
        "inotify",
        `Cannot watch log folders for changes, so files are read every second: ${why}`,
      );
      return false;
    }
  }

  #follow(path: string, saved: FilePosition | undefined, first: FirstStart): Follower {
    const others: Others = {
      claim: (file) => {
        for (const other of this.#followers.values()) {
          const tail = other === follower ? undefined : other.giveUp(file);
          if (tail !== undefined) return tail;
        }
        return undefined;
      },
      isFollowed: (path) => this.#isWanted(path),
      share: (file) => {
        for (const other of this.#followers.values()) {
          if (other === follower || !other.share(file, path)) continue;
          // It may have been written to under this path.
          this.#dirty.add(other);
          return other;
        }
        return undefined;
      },
    };
    const follower = new Follower(path, saved, first, others);
    this.#followers.set(path, follower);
    return follower;
  }

  #firstStartOf(path: string): FirstStart {
    if (!this.#isFirstScan) return BEGINNING;
    const { startTime, dateOf } = this.#options;
    return { kind: "time", time: startTime(path), dateOf: (line) => dateOf(path, line) };
  }

  #isWanted(path: string): boolean {
    return this.#options.patterns.some((pattern) => matchesGlob(path, pattern));
  }

  #markModified(path: string): void {
    const followers = this.#byEventPath.get(path);
    if (followers !== undefined) {
      for (const follower of followers) this.#dirty.add(follower);
      return;
    }
    // It may be a file that was renamed and is still written to.
    for (const follower of this.#followers.values()) {
      if (follower.hasRotated) this.#dirty.add(follower);
    }
  }

  /** What keeps files from being read now. */
  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  #reportChange(subject: string, problem: string | undefined): void {
    const former = this.#problems.get(subject);
    if (former === problem) return;
    if (problem === undefined) {
      this.#problems.delete(subject);
      this.#options.onProblem?.(`No longer: ${former}`);
    } else {
      this.#problems.set(subject, problem);
      this.#options.onProblem?.(problem);
    }
  }
}

const BEGINNING: FirstStart = { kind: "beginning" };

/** How often files are looked at, in milliseconds, where changes are told, and where they are not. */
const POLL = 10_000;
const POLL_UNWATCHED = 1_000;
/** Where changes are not told, looking takes one part in so many of the time. */
const SCAN_SHARE = 20;

/** For how many milliseconds others wait while there is much to read. */
const SLICE = 10;

/**
 * Gives positions to the paths under which their files are now, where a pattern also matches the names that rotation
 * gives. A path whose file went to another one has a new file, to be read from its beginning. Those that still have
 * theirs come first: another path that leads to the same file by now leaves it to them.
 */
function afterRenames(
  saved: readonly (readonly [path: string, position: FilePosition])[],
  paths: readonly string[],
): Map<string, FilePosition | undefined> {
  const positions = new Map<string, FilePosition | undefined>(saved);
  for (const path of new Set([...positions.keys(), ...paths])) {
    const found = identify(path);
    if (found.kind !== "file") continue;
    const [former, position] = saved.find(([, position]) => isSameFile(position, found)) ?? [];
    if (former === undefined || hasFile(former, found) || hasFile(path, positions.get(path))) {
      continue;
    }
    positions.set(path, position);
    if (positions.get(former) === position) positions.set(former, undefined);
  }
  const kept = [...positions].filter(([path, position]) => hasFile(path, position));
  return new Map([...kept, ...positions]);
}

function hasFile(path: string, file: FileIdentity | undefined): boolean {
  const found = identify(path);
  return found.kind === "file" && isSameFile(found, file);
}

/** How events name the file that a path leads to: by the path, and where a link leads elsewhere, by the real one. */
function eventPathsOf(path: string): string[] {
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  try {
    return [...new Set([absolute, Deno.realPathSync(path)])];
  } catch {
    return [];
  }
}
