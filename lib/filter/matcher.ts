import { type Host, parseAddress, parseNetwork } from "../address.ts";
import type { FilterDefinition } from "./definition.ts";
import type { Failure, Finding, NamedFailure } from "./failure.ts";
import { FilterError, within } from "./filter_error.ts";
import { Options } from "./options.ts";
import { type Captures, Pattern, type Progress } from "./pattern.ts";
import { ownCopy } from "../own_copy.ts";
import { countsInSession, type SavedSessions, type Session, Sessions } from "./session.ts";

/** A line as the patterns see it. */
export interface Seen {
  /** The line as logged. */
  readonly line: string;
  /** When it was logged; milliseconds since the epoch. */
  readonly time: number;
  /** What of the line the patterns are to match. */
  readonly text: string;
  /** The process that wrote it, where that is known: it stands for a session. */
  readonly process: string | undefined;
}

/** What the patterns make of a line. `recognised`: one of them matched; whether that is a failure, the findings say. */
export type Verdict = "recognised" | "ignored" | "missed";

/** What one failregex made of a text: its named parts where it matched, otherwise how far it got. */
export type PatternTrace =
  | { readonly matched: true; readonly parts: readonly (readonly [name: string, text: string])[] }
  | { readonly matched: false; readonly progress: Progress };

/** A filter's patterns, and the sessions of which their matches tell. */
export class Matcher {
  readonly failregex: readonly Pattern[];
  readonly prefregex: Pattern | undefined;
  readonly #ignoreregex: readonly Pattern[];
  readonly #usedns: boolean;
  readonly #usesSessions: boolean;
  readonly #sessions: Sessions;

