/** What applications report: on the disk first, then counted by the jail that it is for. */
import { parseAddress } from "../address.ts";
import {
  errorCodes,
  lineOfReport,
  type LineSocket,
  RpcError,
  serveReports,
} from "../control/mod.ts";
import type { Failure, Success } from "../filter/failure.ts";
import { type Report, ReportLog } from "../state/mod.ts";
import type { Watch } from "./watch.ts";

/** What taking reports needs of the agent. */
export interface ReportsOptions {
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** The number of the report up to which the state has counted them. */
  readonly counted: number;
  /** The jails at work now. */
  watch(): Watch;
  /** The state has changed. */
  onProgress(): void;
}

/** So much of hostile text is kept, in characters: of a line that is evidence there are 500, and the user stands last. */
const LONGEST_USER = 256;
const LONGEST_REASON = 200;

/** Takes reports for the jails that allow it, from its begin until it is closed. */
export class Reports {
  readonly #options: ReportsOptions;
  readonly #log: ReportLog;
  #socket: LineSocket | undefined;

  private constructor(options: ReportsOptions, log: ReportLog) {
    this.#options = options;
    this.#log = log;
  }

  /** Reads what is on the disk. Nothing is counted yet. */
  static async open(options: ReportsOptions): Promise<Reports> {
    const log = await ReportLog.open(options.stateDir, options.counted, (report) => {
      // The jail may have gone since.
      if (!takesReports(options.watch(), report.jail)) return;
      options.watch().report(report.jail, findingOf(report));
      options.onProgress();
    });
    return new Reports(options, log);
  }

  /** Counts what a crash has kept from being counted, and listens. */
  async begin(): Promise<void> {
    this.#log.catchUp();
    const keep = async (kind: Report["kind"], params: Told): Promise<null> => {
      await this.#log.append(readReport(kind, params, this.#options.watch()));
      return null;
    };
    this.#socket = await serveReports(this.#options.runtimeDir, {
      report: (params) => keep("failure", params),
      success: (params) => keep("success", params),
    });
  }

  /** The number of the latest report that the jails have counted, for a snapshot of this instant. */
  mark(): number {
    return this.#log.mark();
  }

  /** Such a snapshot is on the disk. */
  release(counted: number): Promise<void> {
    return this.#log.release(counted);
  }

  /** Takes no more; what was taken has been counted when this resolves. */
  async close(): Promise<void> {
    await this.#socket?.close();
    await this.#log.close();
  }
}

interface Told {
  readonly jail: string;
  readonly host: string;
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
}

/** A report as it is kept. @throws {RpcError} where the jail takes none, or the host is no address. */
function readReport(kind: Report["kind"], told: Told, watch: Watch): Report {
  const { jail, user, reason } = told;
  if (!takesReports(watch, jail)) {
    const which = JSON.stringify(jail);
    throw new RpcError(
      errorCodes.refused,
      `No jail ${which} takes reports: it needs \`reports = true\``,
    );
  }
  const host = parseAddress(told.host);
  if (host === undefined) {
    throw new RpcError(errorCodes.params, `${JSON.stringify(told.host)} is no address`);
  }
  return {
    kind,
    time: Date.now(),
    jail,
    host,
    ...(user === undefined ? {} : { user: user.slice(0, LONGEST_USER) }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, LONGEST_REASON) }),
  };
}

function takesReports(watch: Watch, jail: string): boolean {
  return watch.pipeline.posts.get(jail)?.settings.reports === true;
}

/**
 * A report as a jail counts it. A user's failures are one session, which his success takes back: whoever has an account
 * of his own could otherwise start anew with each guess at others'. That success is no login to be trusted for, for an
 * application says it, and perhaps one that was taken over.
 */
function findingOf({ kind, time, host, user, reason }: Report): Failure | Success {
  const session = `reported ${user}`;
  if (kind === "success") return { kind, time, host, session };
  return {
    kind,
    time,
    host,
    ...(user === undefined ? {} : { user, session }),
    line: lineOfReport({ user, reason }),
    pattern: 0,
  };
}
