import { type Host, idHost, ipv4Number, parseAddress, parseNetwork } from "../address.ts";
import { unlessTooLong } from "./bounded_regex.ts";
import type { FilterDefinition } from "./definition.ts";
import type { Failure, Finding, NamedFailure, Success } from "./failure.ts";
import { FilterError, within } from "./filter_error.ts";
import { FirstCharacters } from "./first_characters.ts";
import { type BufferedLine, LineBuffer, textOf } from "./line_buffer.ts";
import { Options } from "./options.ts";
import { type Captures, Pattern, type Progress } from "./pattern.ts";
import { addLine, countsInSession, MAX_KEPT, postpone, type Session } from "./session.ts";
import { type SavedSessions, Sessions } from "./sessions.ts";
import { type SessionKey, sessionKeyOf } from "./session_key.ts";

/** A line as the patterns see it. */
export interface Seen {
  /** The line as logged. */
  readonly line: string;
  /** When it was logged; milliseconds since the epoch. */
  readonly time: number;
  /** What of the line the patterns are to match. */
  readonly text: string;
  /** The process that wrote it, where that is known: it stands for a session. */
  readonly process: SessionKey | undefined;
}

/** What the patterns make of a line. `recognised`: one of them matched; whether that is a failure, the findings say. */
export type Verdict = "recognised" | "ignored" | "missed";

/**
 * What one failregex made of a text: its named parts where it matched, otherwise how far it got; that is undefined where
 * the text took it too long.
 */
export type PatternTrace =
  | { readonly matched: true; readonly parts: readonly (readonly [name: string, text: string])[] }
  | { readonly matched: false; readonly progress: Progress | undefined };

/** What a matcher remembers, as plain data. */
export interface MatcherState {
  readonly sessions: SavedSessions;
  /** The lines that patterns which see several may still match. */
  readonly lines: readonly BufferedLine[];
}

/** A filter's patterns, and the sessions of which their matches tell. */
export class Matcher {
  readonly failregex: readonly Pattern[];
  readonly prefregex: Pattern | undefined;
  readonly #ignoreregex: readonly Pattern[];
  readonly #usedns: boolean;
  readonly #firsts: FirstCharacters;
  readonly #usesSessions: boolean;
  readonly #sessions: Sessions;
  #latest = newLatest();
  /** The last lines, where patterns see several. */
  readonly #buffer: LineBuffer | undefined;

