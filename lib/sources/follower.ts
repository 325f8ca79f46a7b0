import { type FileIdentity, identify, isLink, isSameFile, problemOf } from "./identity.ts";
import type { FilePosition } from "./position.ts";
import { openNewer, openRotated } from "./rotated.ts";
import { type DateOf, endOfLines, seekTime } from "./seek.ts";
import { type Reading, Tail } from "./tail.ts";

/** Where reading of a path begins that has no saved position. */
export type FirstStart =
  | { readonly kind: "beginning" }
  /** At the first line that was logged at `time` or later; at the end, if no line tells a date. */
  | { readonly kind: "time"; readonly time: number; readonly dateOf: DateOf };

/** What a follower must know of the others. */
export interface Others {
  /** Takes a file over that had another followed path before. */
  claim(file: FileIdentity): Tail | undefined;
  /** Whether a path is followed for itself. */
  isFollowed(path: string): boolean;
  /** Who reads a file that another followed path leads to as well; it is read for both, then. */
  share(file: FileIdentity): Follower | undefined;
}

/** Lines to deliver. They are only good until something else is read, of any file. */
export interface Delivery {
  readonly kind: "lines";
  /** For which paths it is read, as {@linkcode Tail.paths}. */
  readonly paths: readonly string[];
  readonly block: Uint8Array;
  /** Whether this is one line, of which the end was cut off. */
  readonly isCut: boolean;
  /** Counts the lines as delivered. */
  advance(): void;
}

/**
 * Follows one path across the files that have it in turn. Each is read to its end before the next one is begun; one
 * that lost the path is watched for a while longer, for programs go on writing to it until they open the new one. A file
 * that another follower has already is left to that one, so that no line counts twice.
 *
 * The unfinished last line of a file that is let go is dropped: half a line may name another address than the whole.
 */
export class Follower {
  readonly path: string;
  #first: FirstStart;
  readonly #others: Others;
  /** Where to go on, as long as no open file is the one that this belongs to. */
  #saved: FilePosition | undefined;
  #current: Tail | undefined;
  /** Who has the file that this path leads to, too. */
  #twin: Follower | undefined;
  /** Files that had the path before, the oldest first. */
  #rotated: Tail[] = [];
  /** When a rotated file last had lines, by the monotonic clock. */
  readonly #lastLines = new WeakMap<Tail, number>();
  #problem: string | undefined;
  /** Why what is open cannot be read. */
  #readProblem: string | undefined;
  #isMissing = false;
  #isNew = false;

  constructor(path: string, saved: FilePosition | undefined, first: FirstStart, others: Others) {
    this.path = path;
    this.#saved = saved;
    this.#first = first;
    this.#others = others;
  }

  /** Why the path cannot be read; undefined: it can, or it is missing. */
  get problem(): string | undefined {
    return this.#problem ?? this.#readProblem;
  }

  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** Whether it has got a file since the last {@linkcode release}: other paths that lead to it may have yet to look. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Whether there is nothing left to read under this path. */
  get isGone(): boolean {
    return this.#isMissing && !this.hasRotated;
  }

  /** Whether files are read that had this path before. */
  get hasRotated(): boolean {
    return this.#rotated.length > 0;
  }

  /** Up to where lines have been delivered; undefined: there never was a file. */
  get position(): FilePosition | undefined {
    // A deleted file cannot be opened again, and its inode may soon be that of another.
    const rotated = this.#rotated.filter((tail) => !tail.isDeleted);
    const last = this.#current ?? rotated.pop() ?? this.#rotated.at(-1);
    if (last === undefined) return this.#saved;
    const positions = rotated.map(({ position }) => position);
    return positions.length === 0 ? last.position : { ...last.position, rotated: positions };
  }

