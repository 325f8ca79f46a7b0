/** The agent's end of the report socket, by which applications tell of failures. */
import * as v from "valibot";
import {
  errorCodes,
  type ReportHandlers,
  type ReportMethodName,
  reportSocket,
} from "./protocol.ts";
import { Rate } from "./rate.ts";
import { answer, failure, type Parameters } from "./rpc.ts";
import { LineSocket } from "./socket.ts";

/** Room for a long name and a long reason. In bytes. */
const LONGEST_REPORT = 8 << 10;
/** A server of web pages has as many workers. */
const MOST_CLIENTS = 256;

/**
 * So many reports a second, and so many at once. Who is behind a connection cannot be told, for Deno has no SO_PEERCRED:
 * the limit of one connection keeps an application that runs wild from the others' share as long as it keeps to one.
 */
const OF_ONE = { perSecond: 100, burst: 200 } as const;
const OF_ALL = { perSecond: 500, burst: 1000 } as const;

/** Members of this group may report. */
const reportGroup = "banjo-report";

/**
 * Takes reports on the report socket of a runtime folder until it is closed.
 * @throws {Error} where another agent takes them there, or the folder cannot be written.
 */
export function serveReports(runtimeDir: string, handlers: ReportHandlers): Promise<LineSocket> {
  const ofAll = new Rate(OF_ALL.perSecond, OF_ALL.burst);
  return LineSocket.open({
    path: reportSocket(runtimeDir),
    group: reportGroup,
    longestLine: LONGEST_REPORT,
    mostClients: MOST_CLIENTS,
    greet: () => {
      const ofOne = new Rate(OF_ONE.perSecond, OF_ONE.burst);
      return (line) => {
        const now = performance.now();
        if (ofOne.take(now) && ofAll.take(now)) return answer(line, parameters, handlers);
        return failure(null, errorCodes.tooMany, "Cannot take the report: there are too many");
      };
    },
    refuse: (why) => failure(null, errorCodes.request, why),
  });
}

const parameters: Parameters<ReportMethodName> = {
  report: v.strictObject({
    jail: v.string(),
    host: v.string(),
    user: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
  success: v.strictObject({ jail: v.string(), host: v.string(), user: v.string() }),
};
