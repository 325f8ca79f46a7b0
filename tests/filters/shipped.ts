import { loadConfig } from "../../lib/config/mod.ts";
import { compileFilter, type Context } from "../../lib/filter/filter.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import { withOptions } from "../../lib/filter/options.ts";
import type { Failure, Finding } from "../../lib/filter/failure.ts";
import { scanText } from "../filter/definitions.ts";

const noOwnConfiguration = await Deno.makeTempDir({ prefix: "banjo-filters-" });

/** What is shipped, as an installation without a configuration of its own has it. */
export const shippedConfig = await loadConfig(noOwnConfiguration);
await Deno.remove(noOwnConfiguration);

/** A shipped filter. Dates without a zone are in UTC. */
export function shippedFilter(name: string): FilterDefinition {
  const filter = shippedConfig.filters.get(name);
  if (filter === undefined) {
    throw new TypeError(`Cannot test the filter ${name}: it is not shipped`);
  }
  return { ...filter, logtimezone: "UTC" };
}

/** A filter as it is, and with each choice of options that its samples show. */
export function variantsOf(filter: FilterDefinition): readonly FilterDefinition[] {
  const choices = filter.samples.map(({ options = {} }) => JSON.stringify(options));
  return [...new Set(["{}", ...choices])].map((choice) => withOptions(filter, JSON.parse(choice)));
}

/** The moment from which the tests judge. */
export const NOW = Date.parse("2026-11-21T02:00:00Z");
const CONTEXT: Context = { now: NOW, live: false };

/** What a fresh filter with these options finds in the lines of a file. */
export function findInFile(
  name: string,
  text: string,
  options: Readonly<Record<string, string>> = {},
): Finding[] {
  const findings: Finding[] = [];
  scanText(
    compileFilter(withOptions(shippedFilter(name), options)),
    `${text}\n`,
    CONTEXT,
    (finding) => findings.push(finding),
  );
  return findings;
}

/** What a fresh filter finds in one entry of the journal. */
export function findInMessage(name: string, message: string): Finding[] {
  const findings: Finding[] = [];
  const filter = shippedFilter(name);
  const [identifier] = filter.syslogIdentifier;
  compileFilter(filter).read(
    { time: NOW, text: message, ...(identifier && { identifier, pid: "7193" }) },
    CONTEXT,
    (finding) => findings.push(finding),
  );
  return findings;
}

/** The hosts that failed. */
export function hostsOf(findings: readonly Finding[]): string[] {
  return findings.filter((finding): finding is Failure => finding.kind === "failure").map((
    { host },
  ) => host);
}