  /** Looks which file has the path now: the one that was read so far may have been renamed, or deleted. */
  look(): void {
    const found = identify(this.path);
    this.#isMissing = found.kind === "missing";
    this.#problem = found.kind === "unfit" ? found.problem : undefined;
    if (found.kind === "file" && isSameFile(this.#current, found)) return;
    this.#retire();
    // Both had the same file, so the other one may have the same new one.
    this.#twin?.look();
    this.#twin = found.kind === "file" ? this.#others.share(found) : undefined;
    if (found.kind === "file") {
      if (this.#twin === undefined) this.#open(found);
      else this.#lookBack(found);
    }
    if (this.#isMissing) {
      this.#lookElsewhere();
      // A file may have come and gone again since the last look, even if there was none under the path then.
      this.#addMissed();
      this.#first = { kind: "beginning" };
    }
  }

  /**
   * The next lines, of the oldest file that has any, out of `length` bytes. `more`: there may be some; undefined: there are
   * none now.
   */
  read(length: number): Delivery | { readonly kind: "more" } | undefined {
    this.#readProblem = undefined;
    for (const tail of this.#rotated) {
      const reading = this.#readOf(tail, length);
      if (reading !== undefined) return reading;
    }
    return this.#current && this.#readOf(this.#current, length);
  }

  /**
   * Lets files go that lost the path and have not been written to for long. Without one that has it, the last of them
   * stays until it is alone: it tells which files are still to be read.
   */
  release(): void {
    this.#isNew = false;
    const hasFile = this.#current !== undefined || this.#twin !== undefined;
    for (const tail of [...this.#rotated]) {
      const isNewest = !hasFile && tail === this.#rotated.at(-1);
      if (isNewest && this.#rotated.length > 1) continue;
      const idle = performance.now() - this.#lastLines.get(tail)!;
      if (idle < (tail.isDeleted ? LINGER_DELETED : LINGER)) continue;
      if (isNewest) this.#saved = tail.position;
      this.#drop(tail);
      tail.close();
    }
  }

  /** Gives a file up that had this path before and has that of another follower now. */
  giveUp(file: FileIdentity): Tail | undefined {
    if (isSameFile(this.#current, file)) this.look();
    const tail = this.#rotated.find((one) => isSameFile(one, file));
    if (tail !== undefined) this.#drop(tail);
    return tail;
  }

  /**
   * Lets another path that leads to a file have its share of it, if this one has it. A link lets go of it for the file's
   * own path, whose siblings tell where it has gone after a rotation.
   */
  share(file: FileIdentity, path: string): boolean {
    if (isSameFile(this.#current, file)) this.look();
    const tail = this.#current;
    if (tail === undefined || !isSameFile(tail, file)) return false;
    if (isLink(this.path) && !isLink(path)) {
      this.#retire();
      return false;
    }
    if (!tail.paths.includes(path)) tail.paths = [...tail.paths, path];
    return true;
  }

  /** Closes all files. {@linkcode look} opens them again, where they are. */
  close(): void {
    this.#saved = this.position;
    for (const tail of [...this.#rotated, this.#current]) tail?.close();
    this.#rotated = [];
    this.#current = undefined;
  }

  #open(file: FileIdentity): void {
    const former = this.giveUp(file) ?? this.#others.claim(file);
    try {
      if (former !== undefined) this.#lookBack(file);
      this.#current = former ?? this.#begin(Tail.open(this.path));
      this.#name(this.#current);
      this.#isNew = true;
    } catch (error) {
      // It has been renamed just now: the next look tells more.
      if (error instanceof Deno.errors.NotFound) this.#isMissing = true;
      else this.#problem = problemOf(this.path, error);
    }
  }

  /** Finds where to begin in a file that has just got the path. */
  #begin(tail: Tail): Tail {
    const saved = this.#saved;
    // The device is left out: its number may be another one after each boot.
    if (saved?.inode === tail.inode && tail.resume(saved)) {
      this.#reopenRotated(saved);
    } else if (saved !== undefined || this.hasRotated) {
      this.#lookElsewhere();
      this.#addMissed(tail);
    } else {
      tail.skipTo(firstOffset(tail, this.#first));
    }
    this.#saved = undefined;
    this.#first = { kind: "beginning" };
    return tail;
  }

  /** Sees to the files that had the path before one that is open already. */
  #lookBack(now: FileIdentity): void {
    if (this.#saved?.inode !== now.inode) this.#lookElsewhere();
    this.#addMissed(now);
    this.#saved = undefined;
    this.#first = { kind: "beginning" };
  }

  /** Adds the files that had the path since the last look, and lost it again; `now` is the one that has it. */
  #addMissed(now?: FileIdentity): void {
    const last = this.#rotated.at(-1);
    if (last === undefined) return;
    for (const missed of openNewer(this.path, last, this.#others.isFollowed)) {
      if ([...this.#rotated, now].some((open) => isSameFile(open, missed))) missed.close();
      else this.#addRotated(missed);
    }
  }

  /** Looks whether the file that was read before now has another name, to read it to its end. */
  #lookElsewhere(): void {
    const saved = this.#saved;
    if (saved === undefined) return;
    const tail = openRotated(this.path, saved, this.#others.isFollowed);
    if (tail === undefined) return;
    this.#reopenRotated(saved);
    this.#addRotated(tail);
    this.#saved = undefined;
  }

  #reopenRotated(saved: FilePosition): void {
    for (const position of saved.rotated ?? []) {
      const tail = openRotated(this.path, position, this.#others.isFollowed);
      if (tail !== undefined) this.#addRotated(tail);
    }
  }

  #readOf(tail: Tail, length: number): Delivery | { readonly kind: "more" } | undefined {
    const reading = this.#tryRead(tail, length);
    switch (reading.kind) {
      case "empty":
        return undefined;
      case "skipping":
        return { kind: "more" };
      case "truncated": {
        // What of it was not read yet may be in the copy for whose sake it was truncated.
        const copy = openRotated(this.path, tail.position, this.#others.isFollowed);
        if (copy !== undefined) {
          this.#addRotated(copy);
          this.#addMissed(tail);
          if (tail !== this.#current) this.#moveToEnd(tail);
        }
        tail.restart();
        return { kind: "more" };
      }
      case "block": {
        this.#lastLines.set(tail, performance.now());
        const { block, isCut } = reading;
        const { paths } = tail;
        return { kind: "lines", paths, block, isCut, advance: () => tail.advance(reading) };
      }
    }
  }

  /** One log that cannot be read must not keep the others from being read. */
  #tryRead(tail: Tail, length: number): Reading {
    try {
      return tail.read(length);
    } catch (error) {
      this.#readProblem = problemOf(this.path, error);
      return { kind: "empty" };
    }
  }

  #retire(): void {
    if (this.#current !== undefined) this.#addRotated(this.#current);
    this.#current = undefined;
  }

  #addRotated(tail: Tail): void {
    this.#lastLines.set(tail, performance.now());
    this.#name(tail);
    this.#rotated.push(tail);
  }

  #name(tail: Tail): void {
    if (tail.paths[0] === this.path) return;
    tail.paths = [this.path, ...tail.paths.filter((path) => path !== this.path)];
  }

  #moveToEnd(tail: Tail): void {
    this.#drop(tail);
    this.#rotated.push(tail);
  }

  #drop(tail: Tail): void {
    this.#rotated = this.#rotated.filter((other) => other !== tail);
  }
}

/** How long a file is watched that lost its path and is not written to, in milliseconds. */
const LINGER = 5 * 60_000;
/** The same for a file that was deleted: as long as it is open its space on the disk is not free. */
const LINGER_DELETED = 20_000;

function firstOffset(tail: Tail, first: FirstStart): number {
  if (first.kind === "beginning" || first.time === -Infinity) return 0;
  return seekTime(tail.file, first.time, first.dateOf) ?? endOfLines(tail.file);
}
