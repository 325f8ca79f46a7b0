/** The history on the disk: a file that grows, and older ones that are only read. */
import { fileLength, renameFile, syncFolder, writeAt } from "./durable.ts";
import { lengthOfWholeLines, readLines } from "./history.ts";
import { asideName, isLasting } from "./set_aside.ts";
import { StateError } from "./state_error.ts";

/** A file of the history, and which of its bytes it holds. */
export interface HistoryFile {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** A file is long enough with so many bytes, and an older one goes once the newer ones hold so many. */
export interface HistorySize {
  readonly file: number;
  readonly kept: number;
}

/** In bytes; a ban with its end takes a kilobyte. All of it is searched within a fifth of a second. */
const SIZE: HistorySize = { file: 64 * 1024 * 1024, kept: 192 * 1024 * 1024 };

/**
 * `history.jsonl` is written to at its end. When it is long it gets another name, and the next one begins. Places are counted
 * over all files that there ever were, so a place stays what it is: an older file has in its name where it begins.
 */
export class HistoryFiles {
  readonly #folder: string;
  readonly #size: HistorySize;
  #older: readonly HistoryFile[];
  #end: number;
  /** How many are reading: meanwhile no file gets another name. */
  #readers = 0;

  private constructor(
    folder: string,
    size: HistorySize,
    older: readonly HistoryFile[],
    length: number,
  ) {
    this.#folder = folder;
    this.#size = size;
    this.#older = older;
    this.#end = this.#from + length;
  }

  /** Finds what there is. A file that is not ours to read is set aside. */
  static async open(folder: string, size = SIZE): Promise<HistoryFiles> {
    const older: HistoryFile[] = [];
    for (const name of await namesIn(folder)) {
      const from = Number(OLDER.exec(name)?.[1]);
      const length = Number.isNaN(from) ? undefined : await readableLength(folder, name);
      if (length === undefined) continue;
      older.push({ path: `${folder}/${name}`, from, to: from + length });
    }
    older.sort((one, other) => one.from - other.from);
    return new HistoryFiles(folder, size, older, await readableLength(folder, PRESENT) ?? 0);
  }

  /** Behind the last byte that counts. */
  get end(): number {
    return this.#end;
  }

  /** What was written counts from now on. */
  set end(end: number) {
    this.#end = end;
  }

  /**
   * Cuts off what a snapshot does not know. Without a snapshot, and with one of a banjo that knew nothing of older files,
   * all counts but a line that a crash cut short.
   */
  async keepTo(end: number | undefined): Promise<void> {
    const was = this.#end;
    if (was === this.#from) return;
    this.#end = end !== undefined && end >= this.#from
      ? Math.min(end, was)
      : this.#from + await lengthOfWholeLines(this.#path);
    // Where the disk refuses, the next save does it.
    if (was > this.#end) await writeAt(this.#path, this.#end - this.#from, []).catch(() => {});
  }

  /**
   * Writes a text behind the end, and gives the end that it has then. `durably`: it is on the disk after that, with all that was
   * written before.
   */
  async write(pieces: Iterable<string>, how: "durably" | "soon"): Promise<number> {
    return this.#from + await writeAt(this.#path, this.#end - this.#from, pieces, how);
  }

  /** Whether the file that grows is long enough. */
  get isLong(): boolean {
    return this.#end - this.#from >= this.#size.file;
  }

  /** Begins another file behind one that is long, unless somebody is reading. All that was written must be on the disk. */
  async divide(): Promise<void> {
    if (this.#readers > 0) return;
    const [from, to] = [this.#from, this.#end];
    const path = `${this.#folder}/history-${from}.jsonl`;
    // At once: whoever begins to read finds it under the one name or the other.
    Deno.renameSync(this.#path, path);
    this.#older = [...this.#older, { path, from, to }];
    // Else after a power cut the next one could be in its place.
    await syncFolder(this.#folder);
    while (to - this.#older[0]!.to >= this.#size.kept) {
      const [oldest, ...others] = this.#older;
      this.#older = others;
      await Deno.remove(oldest!.path);
    }
  }

  /** Reads the file in which a place is, or the next one; `read` gets undefined behind `end`. */
  async readAt<T>(
    place: number,
    end: number,
    read: (file: HistoryFile | undefined) => Promise<T>,
  ): Promise<T> {
    const file = this.#files(end).find(({ to }) => to > place);
    this.#readers++;
    try {
      return await read(file);
    } finally {
      this.#readers--;
    }
  }

  /** All lines, without their ends. */
  async *lines(): AsyncIterable<string> {
    this.#readers++;
    try {
      for (const { path, from, to } of this.#files(this.#end)) yield* readLines(path, to - from);
    } finally {
      this.#readers--;
    }
  }

  /** All files, the oldest first, as far as they hold what is before an end. */
  #files(end: number): readonly HistoryFile[] {
    const present = { path: this.#path, from: this.#from, to: this.#end };
    return [...this.#older, present].filter(({ from }) => from < end)
      .map((file) => ({ ...file, to: Math.min(file.to, end) }));
  }

  get #path(): string {
    return `${this.#folder}/${PRESENT}`;
  }

  /** Where the file begins that grows. */
  get #from(): number {
    return this.#older.at(-1)?.to ?? 0;
  }
}

const PRESENT = "history.jsonl";
const OLDER = /^history-(\d+)\.jsonl$/;

/** The names in a folder: none where it is not ours to read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (isLasting(error as Error)) return [];
    throw error;
  }
}

/** How long a file is; undefined where there is none, or none any more under this name. */
async function readableLength(folder: string, name: string): Promise<number | undefined> {
  const path = `${folder}/${name}`;
  try {
    const length = await fileLength(path);
    if (length !== undefined) (await Deno.open(path)).close();
    return length;
  } catch (error) {
    if (error instanceof StateError || !isLasting(error as Error)) throw error;
    // Where that fails as well, saving does, and says so.
    await renameFile(folder, name, asideName(name, "unreadable")).catch(() => {});
    return undefined;
  }
}
