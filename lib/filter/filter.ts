import type { Entry } from "../sources/entry.ts";
import { TookTooLong, unlessTooLong } from "./bounded_regex.ts";
import type { Candidates } from "./candidates.ts";
import { DateDetector, type DateHits, type FoundDate } from "./date.ts";
import type { FilterDefinition } from "./definition.ts";
import type { Finding } from "./failure.ts";
import { FilterError, within } from "./filter_error.ts";
import type { GivenUp } from "./given_up.ts";
import { HeadReader } from "./head.ts";
import { Matcher, type MatcherState, type PatternTrace, type Verdict } from "./matcher.ts";
import { ownCopy } from "../own_copy.ts";
import { Options } from "./options.ts";
import type { Pattern, Progress } from "./pattern.ts";
import { Prefilter } from "./prefilter.ts";
import { type SessionKey, sessionKeyOf } from "./session_key.ts";
import { asSyslog, SyslogPrograms } from "./syslog.ts";
import { zoneNamed } from "./zone.ts";

export {
  type DateHits,
  FilterError,
  type FoundDate,
  type Pattern,
  type PatternTrace,
  type Progress,
};

/** The moment from which lines are judged. */
export interface Context {
  /** The present, in milliseconds since the epoch: it completes dates without a year, and lines without a date. */
  readonly now: number;
  /**
   * Whether lines are judged as they are written: then no finding is later than `now`, and a line without a date is of
   * `now` unless one with a date came in the minute before. Otherwise it is of the last date before it.
   */
  readonly live: boolean;
}

/** What a filter remembers, as plain data. */
export interface FilterState {
  readonly lastDate: number | undefined;
  /** The date format that won last, for each date pattern. */
  readonly dateFormats: readonly string[];
  readonly sessions: MatcherState["sessions"];
  readonly lines: MatcherState["lines"];
}

/** Everything a filter can say about a line. */
export interface Explanation {
  /**
   * `matched`: it is a failure. `ignored`: an ignoreregex took it. `given up`: it took a pattern too long. `missed`: none of
   * these.
   */
  readonly outcome: "matched" | "ignored" | "given up" | "missed";
  readonly findings: readonly Finding[];
  /** Where the date was found; undefined where there is none, and for journal entries. */
  readonly date: FoundDate | undefined;
  /** The time the line is taken to be of. */
  readonly time: number;
  /** What the patterns saw; undefined where the line is not from one of the filter's programs. */
  readonly text: string | undefined;
  /** For each failregex, what it made of the text; empty where it saw none. */
  readonly patterns: readonly PatternTrace[];
}

/**
 * Compiles a filter. Throws {@linkcode FilterError} that says which of its parts is wrong, why, and what to do.
 */
export function compileFilter(definition: FilterDefinition, state?: FilterState): Filter {
  return new Filter(definition, state);
}

/**
 * Recognises failures in lines of log. It is pure but for what it remembers of earlier lines: sessions, the last date,
 * and the date format in use.
 */
export class Filter {
  readonly definition: FilterDefinition;
  /** Which lines may mean something. */
  readonly prefilter: Prefilter;
  readonly #programs: SyslogPrograms | undefined;
  readonly #dates: DateDetector;
  readonly #matcher: Matcher;
  readonly #heads: HeadReader | undefined;
  /** NaN: none. V8 would allocate a number for each line if this could be anything else. */
  #lastDate: number;
  #givenUp: GivenUp | undefined;

