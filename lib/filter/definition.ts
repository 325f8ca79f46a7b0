/** A line that shows what a filter does; `banjo check` and the tests run it. */
export interface Sample {
  /** A line as a log file has it, date included; or `message`: a journal entry's text. */
  readonly line?: string;
  readonly message?: string;
  /** The host that must be found, canonical; absent where `match` is false. */
  readonly host?: string;
  readonly user?: string;
  /** ISO 8601; the failure's time where the line's date is to be checked. */
  readonly time?: string;
  /** Options of the filter that it is to be judged with; samples with the same ones run together, as one log. */
  readonly options?: Readonly<Record<string, string>>;
  /** false: the line must lead to no failure. */
  readonly match: boolean;
}

/** A filter as written in TOML, before it is compiled. */
export interface FilterDefinition {
  readonly name: string;
  readonly description: string;
  /**
   * Options with their values: `<name>` in a pattern stands for the value, one of several lines for several patterns.
   * Values may refer to others.
   */
  readonly options: Readonly<Record<string, string>>;
  readonly failregex: readonly string[];
  readonly ignoreregex: readonly string[];
  readonly prefregex: string | undefined;
  /**
   * So many lines the patterns see at once, the last one being new. Above 1 the text is all of them with `\n` between them,
   * and for failregex behind the last as well; `.` takes no line end then, and `^` and `$` are in failregex the ends of
   * each line, elsewhere of the whole. Other characters that ECMAScript takes for line ends become blanks.
   */
  readonly maxlines: number;
  /** Date patterns tried in order; empty: the usual formats are detected. */
  readonly datepattern: readonly string[];
  /**
   * Programs whose lines count. In a file the syslog header (`HOST IDENT[PID]: `) behind the date is cut off and
   * its identifier must be among these; in the journal the entry's own identifier must. Patterns then see the bare
   * message in both. Empty: patterns see the whole line but the date.
   */
  readonly syslogIdentifier: readonly string[];
  /**
   * What of a journal entry the patterns see: its message; or as syslog would have written it, `HOST IDENT[PID]: MESSAGE`
   * with a header made of the journal's own fields.
   */
  readonly journalText: "message" | "syslog";
  /** The journal matches that a jail uses unless it has its own. */
  readonly journalmatch: readonly (readonly string[])[];
  /** Whether a success that it finds proves a login: nobody else can have such a line logged. */
  readonly provesLogin: boolean;
  /** Whether a stranger can have lines logged that name an address of his choice. */
  readonly isForgeable: boolean;
  /** Whether host names are resolved. */
  readonly usedns: boolean;
  /** Zone of dates that name none: an IANA name, `UTC` or `+hhmm`; undefined: the system's. */
  readonly logtimezone: string | undefined;
  readonly samples: readonly Sample[];
}
