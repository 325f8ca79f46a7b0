/** What applications have reported, on the disk before it is acknowledged: it can be read again nowhere else. */
import * as v from "valibot";
import { type Numbered, RecordLog } from "./record_log.ts";
import { HOST, TIME } from "./schema.ts";

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
 * Reports are handed on once they are on the disk, and counted then. Everything here throws {@linkcode StateError} where
 * the disk refuses.
 */
export class ReportLog {
  readonly #log: RecordLog<Report>;
  readonly #take: (report: Report) => void;
  /** The number of the newest report that was handed on. */
  #taken: number;

  private constructor(log: RecordLog<Report>, counted: number, take: (report: Report) => void) {
    this.#log = log;
    this.#taken = counted;
    this.#take = take;
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
    const log = await RecordLog.open({ folder, name: "reports", schema: REPORT, counted });
    return new ReportLog(log, counted, take);
  }

  /** Hands on what a crash has kept from being counted. To be called once, before anything is appended. */
  catchUp(): void {
    for (const report of this.#log.missed) this.#handOn(report);
  }

  /** Keeps a report and hands it on; resolves after that. */
  async append(report: Report): Promise<void> {
    const { number, kept } = this.#log.append(report);
    await kept;
    this.#handOn({ ...report, number });
  }

  /** The number of the newest report handed on, for a snapshot of this instant. */
  mark(): number {
    this.#log.turnPage();
    return this.#taken;
  }

  /** A snapshot that has counted the reports up to a number is on the disk: lets go of what is only of these. */
  release(counted: number): Promise<void> {
    return this.#log.release(counted);
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.#log.close();
  }

  #handOn({ number, ...report }: Numbered<Report>): void {
    this.#taken = number;
    this.#take(report);
  }
}

const REPORT = v.object({
  kind: v.picklist(["failure", "success"]),
  time: TIME,
  jail: v.string(),
  host: HOST,
  user: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
});