  constructor(definition: FilterDefinition, state?: FilterState) {
    this.definition = definition;
    const { name, datepattern, logtimezone, syslogIdentifier } = definition;
    if (syslogIdentifier.length > 0 && definition.journalText === "syslog") {
      throw new FilterError(
        `filter ${name}: journal_text: with syslog_identifier patterns see messages only: leave one of them out`,
      );
    }
    this.#matcher = new Matcher(definition, state);
    this.#programs = syslogIdentifier.length === 0
      ? undefined
      : new SyslogPrograms(syslogIdentifier);
    const zone = within(`filter ${name}`, () => zoneNamed(logtimezone));
    const options = new Options(definition.options);
    this.#dates = within(
      `filter ${name}`,
      () => new DateDetector(datepattern.flatMap((pattern) => options.patterns(pattern)), zone),
    );
    this.#dates.restore(state?.dateFormats ?? []);
    this.#heads = HeadReader.canRead(syslogIdentifier)
      ? new HeadReader(syslogIdentifier)
      : undefined;
    this.#lastDate = state?.lastDate ?? NaN;
    const { failregex, prefregex } = this.#matcher;
    const needles = (pattern: Pattern) => pattern.needles(this.#dates.gap);
    // Where patterns see several lines, none is theirs alone.
    this.prefilter = definition.maxlines > 1 ? new Prefilter([]) : new Prefilter(
      failregex.map(needles),
      prefregex && needles(prefregex),
      this.#heads !== undefined,
    );
  }

  /** The failregex, compiled. */
  get failregex(): readonly Pattern[] {
    return this.#matcher.failregex;
  }

  /** The prefregex, compiled; undefined where the filter has none. */
  get prefregex(): Pattern | undefined {
    return this.#matcher.prefregex;
  }

  /** The lines that took a pattern too long, if there were any. */
  get givenUp(): GivenUp | undefined {
    return this.#givenUp;
  }