  /** Throws {@linkcode FilterError}. */
  constructor(definition: FilterDefinition, sessions: SavedSessions) {
    const { name, failregex, ignoreregex, prefregex, usedns } = definition;
    const options = new Options(definition.options);
    const compile = (what: string, written: string) => {
      const where = `filter ${name}: ${what}`;
      return within(where, () => options.patterns(written), written).map((source) =>
        within(where, () => new Pattern(source, usedns), source)
      );
    };
    this.failregex = failregex.flatMap((source, index) =>
      compile(`failregex ${index + 1}`, source)
    );
    this.#ignoreregex = ignoreregex.flatMap((source, index) =>
      compile(`ignoreregex ${index + 1}`, source)
    );
    this.prefregex = prefregex === undefined ? undefined : compile("prefregex", prefregex)[0];
    this.#usedns = usedns;
    this.#usesSessions = [...this.failregex, this.prefregex].some((pattern) =>
      pattern?.usesSessions
    );
    this.#sessions = new Sessions(sessions);
    this.#checkTags(definition);
  }

  /** Judges a line, and tells what it found. */
  judge(seen: Seen, emit: (finding: Finding) => void): Verdict {
    let text = seen.text;
    let base: Captures | undefined;
    if (this.prefregex !== undefined) {
      const match = this.prefregex.exec(text);
      if (match === null) return "missed";
      base = this.prefregex.read(match, undefined);
      text = base.content || text;
    }
    for (let index = 0; index < this.failregex.length; index++) {
      const pattern = this.failregex[index]!;
      const match = pattern.exec(text);
      if (match === null) continue;
      if (this.#ignores(text) || (text !== seen.text && this.#ignores(seen.text))) return "ignored";
      if (this.#conclude(pattern.read(match, base), index, seen, emit)) return "recognised";
    }
    return "missed";
  }

  /** What each failregex makes of a text, by itself. */
  trace(text: string): readonly PatternTrace[] {
    const prefix = this.prefregex?.exec(text);
    if (prefix === null) return [];
    const content = (prefix && this.prefregex!.read(prefix, undefined).content) || text;
    return this.failregex.map((pattern) => {
      const match = pattern.exec(content);
      return match === null
        ? { matched: false, progress: pattern.progress(content) }
        : { matched: true, parts: pattern.parts(match) };
    });
  }

  save(): SavedSessions {
    return this.#sessions.save();
  }

  /** Every failregex must say who failed, unless the prefregex does or the lines' senders stand for sessions. */
  #checkTags({ name, syslogIdentifier }: FilterDefinition): void {
    if (this.prefregex?.identifies) return;
    if (this.#usesSessions && syslogIdentifier.length > 0) return;
    const index = this.failregex.findIndex((pattern) => !pattern.identifies);
    if (index < 0) return;
    throw new FilterError(
      `filter ${name}: failregex ${index + 1}: it does not say who failed: ` +
        `put <HOST>, <ADDR> or <F-ID>...</F-ID> where the address stands: received ${
          this.failregex[index]!.source
        }`,
    );
  }

  #ignores(text: string): boolean {
    return this.#ignoreregex.some((pattern) => pattern.test(text));
  }

  /** Draws the conclusion from a match. False where what it took for an address is none: another may do better. */
  #conclude(
    captures: Captures,
    pattern: number,
    seen: Seen,
    emit: (finding: Finding) => void,
  ): boolean {
    const host = hostOf(captures);
    const name = host === undefined && this.#usedns ? captures.name : undefined;
    const claimsHost = captures.host !== undefined || captures.name !== undefined;
    if (host === undefined && name === undefined && claimsHost) return false;
    const key = this.#usesSessions ? sessionKey(captures.session ?? seen.process) : undefined;
    const { time, line } = seen;
    const { user } = captures;
    const match: Match = { time, line, pattern, host, name, user, key };
    if (key !== undefined) {
      this.#concludeInSession(captures, match, this.#sessions.open(key, seen.time), key, emit);
    } else if (!claimsHost) {
      return false;
    } else if (!captures.isHarmless && !captures.isSuccess) {
      emit(failureOf(match));
    }
    return true;
  }

  #concludeInSession(
    captures: Captures,
    match: Match,
    session: Session,
    key: string,
    emit: (finding: Finding) => void,
  ): void {
    if (match.host !== undefined) session.host = ownCopy(match.host);
    if (captures.user) {
      const user = ownCopy(captures.user.slice(0, MAX_KEPT));
      session.severalUsers ||= session.user !== undefined && session.user !== user;
      session.user = user;
    }
    const isFailure = !captures.isHarmless || session.pending !== undefined || session.severalUsers;
    if (captures.isSuccess) {
      session.pending = undefined;
      emit(successOf(session, key, match.time));
    } else if (isFailure && session.host === undefined && match.name === undefined) {
      session.pending ??= ownCopy(match.line.slice(0, MAX_PENDING));
    } else if (isFailure) {
      const { pattern, name } = match;
      if (
        countsInSession(session, { host: session.host ?? name!, pattern, once: captures.isOnce })
      ) {
        match.line = session.pending ?? match.line;
        match.host = session.host;
        match.user ||= session.user;
        emit(failureOf(match));
      }
      session.pending = undefined;
    }
    if (captures.endsSession) this.#sessions.close(key);
  }
}

/** How much of hostile text is kept where it is kept for long. */
const MAX_KEPT = 256;
const MAX_PENDING = 1024;

/** A failure in the making: either `host` or `name` is known. */
interface Match {
  readonly time: number;
  line: string;
  readonly pattern: number;
  host: Host | undefined;
  readonly name: string | undefined;
  user: string | undefined;
  readonly key: string | undefined;
}

/** Field by field: with `...` this took a quarter of the time of a line that matches. */
function failureOf({ time, line, pattern, host, name, user, key }: Match): Finding {
  const finding: Writable<Failure> | Writable<NamedFailure> = host === undefined
    ? { kind: "named", time, line, pattern, name: name! }
    : { kind: "failure", time, line, pattern, host };
  if (user) finding.user = user;
  if (key !== undefined) finding.session = key;
  return finding;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function successOf({ host, user }: Session, session: string, time: number): Finding {
  return { kind: "success", time, session, ...(host && { host }), ...(user && { user }) };
}

function hostOf({ host, name }: Captures): Host | undefined {
  const text = host ?? name;
  if (text === undefined) return undefined;
  return text.includes("/") ? parseNetwork(text) : parseAddress(text);
}

function sessionKey(name: string | undefined): string | undefined {
  return name !== undefined && name.length > MAX_KEPT ? name.slice(0, MAX_KEPT) : name;
}
