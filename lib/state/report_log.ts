/** What applications have reported, on the disk before it is acknowledged: it can be read again nowhere else. */
import * as v from "valibot";
import { fileLength, writeAt } from "./durable.ts";
import { lengthOfWholeLines, readLines } from "./history.ts";
import { COUNT, HOST, parseAs, TIME } from "./schema.ts";
import { StateError } from "./state_error.ts";

/** What an application says of a host. */
export interface Report {
  readonly kind: "failure" | "success";
  /** When it came in, in milliseconds since the epoch. */
  readonly time: number;
  readonly jail: string;
  /** A canonical address. */
  readonly host: string;
  /** Hostile text, as `reason` is. */
  readonly user?: string;
  readonly reason?: string;
}

/**
 * Reports are numbered, and the snapshot says up to which one it has counted them: after a crash those behind are
 * counted again, as log lines are. There are two files, so that one can be emptied when a snapshot has all that is in it
 * while reports still come in. Many that come at once are one write.
 *
 * Everything here throws {@linkcode StateError} where the disk refuses.
 */
export class ReportLog {
  readonly #folder: string;
  readonly #files: readonly [LogFile, LogFile];
  readonly #take: (report: Report) => void;
  #current: LogFile;
  /** The number of the newest report, and of the newest that was handed on. */
  #last: number;
  #taken: number;
  #missed: readonly Entry[];
  #waiting: Waiting[] = [];
  /** Writing and emptying, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    folder: string,
    files: readonly [LogFile, LogFile],
    counted: number,
    missed: readonly Entry[],
    take: (report: Report) => void,
  ) {
    this.#folder = folder;
    this.#files = files;
    this.#take = take;
    this.#last = Math.max(counted, files[0].last, files[1].last);
    this.#taken = counted;
    this.#missed = missed;
    this.#current = files.find(({ length }) => length === 0) ?? files[0];
  }

  /**
   * Opens the log of a state folder whose snapshot has counted the reports up to a number. `take` is handed each of the
   * others, in the order of their numbers: those that are there by {@linkcode catchUp}, and new ones once they are on the
   * disk.
   */
  static async open(
    folder: string,
    counted: number,
    take: (report: Report) => void,
  ): Promise<ReportLog> {
    try {
      const [first, second] = [await readFile(folder, "1"), await readFile(folder, "2")];
      const missed = [...first.records, ...second.records].filter(({ number }) => number > counted)
        .sort((a, b) => a.number - b.number);
      return new ReportLog(folder, [first.file, second.file], counted, missed, take);
    } catch (error) {
      if (error instanceof StateError) throw error;
      throw new StateError(`Cannot read the reports in ${folder}: ${(error as Error).message}`);
    }
  }

  /** Hands on what a crash has kept from being counted. To be called once, before anything is appended. */
  catchUp(): void {
    for (const { number, ...report } of this.#missed) this.#handOn(number, report);
    this.#missed = [];
  }

  /** Keeps a report and hands it on; resolves after that. */
  append(report: Report): Promise<void> {
    const number = ++this.#last;
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ number, report, done });
    if (this.#waiting.length === 1) void this.#inTurn(() => this.#write());
    return done.promise;
  }

  /** The number of the newest report handed on, for a snapshot of this instant. */
  mark(): number {
    const other = this.#files.find((file) => file !== this.#current)!;
    if (other.length === 0) this.#current = other;
    return this.#taken;
  }

  /** A snapshot that has counted the reports up to a number is on the disk: lets go of what is only of these. */
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
    file.last = batch.at(-1)!.number;
    try {
      const lines = batch.map(({ number, report }) => JSON.stringify({ number, ...report }) + "\n");
      file.length = await writeAt(file.path, file.length, lines);
    } catch (error) {
      const why = `Cannot keep reports in ${this.#folder}: ${(error as Error).message}`;
      for (const { done } of batch) done.reject(new StateError(why));
      return;
    }
    for (const { number, report, done } of batch) {
      this.#handOn(number, report);
      done.resolve();
    }
  }

  #handOn(number: number, report: Report): void {
    this.#taken = number;
    this.#take(report);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** One of the two files: how many bytes of it count, and the number of its newest report. */
interface LogFile {
  readonly path: string;
  length: number;
  last: number;
}

interface Waiting {
  readonly number: number;
  readonly report: Report;
  readonly done: PromiseWithResolvers<void>;
}

const RECORD = v.object({
  number: COUNT,
  kind: v.picklist(["failure", "success"]),
  time: TIME,
  jail: v.string(),
  host: HOST,
  user: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
});

type Entry = v.InferOutput<typeof RECORD>;

async function readFile(folder: string, name: string) {
  const path = `${folder}/reports-${name}.jsonl`;
  // A link in its place is refused.
  const length = await fileLength(path) === undefined ? 0 : await lengthOfWholeLines(path);
  const records: Entry[] = [];
  for await (const line of readLines(path, length)) {
    try {
      records.push(parseAs(RECORD, JSON.parse(line)));
    } catch {
      // Cut short by a crash, and so never acknowledged.
    }
  }
  const file: LogFile = { path, length, last: Math.max(0, ...records.map((each) => each.number)) };
  return { file, records };
}