  /**
   * Judges the candidates among a block's whole lines, each of which ends with `\n` or `\r\n`. Findings come with where in
   * the block their line begins, in bytes; an observer also hears where lines begin that an ignoreregex took, and has the
   * date formats counted.
   */
  scan(
    candidates: Candidates,
    context: Context,
    emit: (finding: Finding, at: number) => void,
    observer?: { ignored(at: number): void },
  ): void {
    const { text } = candidates;
    const send = (finding: Finding) => emit(finding, candidates.at);
    while (candidates.next()) {
      const { start } = candidates;
      const isCrlf = text.charCodeAt(candidates.end - 1) === CARRIAGE_RETURN;
      const end = isCrlf ? candidates.end - 1 : candidates.end;
      const heads = this.#heads;
      const hasHead = heads?.read(text, start, this.#dates.first, context.now) === true;
      try {
        const verdict = hasHead
          ? this.#judgeMessage(text, start, end, heads, context, send, observer !== undefined)
          : this.#judgeCarefully(candidates, start, end, context, send, observer !== undefined);
        if (verdict === "ignored") observer?.ignored(candidates.at);
      } catch (error) {
        this.#giveUp(text.slice(start, end), error);
      }
    }
    this.#recallDate(candidates, context.now);
    this.#matcher.forgetTexts(); // They are cut from the candidates' text.
  }

  /**
   * Judges one entry. One with a time of its own is a message: no date is looked for in it. An observer also hears where an
   * ignoreregex took it.
   */
  read(
    entry: Entry,
    context: Context,
    emit: (finding: Finding) => void,
    observer?: { ignored(): void },
  ): void {
    const line = this.#textOf(entry);
    if (!this.prefilter.accepts(line) && entry.time !== undefined) return;
    try {
      const { verdict } = this.#judgeEntry(entry, line, context, emit);
      if (verdict === "ignored") observer?.ignored();
    } catch (error) {
      this.#giveUp(line, error);
    }
    this.#matcher.forgetTexts(); // It may be cut from a block, too.
  }

  /** Judges one entry as {@linkcode read} does, and says everything about it. */
  explain(entry: Entry, context: Context): Explanation {
    const findings: Finding[] = [];
    const emit = (finding: Finding) => void findings.push(finding);
    const line = this.#textOf(entry);
    try {
      const { verdict, date, time, text } = this.#judgeEntry(entry, line, context, emit);
      this.#matcher.forgetTexts(); // What it says holds for the entry by itself.
      if (date !== undefined) this.#dates.count(date.format);
      const isFailure = findings.some(({ kind }) => kind !== "success");
      const outcome = isFailure ? "matched" : verdict === "ignored" ? "ignored" : "missed";
      const patterns = text === undefined ? [] : this.#matcher.trace(text);
      return { outcome, findings, date, time, text, patterns };
    } catch (error) {
      this.#giveUp(line, error);
      return { ...this.#whatTookTooLong(entry, line, context), outcome: "given up", findings: [] };
    }
  }

  /** The date of a file's line; undefined where it has none. `now` completes dates without a year. */
  dateOf(line: string, now: number): number | undefined {
    try {
      return this.#dateIn(line, now)?.time;
    } catch (error) {
      this.#giveUp(line, error);
      return undefined;
    }
  }

  /** Date formats of the lines explained or observed so far, the most frequent first. */
  dateHits(): readonly DateHits[] {
    return this.#dates.hits();
  }

  save(): FilterState {
    return {
      lastDate: Number.isNaN(this.#lastDate) ? undefined : this.#lastDate,
      dateFormats: this.#dates.winners,
      ...this.#matcher.save(),
    };
  }

  /** One line, as the patterns are to see it but for a date. */
  #textOf(entry: Entry): string {
    const text = oneLine(entry.text);
    return entry.time === undefined || this.definition.journalText === "message"
      ? text
      : asSyslog({ ...entry, text });
  }

  #judgeEntry(entry: Entry, line: string, context: Context, emit: Emit): Judgement {
    if (entry.time === undefined) {
      return this.#judgeLine(line, this.#findDate(line, context.now), context, emit);
    }
    const { identifier, pid } = entry;
    const time = clamp(entry.time, context);
    if (this.#programs !== undefined && !this.#programs.has(identifier)) {
      return { verdict: "missed", date: undefined, time, text: undefined };
    }
    const process = identifier === undefined || pid === undefined
      ? undefined
      : sessionKeyOf(`${identifier}[${pid}]`);
    const text = this.#matcher.seenWith(line);
    const verdict = this.#matcher.judge({ line, time, text: line, process }, emit);
    return { verdict, date: undefined, time, text };
  }

  /** Judges the candidate, from `start` to `end`. */
  #judgeCarefully(
    candidates: Candidates,
    start: number,
    end: number,
    context: Context,
    emit: Emit,
    isObserved: boolean,
  ): Verdict {
    const line = candidates.text.slice(start, end);
    const date = this.#findDate(line, context.now);
    if (date?.time === undefined) this.#recallDate(candidates, context.now);
    const { verdict } = this.#judgeLine(line, date, context, emit);
    if (date === undefined) return verdict;
    if (isObserved) this.#dates.count(date.format);
    this.#learnHead(line, date);
    return verdict;
  }

