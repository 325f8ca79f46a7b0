/** Applications' reports, taken as long as a jail wants some. */
import { log } from "../log.ts";
import type { Reports, ReportsOptions } from "./reports.ts";

/** What taking reports needs of the agent, and whom it tells when it cannot. */
export interface WantedReportsOptions extends Omit<ReportsOptions, "counted"> {
  onProblem(source: string, problem: string | null): void;
}

/** Takes reports, or none. What takes them is loaded when it is wanted: most agents need not hold it. */
export class WantedReports {
  readonly #options: WantedReportsOptions;
  #reports: Reports | undefined;
  /** The number of the last report that was counted while none are taken. */
  #counted: number;

  /** `counted`: the number of the report up to which the state has counted them. */
  constructor(options: WantedReportsOptions, counted: number) {
    this.#options = options;
    this.#counted = counted;
  }

  /** Takes some from now on, or none. */
  async want(areWanted: boolean): Promise<void> {
    if (areWanted && this.#reports === undefined) await this.#begin();
    else if (!areWanted && this.#reports !== undefined) {
      await this.#reports.close();
      this.#counted = this.#reports.mark();
      this.#reports = undefined;
    }
  }

  /** The number of the latest report that the jails have counted, for a snapshot of this instant. */
  mark(): number {
    return this.#reports?.mark() ?? this.#counted;
  }

  /** Such a snapshot is on the disk. */
  async release(counted: number): Promise<void> {
    await this.#reports?.release(counted);
  }

  /** Takes no more; what was taken has been counted when this resolves. */
  async close(): Promise<void> {
    await this.#reports?.close();
  }

  async #begin(): Promise<void> {
    const { Reports } = await import("./reports.ts");
    try {
      this.#reports = await Reports.open({ ...this.#options, counted: this.#counted });
      await this.#reports.begin();
      this.#options.onProblem("reports", null);
    } catch (error) {
      const problem = `Applications cannot report: ${(error as Error).message}`;
      log.error(problem);
      this.#options.onProblem("reports", problem);
      // The next reload tries again.
      this.#counted = this.mark();
      this.#reports = undefined;
    }
  }
}
