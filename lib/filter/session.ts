import type { Host } from "../address.ts";
import { ownCopy } from "../own_copy.ts";

/** What the lines of one login session have told so far. */
export interface Session {
  /** Whom its failures are of: an address, or an id that is none. */
  host: Host | undefined;
  /** The address behind an id. */
  address: Host | undefined;
  user: string | undefined;
  /** Whether a second user was tried. */
  severalUsers: boolean;
  /** The lines of a failure that waits for a line that says whose it is. */
  pending: readonly string[];
  /** The lines since its last failure, which were none. */
  harmless: readonly string[];
  /** The host or name whose failures counted last. */
  counted: string | undefined;
  /** The patterns of its lines that stand for the whole session. */
  once: readonly number[];
  /** Whether such a line has counted in advance for the failure that it stands for. */
  inAdvance: boolean;
}

/** What one more line says of its session. */
export interface SessionLine {
  readonly line: string;
  readonly host: Host | undefined;
  readonly address: Host | undefined;
  readonly user: string | undefined;
  readonly isHarmless: boolean;
  readonly isSuccess: boolean;
}

/** What a line is in the light of its session; a failure comes with all the lines that make it, the oldest first. */
export type LineMeaning =
  | { readonly kind: "success" | "harmless" }
  | { readonly kind: "failure"; readonly lines: readonly string[] };

/**
 * Takes a line into its session. A line that is no failure by itself is one where the session has a failure that waits
 * for an address, or has tried several users; a success is none then, for it does not make up for the others.
 */
export function addLine(session: Session, next: SessionLine): LineMeaning {
  const { line, host, address, user } = next;
  if (user) noteUser(session, user);
  if (host !== undefined) {
    noteHost(session, host);
    session.address = address === undefined ? undefined : ownCopy(address);
  }
  if (next.isSuccess) session.pending = NO_LINES;
  const counts = session.pending.length > 0 || session.severalUsers;
  if ((next.isHarmless || next.isSuccess) && !counts) {
    session.harmless = withLine(session.harmless, line);
    return next.isSuccess ? SUCCESS : HARMLESS;
  }
  const { harmless, pending } = session;
  // Nearly always there are none; joining them takes longer than all the rest.
  const isAlone = harmless.length === 0 && pending.length === 0;
  const lines = isAlone ? [line] : [...harmless, ...pending, line];
  session.harmless = session.pending = NO_LINES;
  return { kind: "failure", lines };
}

/**
 * Takes in a failure that says itself whose it is, where no line before it has a bearing on it: then it counts, and all
 * its lines are its own. False: it has, and nothing was taken in. What {@linkcode addLine} and {@linkcode countsInSession}
 * say to the same takes three times as long, and nearly every line of an attack is such a one.
 */
export function addPlainFailure(session: Session, host: Host, user: string | undefined): boolean {
  if (session.inAdvance || session.harmless.length > 0 || session.pending.length > 0) return false;
  if (user) noteUser(session, user);
  noteHost(session, host);
  session.address = undefined;
  if (session.counted !== session.host) {
    session.counted = session.host;
    session.once = NONE;
  }
  return true;
}

function noteUser(session: Session, user: string): void {
  const name = keptName(user);
  if (session.user === name) return;
  session.severalUsers ||= session.user !== undefined;
  session.user = ownCopy(name);
}

function noteHost(session: Session, host: Host): void {
  // To compare is cheaper than to copy, and most lines of a session name one host.
  if (session.host !== host) session.host = ownCopy(host);
}

/** A session of which this much is known. All fields from the start: objects of one shape are what V8 is fast with. */
export function newSession(known: Partial<Session>): Session {
  return {
    host: known.host,
    address: known.address,
    user: known.user,
    severalUsers: known.severalUsers ?? false,
    pending: known.pending ?? NO_LINES,
    harmless: known.harmless ?? NO_LINES,
    counted: known.counted,
    once: known.once ?? NONE,
    inAdvance: known.inAdvance ?? false,
  };
}

/** Keeps the lines of a failure until another line says whose it is. */
export function postpone(session: Session, lines: readonly string[]): void {
  session.pending = kept(lines);
}

/** What is kept of a user's name. */
export function keptName(user: string): string {
  return user.length > MAX_KEPT ? user.slice(0, MAX_KEPT) : user;
}

const SUCCESS = { kind: "success" } as const;
const HARMLESS = { kind: "harmless" } as const;

/** How much of hostile text is kept where it is kept for long. */
export const MAX_KEPT = 256;
const MAX_LINE = 500;
const MAX_LINES = 10;
const NO_LINES: readonly string[] = [];
const NONE: readonly number[] = [];

/** Copies of the newest of these lines. */
function kept(lines: readonly string[]): readonly string[] {
  return lines.slice(-MAX_LINES).map(copyOfLine);
}

/** The newest of these lines, which are copies, and one more. */
function withLine(lines: readonly string[], line: string): readonly string[] {
  const copy = copyOfLine(line);
  // Mostly it is the only one, and to spread nothing takes longer than the copy.
  return lines.length === 0 ? [copy] : [...lines.slice(1 - MAX_LINES), copy];
}

function copyOfLine(line: string): string {
  return ownCopy(line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line);
}

/**
 * Whether a failure counts beside those before it in its session. One that stands for the whole session (`once`) counts
 * where nothing else has, and then the next one is taken for what it stood for. So an attempt counts once, whichever
 * lines it leaves, and a session never less than once.
 */
export function countsInSession(
  session: Session,
  { host, pattern, once }: { host: string; pattern: number; once: boolean },
): boolean {
  // A session says each such thing once. Said again, it is of another one under the same key, and so is another host's.
  const isFirst = session.counted !== host || (once && session.once.includes(pattern));
  const counts = isFirst || (!once && !session.inAdvance);
  const before = isFirst ? NONE : session.once;
  if (session.counted !== host) session.counted = host === session.host ? host : ownCopy(host);
  session.once = once ? [...before, pattern] : before;
  session.inAdvance = once && (isFirst || session.inAdvance);
  return counts;
}