  /** What {@linkcode #judgeCarefully} does, for a line whose head was just read. */
  #judgeMessage(
    block: string,
    start: number,
    end: number,
    heads: HeadReader,
    context: Context,
    emit: Emit,
    isObserved: boolean,
  ): Verdict {
    const { time, message } = heads;
    this.#lastDate = time;
    if (isObserved) this.#dates.countFirst();
    if (message < 0 || !this.#matcher.mayMatch(block.charCodeAt(message))) return "missed";
    return this.#matcher.judge({
      line: block.slice(start, end),
      time: clamp(time, context),
      text: block.slice(message, end),
      process: heads.processIn(block, start),
    }, emit);
  }

  #learnHead(line: string, date: FoundDate): void {
    const { first, minute } = this.#dates;
    if (this.#heads === undefined || first?.isBuiltIn !== true || minute?.format !== first) return;
    if (date.start === 0 && date.time !== undefined) this.#heads.learn(line, date.end, minute);
  }

  #judgeLine(line: string, date: FoundDate | undefined, context: Context, emit: Emit): Judgement {
    const time = clamp(date?.time ?? this.#timeOfUndated(context), context);
    let text = withoutDate(line, date);
    let process: SessionKey | undefined;
    if (this.#programs !== undefined) {
      const message = this.#programs.read(text);
      if (message === undefined) return { verdict: "missed", date, time, text: undefined };
      ({ text, process } = message);
    }
    const whole = this.#matcher.seenWith(text);
    const verdict = this.#matcher.judge({ line, time, text, process }, emit);
    // Only lines that mean something teach the date's format: so nothing depends on which others were looked at.
    if (date !== undefined && verdict === "recognised") this.#dates.prefer(date);
    return { verdict, date, time, text: whole };
  }

  #findDate(line: string, now: number): FoundDate | undefined {
    const date = this.#dateIn(line, now);
    if (date?.time !== undefined) this.#lastDate = date.time;
    return date;
  }

  #dateIn(line: string, now: number): FoundDate | undefined {
    const date = this.#dates.find(line, now);
    if (date === undefined || this.#programs === undefined) return date;
    // Behind a syslog header a date is part of the message: somebody else may have written it.
    return date.start === 0 || /^(?:<\d{1,3}>|\W{0,2})$/.test(line.slice(0, date.start))
      ? date
      : undefined;
  }

  /** Looks for the last date in the lines before the candidate that were passed over. */
  #recallDate(candidates: Candidates, now: number): void {
    if (!this.#dates.isUsed) return;
    let tries = 0;
    for (const line of candidates.passedOver()) {
      if (tries++ === MAX_RECALL) return;
      try {
        if (this.#findDate(line, now)?.time !== undefined) return;
      } catch (error) {
        this.#giveUp(line, error);
      }
    }
  }

  /** Takes note of a line that takes too long. What else was thrown is thrown on. */
  #giveUp(line: string, error: unknown): void {
    if (!(error instanceof TookTooLong)) throw error;
    const count = (this.#givenUp?.count ?? 0) + 1;
    this.#givenUp = { count, line: ownCopy(line.slice(0, MAX_SHOWN)), why: error.message };
    this.#matcher.forgetLines();
  }

  #whatTookTooLong(entry: Entry, line: string, context: Context) {
    const isMessage = entry.time !== undefined;
    const date = isMessage
      ? undefined
      : unlessTooLong(() => this.#dateIn(line, context.now), undefined);
    const bare = withoutDate(line, date);
    const text = isMessage || this.#programs === undefined ? bare : this.#programs.read(bare)?.text;
    return {
      date,
      time: entry.time ?? date?.time ?? this.#timeOfUndated(context),
      text,
      patterns: text === undefined ? [] : this.#matcher.trace(this.#matcher.seenWith(text)),
    };
  }

  #timeOfUndated({ live, now }: Context): number {
    const last = this.#lastDate;
    return live ? (last > now - MINUTE ? last : now) : Number.isNaN(last) ? now : last;
  }
}

type Emit = (finding: Finding) => void;

interface Judgement {
  readonly verdict: Verdict;
  readonly date: FoundDate | undefined;
  readonly time: number;
  /** What the patterns saw; undefined where the line is not from one of the filter's programs. */
  readonly text: string | undefined;
}

const MINUTE = 60_000;
const CARRIAGE_RETURN = 0x0d;
/** In UTF-16 code units: so much is shown of a line that was given up. */
const MAX_SHOWN = 300;
/** So many lines back a date counts for a line that has none. */
const MAX_RECALL = 100;

function withoutDate(line: string, date: FoundDate | undefined): string {
  return date === undefined ? line : line.slice(0, date.start) + line.slice(date.end);
}

function clamp(time: number, { live, now }: Context): number {
  return live && time > now ? now : time;
}

function oneLine(text: string): string {
  return text.includes("\n") ? text.replaceAll("\n", "\\n") : text;
}