  /** Throws {@linkcode FilterError}. */
  constructor(definition: FilterDefinition, saved: MatcherState | undefined) {
    const { name, failregex, ignoreregex, prefregex, usedns, maxlines } = definition;
    const seesLines = maxlines > 1;
    const options = new Options(definition.options);
    const compile = (what: string, written: string, anchorsLines = false) => {
      const where = `filter ${name}: ${what}`;
      return within(where, () => options.patterns(written), written).map((source) =>
        within(where, () => new Pattern(source, { usedns, seesLines, anchorsLines }), source)
      );
    };
    // An option may hold no pattern.
    const isNone = (written: string) => written !== "" && options.text(written) === "";
    const compileEach = (key: string, list: readonly string[], anchorsLines = false) =>
      list.flatMap((written, index) => {
        const what = `${key} ${index + 1}`;
        const isLeftOut = within(`filter ${name}: ${what}`, () => isNone(written), written);
        return isLeftOut ? [] : compile(what, written, anchorsLines);
      });
    this.failregex = compileEach("failregex", failregex, true);
    if (failregex.length > 0 && this.failregex.length === 0) {
      throw new FilterError(`filter ${name}: failregex: its options leave no pattern`);
    }
    this.#ignoreregex = compileEach("ignoreregex", ignoreregex);
    this.prefregex = prefregex === undefined ? undefined : compile("prefregex", prefregex)[0];
    this.#firsts = new FirstCharacters(this.failregex.map(({ root }) => root));
    this.#usedns = usedns;
    this.#usesSessions = [...this.failregex, this.prefregex].some((pattern) =>
      pattern?.usesSessions
    );
    this.#sessions = new Sessions(saved?.sessions ?? []);
    this.#buffer = seesLines ? new LineBuffer(maxlines, saved?.lines ?? []) : undefined;
    this.#checkTags(definition);
  }

  /** Whether a text that begins with this character may mean something, by itself or for lines that follow. */
  mayMatch(code: number): boolean {
    if (this.prefregex !== undefined || this.#buffer !== undefined) return true;
    return this.#firsts.patternsFor(code).length > 0;
  }

  /** Judges a line, and tells what it found. Throws {@linkcode TookTooLong}. */
  judge(seen: Seen, emit: (finding: Finding) => void): Verdict {
    if (this.#buffer !== undefined) return this.#judgeLines(this.#buffer, seen, emit);
    // A client that guesses on one connection has sshd write the same message again and again.
    const latest = this.#latest;
    if (seen.text === latest.text && this.#conclude(latest.recognition!, seen, emit)) {
      return "recognised";
    }
    let text = seen.text;
    let base: Captures | undefined;
    if (this.prefregex !== undefined) {
      const match = this.prefregex.exec(text);
      if (match === null) return "missed";
      base = this.prefregex.read(match, undefined);
      text = base.content ?? text;
    }
    let isFirst = true;
    const candidates = this.#firsts.patternsFor(text.charCodeAt(0));
    for (let i = 0; i < candidates.length; i++) {
      const index = candidates[i]!;
      const pattern = this.failregex[index]!;
      const match = pattern.exec(text);
      if (match === null) continue;
      if (this.#ignores(text) || (text !== seen.text && this.#ignores(seen.text))) return "ignored";
      const recognition =
        (base === undefined ? recognisePlain(pattern, match, index) : undefined) ??
          this.#recognise(pattern.read(match, base), index);
      if (recognition !== undefined && this.#conclude(recognition, seen, emit)) {
        // Behind one that came to nothing it may come to nothing itself with the same text: that depends on the sender.
        if (isFirst) {
          latest.text = seen.text;
          latest.recognition = recognition;
        }
        return "recognised";
      }
      isFirst = false;
    }
    return "missed";
  }

  /** Lets go of the texts of the lines so far, but for what patterns and sessions still need. */
  forgetTexts(): void {
    this.#latest = newLatest();
  }

  /** Lets go of the lines so far that patterns may see together with the next: they took one of them too long. */
  forgetLines(): void {
    this.#buffer?.clear();
  }

  /** The text that patterns see once this one is added to what they have seen: more than it where they see several lines. */
  seenWith(text: string): string {
    return this.#buffer?.textWith(text) ?? text;
  }

  /** What each failregex makes of a text, by itself. */
  trace(text: string): readonly PatternTrace[] {
    const isLines = this.#buffer !== undefined;
    const prefix = this.prefregex &&
      unlessTooLong(() => this.prefregex!.exec(isLines ? withoutLastEnd(text) : text), null);
    if (prefix === null) return [];
    const taken = prefix && this.prefregex!.read(prefix, undefined).content;
    const content = taken === undefined ? text : isLines ? `${taken}\n` : taken;
    return this.failregex.map((pattern) => {
      const match = unlessTooLong(() => pattern.exec(content), undefined);
      if (match === undefined) return { matched: false, progress: undefined };
      return match === null
        ? { matched: false, progress: pattern.progress(content) }
        : { matched: true, parts: pattern.parts(match) };
    });
  }

  save(): MatcherState {
    return { sessions: this.#sessions.save(), lines: this.#buffer?.save() ?? [] };
  }

  #judgeLines(buffer: LineBuffer, seen: Seen, emit: (finding: Finding) => void): Verdict {
    buffer.add(seen.line, seen.text);
    for (;;) {
      const found = this.#findInLines(buffer.text);
      if (found === undefined) return "missed";
      const { captures, pattern, whole, skipped } = found;
      const lines = buffer.linesOf(whole, skipped);
      if (lines.length === 0) return "missed";
      buffer.remove(lines);
      if (this.#ignores(withoutLastEnd(textOf(lines)))) return "ignored";
      const line = lines.map(([line]) => line).join("\n");
      const recognition = this.#recognise(captures, pattern);
      if (recognition !== undefined && this.#conclude(recognition, { ...seen, line }, emit)) {
        return "recognised";
      }
    }
  }

  /** The first failregex that matches somewhere in several lines, and where. */
  #findInLines(whole: string) {
    const prefix = this.prefregex?.exec(withoutLastEnd(whole));
    if (prefix === null) return undefined;
    const base = prefix && this.prefregex!.read(prefix, undefined);
    const text = base?.content === undefined ? whole : `${base.content}\n`;
    for (const [index, pattern] of this.failregex.entries()) {
      const match = pattern.exec(text);
      if (match === null) continue;
      // Of a content it is not known where in the lines it stood: they are taken for those of the prefregex.
      const place = text === whole ? pattern.placeOf(match) : this.prefregex!.placeOf(prefix!);
      return { captures: pattern.read(match, base), pattern: index, ...place };
    }
    return undefined;
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
    return this.#ignoreregex.length > 0 && this.#ignoreregex.some((pattern) => pattern.test(text));
  }

  /** What a match says by itself; undefined where what it took for an address is none: another may do better. */
  #recognise(captures: Captures, pattern: number): FullRecognition | undefined {
    const address = addressOf(captures);
    const host = idOf(captures) ?? address;
    const name = host === undefined && this.#usedns ? captures.name : undefined;
    const claimsHost = captures.id !== undefined || captures.address !== undefined ||
      captures.name !== undefined;
    if (host === undefined && name === undefined && claimsHost) return undefined;
    const behind = address === host ? undefined : address;
    return { kind: "full", pattern, captures, claimsHost, host, address: behind, name };
  }

  /** Draws the conclusion from a match. False where it does not tell whose it is: another may do better. */
  #conclude(recognition: Recognition, seen: Seen, emit: (finding: Finding) => void): boolean {
    return recognition.kind === "plain"
      ? this.#concludePlain(recognition, seen, emit)
      : this.#concludeFull(recognition, seen, emit);
  }

  #concludePlain(
    recognition: PlainRecognition,
    seen: Seen,
    emit: (finding: Finding) => void,
  ): boolean {
    const { pattern, host, ipv4, user } = recognition;
    const { time, line, process } = seen;
    const key = this.#usesSessions ? process : undefined;
    if (key === undefined) {
      emit(
        user === ""
          ? { kind: "failure", time, line, pattern, host }
          : { kind: "failure", time, line, pattern, host, user },
      );
      return true;
    }
    const failed = this.#sessions.addPlainFailure(key, time, host, ipv4, user);
    if (failed === undefined) return this.#concludeFull(fullOf(recognition), seen, emit);
    const session = key.text;
    emit(
      failed === ""
        ? { kind: "failure", time, line, pattern, host, session }
        : { kind: "failure", time, line, pattern, host, user: failed, session },
    );
    return true;
  }

  #concludeFull(
    { pattern, captures, claimsHost, host, address, name }: FullRecognition,
    seen: Seen,
    emit: (finding: Finding) => void,
  ): boolean {
    const key = this.#usesSessions ? keyOf(captures.session) ?? seen.process : undefined;
    if (key === undefined && !claimsHost) return false;
    const { time, line } = seen;
    const { user } = captures;
    const match: Match = { time, line, pattern, host, address, name, user, session: key?.text };
    if (key !== undefined) {
      this.#concludeInSession(captures, match, key, emit);
    } else if (!captures.isHarmless && !captures.isSuccess) {
      emit(failureOf(match));
    }
    return true;
  }

  #concludeInSession(
    captures: Captures,
    match: Match,
    key: SessionKey,
    emit: (finding: Finding) => void,
  ): void {
    const session = this.#sessions.open(key, match.time);
    const { line, host, address, user, name, pattern } = match;
    const { isHarmless, isSuccess } = captures;
    const meaning = addLine(session, { line, host, address, user, isHarmless, isSuccess });
    if (meaning.kind === "success") {
      emit(successOf(session, key.text, match.time));
    } else if (meaning.kind === "failure") {
      const who = session.host ?? name;
      if (who === undefined) postpone(session, meaning.lines);
      else if (countsInSession(session, { host: who, pattern, once: captures.isOnce })) {
        match.line = meaning.lines.length === 1 ? line : meaning.lines.join("\n");
        match.host = session.host;
        match.address = session.address;
        match.user ||= session.user;
        emit(failureOf(match));
      }
    }
    if (captures.endsSession) this.#sessions.close(key);
  }
}

