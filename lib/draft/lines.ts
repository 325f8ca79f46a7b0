import { emptyFilter } from "../config/mod.ts";
import { compileFilter } from "../filter/filter.ts";
import type { Entry } from "../sources/mod.ts";

/** A sample line, as a filter would have its patterns see it. */
export interface SampleLine {
  /** As it was logged, date and all. */
  readonly line: string;
  /** What patterns see: without its date, and without a syslog header. */
  readonly text: string;
  /** Who wrote it, by its syslog header. */
  readonly identifier: string | undefined;
  /** Whether it begins with its date. */
  readonly startsWithDate: boolean;
}

/** Reads lines of a file, or messages of the journal, as a filter without patterns would. */
export class LineReader {
  readonly #filter = compileFilter(emptyFilter("draft"));
  readonly #now: number;

  /** `now` in milliseconds since the epoch, for dates without a year. */
  constructor(now: number) {
    this.#now = now;
  }

  read(entry: Entry): SampleLine {
    const { date, text = entry.text } = this.#filter.explain(entry, {
      now: this.#now,
      live: false,
    });
    const startsWithDate = date !== undefined && date.start === 0;
    const header = startsWithDate ? HEADER.exec(text) : null;
    return {
      line: entry.text,
      text: header === null ? text : text.slice(header[0].length),
      identifier: header?.groups?.["identifier"],
      startsWithDate,
    };
  }
}

/**
 * ` HOST IDENT[PID]: ` behind the date, as syslog writes it (RFC 3164, 4.1). Without a process id it is one only where
 * what would be the host is no level, which applications write in its place.
 */
const HEADER =
  /^ *(?!(?:trace|debug|info|notice|warn|warning|error|crit|critical|alert|emerg|fatal)\b)[\w.:%-]*\w +(?<identifier>[\w.\/-]+)(?:\[\d+\])?: /i;
