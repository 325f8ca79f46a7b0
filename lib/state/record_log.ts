/** What must outlive a crash the moment it is acknowledged, and is not worth saving the whole state for. */
import * as v from "valibot";
import { fileLength, renameFile, syncFolder, writeAt } from "./durable.ts";
import { lengthOfWholeLines, readLines } from "./history.ts";
import { COUNT, parseAs } from "./schema.ts";
import { asideName } from "./set_aside.ts";
import { StateError } from "./state_error.ts";

/** A record as it stands in a file. */
export type Numbered<T> = T & { readonly number: number };

/** What a log is opened with. */
export interface RecordLogOptions<T extends object> {
  readonly folder: string;
  /** What the records are, such as `reports`: the files are called so, too. */
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, T>;
  /** The number up to which a snapshot holds what the records say. */
  readonly counted: number;
}

/**
 * Records are numbered, and the snapshot says up to which one it holds what they say: after a crash the others are taken
 * into account again, as log lines are. There are two files, so that one can be emptied when a snapshot has all that is in
 * it while records still come in. Many that come at once are one write.
 *
 * Everything here throws {@linkcode StateError} where the disk refuses.
 */
export class RecordLog<T extends object> {
  /** What was found that no snapshot holds, by number. */
  readonly missed: readonly Numbered<T>[];
  /** Whole lines that are no records, and why; one that a crash cut short is not whole. */
  readonly damaged: readonly string[];
  readonly #options: RecordLogOptions<T>;
  readonly #files: readonly [LogFile, LogFile];
  #current: LogFile;
  #last: number;
  #waiting: Waiting<T>[] = [];
  /** Writing and emptying, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    options: RecordLogOptions<T>,
    found: readonly [Found<T>, Found<T>],
  ) {
    this.#options = options;
    this.#files = [found[0].file, found[1].file];
    this.#last = Math.max(options.counted, found[0].file.last, found[1].file.last);
    this.#current = this.#files.find(({ length }) => length === 0) ?? this.#files[0];
    this.damaged = found.flatMap(({ damaged }) => damaged);
    this.missed = found.flatMap(({ records }) => records)
      .filter(({ number }) => number > options.counted).sort((a, b) => a.number - b.number);
  }

  static async open<T extends object>(options: RecordLogOptions<T>): Promise<RecordLog<T>> {
    try {
      return new RecordLog(options, [await readFile(options, "1"), await readFile(options, "2")]);
    } catch (error) {
      if (error instanceof StateError) throw error;
      const { name, folder } = options;
      throw new StateError(`Cannot read the ${name} in ${folder}: ${(error as Error).message}`);
    }
  }

  /** The number of the newest record. */
  get last(): number {
    return this.#last;
  }

  /** Adds a record. `kept` resolves when it is on the disk. */
  append(record: T): { readonly number: number; readonly kept: Promise<void> } {
    const number = ++this.#last;
    const kept = Promise.withResolvers<void>();
    this.#waiting.push({ record: { number, ...record }, kept });
    if (this.#waiting.length === 1) void this.#inTurn(() => this.#write());
    return { number, kept: kept.promise };
  }

  /** A snapshot is taken of this instant: what comes from now on goes to the other file, if that is empty. */
  turnPage(): void {
    const other = this.#files.find((file) => file !== this.#current)!;
    if (other.length === 0) this.#current = other;
  }

  /** A snapshot that holds the records up to a number is on the disk: lets go of what is only of these. */
  release(counted: number): Promise<void> {
    return this.#inTurn(async () => {
      for (const file of this.#files) {
        if (file.length === 0 || file.last > counted) continue;
        file.length = await writeAt(file.path, 0, [], "soon");
      }
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#turn;
  }

  async #write(): Promise<void> {
    const batch = this.#waiting.splice(0);
    const file = this.#current;
    const { folder, name } = this.#options;
    file.last = batch.at(-1)!.record.number;
    try {
      const lines = batch.map(({ record }) => JSON.stringify(record) + "\n");
      file.length = await writeAt(file.path, file.length, lines);
      // Else a power cut could take the file away with all that is in it.
      if (!file.isNamed) await syncFolder(folder);
      file.isNamed = true;
    } catch (error) {
      const why = new StateError(`Cannot keep ${name} in ${folder}: ${(error as Error).message}`);
      for (const { kept } of batch) kept.reject(why);
      return;
    }
    for (const { kept } of batch) kept.resolve();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** Gives the files of a log that cannot be read other names, and tells of each. What was in them is lost to this agent. */
export async function setRecordsAside(folder: string, name: string): Promise<readonly string[]> {
  const aside: string[] = [];
  for (const file of filesOf(name)) {
    try {
      const length = await fileLength(`${folder}/${file}`);
      if (length !== undefined) (await Deno.open(`${folder}/${file}`)).close();
    } catch (error) {
      const kept = asideName(file, "unreadable");
      await renameFile(folder, file, kept);
      aside.push(`${(error as Error).message}; it is now ${kept}`);
    }
  }
  return aside;
}

/** One of the two files: how many bytes of it count, and the number of its newest record. */
interface LogFile {
  readonly path: string;
  length: number;
  last: number;
  /** Whether its name is on the disk for good. */
  isNamed: boolean;
}

interface Waiting<T> {
  readonly record: Numbered<T>;
  readonly kept: PromiseWithResolvers<void>;
}

interface Found<T> {
  readonly file: LogFile;
  readonly records: readonly Numbered<T>[];
  readonly damaged: readonly string[];
}

const NUMBERED = v.looseObject({ number: COUNT });

function filesOf(name: string): readonly [string, string] {
  return [`${name}-1.jsonl`, `${name}-2.jsonl`];
}

async function readFile<T extends object>(
  { folder, name, schema }: RecordLogOptions<T>,
  which: "1" | "2",
): Promise<Found<T>> {
  const path = `${folder}/${filesOf(name)[which === "1" ? 0 : 1]}`;
  // A link in its place is refused.
  const found = await fileLength(path);
  const length = found === undefined ? 0 : await lengthOfWholeLines(path);
  const records: Numbered<T>[] = [];
  const damaged: string[] = [];
  let line = 0;
  for await (const text of readLines(path, length)) {
    line++;
    try {
      const { number, ...record } = parseAs(NUMBERED, JSON.parse(text));
      records.push({ ...parseAs(schema, record), number });
    } catch (error) {
      damaged.push(`line ${line} of ${path}: ${(error as Error).message}`);
    }
  }
  const last = records.reduce((last, { number }) => Math.max(last, number), 0);
  return { file: { path, length, last, isNamed: found !== undefined }, records, damaged };
}