/** What a match says by itself. */
type Recognition = PlainRecognition | FullRecognition;

/** It is a failure of this host: so is nearly every match in an attack, and to say this alone takes half the time. */
interface PlainRecognition {
  readonly kind: "plain";
  readonly pattern: number;
  readonly host: Host;
  /** The host as {@linkcode ipv4Number} gives it. */
  readonly ipv4: number;
  /** Empty where it names none. */
  readonly user: string;
}

interface FullRecognition {
  readonly kind: "full";
  readonly pattern: number;
  readonly captures: Captures;
  /** Whether it says who failed, and does not leave that to the session's other lines. */
  readonly claimsHost: boolean;
  readonly host: Host | undefined;
  /** The address behind an id. */
  readonly address: Host | undefined;
  readonly name: string | undefined;
}

/**
 * What was recognised last, and in which text. It is new for each block: V8 takes notes for its garbage collector of what is
 * put into an old object.
 */
interface Latest {
  text: string | undefined;
  recognition: Recognition | undefined;
}

function newLatest(): Latest {
  return { text: undefined, recognition: undefined };
}

/** undefined where there is more to it. */
function recognisePlain(
  { plain }: Pattern,
  match: RegExpExecArray,
  pattern: number,
): PlainRecognition | undefined {
  if (plain === undefined) return undefined;
  const address = match[plain.address] ?? "";
  const ipv4 = ipv4Number(address);
  const host = ipv4 < 0 ? parseAddress(address) : address;
  if (host === undefined) return undefined;
  const user = plain.user < 0 ? "" : match[plain.user] ?? "";
  return { kind: "plain", pattern, host, ipv4: host === address ? ipv4 : ipv4Number(host), user };
}

