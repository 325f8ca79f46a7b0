/** What is wrong with a filter, or may be. */
export interface Flaw {
  readonly kind: Kind;
  /** The failregex that it is about, counted from 0 with options filled in; undefined: the filter as a whole. */
  readonly pattern: number | undefined;
  /** What is wrong and how to mend it. */
  readonly message: string;
  /** What a stranger can do with it; absent where that cannot be shown. */
  readonly forgery?: Forgery;
}

/** A line with which a stranger has somebody else blamed. */
export interface Forgery {
  /** As the patterns see it: without its date, and without a syslog header. */
  readonly line: string;
  /** The address that the filter takes from it, which is not the peer's. */
  readonly host: string;
}

/**
 * - `anchor`: a pattern also matches in the midst of other lines.
 * - `host`: text of the attacker's moves the place of the address.
 * - `linear`: V8's linear-time engine cannot run the pattern.
 * - `impossible`: no line matches the pattern.
 * - `sample`: no sample shows the filter or the pattern at work.
 */
export type Kind = "anchor" | "host" | "linear" | "impossible" | "sample";
