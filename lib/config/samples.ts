import { compileFilter, type Explanation, type Filter, FilterError } from "../filter/filter.ts";
import type { FilterDefinition, Sample } from "../filter/definition.ts";
import { withOptions } from "../filter/options.ts";
import type { Failure } from "../filter/failure.ts";
import type { Entry } from "../sources/entry.ts";

/** A sample that does not come out as it says. */
export interface SampleFailure {
  /** Which one, counted from 0. */
  readonly index: number;
  readonly sample: Sample;
  readonly message: string;
}

/**
 * Runs a filter's samples, in order and through one compiled filter for each choice of options: a sample may belong to
 * the session of the one before. Dates that name no zone are taken for UTC unless the filter has a zone, so that the
 * result is the same everywhere.
 *
 * @throws {FilterError} if the filter does not compile.
 */
export function checkSamples(definition: FilterDefinition): SampleFailure[] {
  const { samples, logtimezone = "UTC" } = definition;
  const zoned = { ...definition, logtimezone };
  const filters = new Map([["{}", compileFilter(zoned)]]);
  return samples.flatMap((sample, index) => {
    const message = faultOf(sample, zoned, filters);
    return message === undefined ? [] : [{ index, sample, message }];
  });
}

/** What is wrong with a sample. `filters` are those compiled so far, by their options. */
function faultOf(
  sample: Sample,
  definition: FilterDefinition,
  filters: Map<string, Filter>,
): string | undefined {
  const { options = {} } = sample;
  const key = JSON.stringify(options);
  try {
    const filter = filters.get(key) ?? compileFilter(withOptions(definition, options));
    filters.set(key, filter);
    const context = { now: NOW, live: false };
    return mismatch(sample, filter.explain(entryOf(definition, sample), context));
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

/** The present of all samples: what completes dates without a year, and when journal entries are of. */
const NOW = Date.parse("2026-11-22T00:00:00Z");

function entryOf({ syslogIdentifier }: FilterDefinition, sample: Sample): Entry {
  if (sample.line !== undefined) return { time: undefined, text: sample.line };
  const time = sample.time === undefined ? NOW : Date.parse(sample.time);
  const [identifier] = syslogIdentifier;
  return { time, text: sample.message ?? "", ...(identifier === undefined ? {} : { identifier }) };
}

function mismatch(sample: Sample, { outcome, findings }: Explanation): string | undefined {
  const failures = findings.filter((finding) => finding.kind !== "success");
  const found = failures.map((failure) => failure.kind === "failure" ? failure.host : failure.name);
  if (!sample.match) {
    return found.length === 0 ? undefined : `must not match: found ${found.join(", ")}`;
  }
  const [failure, ...others] = failures;
  if (failure === undefined) {
    const why = outcome === "ignored"
      ? "an ignoreregex takes it"
      : outcome === "given up"
      ? "it takes a pattern too long"
      : "no failregex does";
    return `must match ${sample.host}: ${why}`;
  }
  if (others.length > 0) return `must match once: found ${found.join(", ")}`;
  if (found[0] !== sample.host) return `must match ${sample.host}: found ${found[0]}`;
  return mismatchOfDetails(sample, failure);
}

function mismatchOfDetails(
  { user, time }: Sample,
  failure: Pick<Failure, "user" | "time">,
): string | undefined {
  if (user !== undefined && (failure.user ?? "") !== user) {
    return `must have the user ${JSON.stringify(user)}: found ${
      JSON.stringify(failure.user ?? "")
    }`;
  }
  if (time !== undefined && !isTime(failure.time, time)) {
    return `must be of ${time}: found ${new Date(failure.time).toISOString()}`;
  }
  return undefined;
}

/** A time written without a fraction of a second says nothing of it. */
function isTime(found: number, written: string): boolean {
  const precision = written.includes(".") ? 1 : 1000;
  return Math.floor(found / precision) === Math.floor(Date.parse(written) / precision);
}