function fullOf({ pattern, host, user }: PlainRecognition): FullRecognition {
  const captures: Captures = {
    id: undefined,
    address: host,
    name: undefined,
    user: user || undefined,
    session: undefined,
    isHarmless: false,
    isOnce: false,
    isSuccess: false,
    endsSession: false,
    content: undefined,
  };
  return {
    kind: "full",
    pattern,
    captures,
    claimsHost: true,
    host,
    address: undefined,
    name: undefined,
  };
}

/** A failure in the making: either `host` or `name` is known. */
interface Match {
  readonly time: number;
  line: string;
  readonly pattern: number;
  host: Host | undefined;
  /** The address behind an id. */
  address: Host | undefined;
  readonly name: string | undefined;
  user: string | undefined;
  /** The text of the session's key. */
  readonly session: string | undefined;
}

/** Field by field: with `...` this took a quarter of the time of a line that matches. */
function failureOf({ time, line, pattern, host, address, name, user, session }: Match): Finding {
  let finding: Writable<Failure> | Writable<NamedFailure>;
  if (host === undefined) {
    finding = { kind: "named", time, line, pattern, name: name! };
  } else {
    finding = { kind: "failure", time, line, pattern, host };
    if (address !== undefined) finding.address = address;
  }
  if (user) finding.user = user;
  if (session !== undefined) finding.session = session;
  return finding;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function successOf({ host, user }: Session, session: string, time: number): Finding {
  const success: Writable<Success> = { kind: "success", time, session };
  if (host) success.host = host;
  if (user) success.user = user;
  return success;
}

/** Several lines as prefregex and ignoreregex see them, so that `$` is their end. */
function withoutLastEnd(lines: string): string {
  return lines.slice(0, -1);
}

function addressOf({ address, name }: Captures): Host | undefined {
  const text = address ?? name;
  if (text === undefined) return undefined;
  const host = parseAddress(text);
  if (host !== undefined) return host;
  if (text.includes("/")) return parseNetwork(text);
  // An IPv6 address without brackets runs on into the port behind it; five digits are no part of one.
  return parseAddress(text.replace(/(?<=:.*):\d{5}$/, ""));
}

/** What `<F-ID>` took: an address in its canonical spelling, or the text as it is. */
function idOf({ id }: Captures): Host | undefined {
  return id === undefined ? undefined : parseNetwork(id) ?? idHost(id.slice(0, MAX_KEPT));
}

function keyOf(session: string | undefined): SessionKey | undefined {
  return session === undefined ? undefined : sessionKeyOf(session);
}
