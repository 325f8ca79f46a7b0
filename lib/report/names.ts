import { userOfReport } from "../control/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import { compileFilter, type Filter } from "../filter/filter.ts";
import { entriesOfKept } from "../filter/kept_line.ts";
import type { JailSettings } from "../jail/settings.ts";

/** A longer name is cut: an attacker writes it, and a report has a line for it. */
const MOST_CHARACTERS = 64;

/** The jails whose filters, or reports, know what a user name is. */
export type NameReaderJails = ReadonlyMap<string, JailSettings>;

/** Finds the user names in the lines that led to a ban: as the jails' filters of today read them, and of reports. */
export class NameReader {
  readonly #jails: NameReaderJails;
  readonly #filters = new Map<string, Filter | undefined>();

  constructor(jails: NameReaderJails) {
    this.#jails = jails;
  }

  /** The names tried, each once. Hostile text. `time` in milliseconds since the epoch. */
  namesIn(jail: string, lines: readonly string[], time: number): readonly string[] {
    const takesReports = this.#jails.get(jail)?.reports === true;
    const filter = this.#filterOf(jail);
    const names = lines.flatMap((line) =>
      (takesReports ? userOfReport(line) : undefined) ?? (filter && nameIn(filter, line, time)) ??
        []
    );
    return [...new Set(names.map((name) => name.slice(0, MOST_CHARACTERS)))];
  }

  /** A filter of its own for each jail. Undefined where there is no such jail any more, or none that tells names. */
  #filterOf(jail: string): Filter | undefined {
    if (!this.#filters.has(jail)) {
      const definition = this.#jails.get(jail)?.filter;
      const isWorthIt = definition !== undefined && mayNameUsers(definition);
      this.#filters.set(jail, isWorthIt ? compileFilter(definition) : undefined);
    }
    return this.#filters.get(jail);
  }
}

/** Whether a tag or group for user names stands in the patterns, as far as can be told without compiling them. */
function mayNameUsers({ failregex, prefregex = "", options }: FilterDefinition): boolean {
  return [...failregex, prefregex, ...Object.values(options)].some((text) =>
    /<[^<>]*user/i.test(text)
  );
}

function nameIn(filter: Filter, line: string, now: number): string | undefined {
  for (const entry of entriesOfKept(line, filter.definition, now)) {
    let name: string | undefined;
    filter.read(entry, { now, live: false }, (finding) => name ??= finding.user);
    if (name !== undefined) return name;
  }
  return undefined;
}
