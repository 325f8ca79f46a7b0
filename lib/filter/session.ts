import type { Host } from "../address.ts";
import { ownCopy } from "../own_copy.ts";

/** What the lines of one login session have told so far. */
export interface Session {
  /** When its first line was logged; milliseconds since the epoch. */
  readonly since: number;
  host: Host | undefined;
  user: string | undefined;
  /** Whether a second user was tried. */
  severalUsers: boolean;
  /** The line of a failure whose address is not known yet, cut short: hostile text is kept for long here. */
  pending: string | undefined;
  /** The host or name whose failures counted last. */
  counted: string | undefined;
  /** The patterns of its lines that stand for the whole session. */
  once: readonly number[];
  /** Whether such a line has counted in advance for the failure that it stands for. */
  inAdvance: boolean;
}

/** Sessions as plain data; what is unknown is absent. */
export type SavedSessions = readonly (readonly [key: string, session: Saved])[];
type Saved =
  & Pick<Session, "since">
  & Partial<{ readonly [Key in keyof Session]: Session[Key] | undefined }>;

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
  session.counted = ownCopy(host);
  session.once = once ? [...before, pattern] : before;
  session.inAdvance = once && (isFirst || session.inAdvance);
  return counts;
}

/**
 * The sessions of late, by their key. Bounded, for an attacker can open as many as he likes: when half of the room is
 * full, the older half goes. (Taking the oldest out of one map each time would have V8 step over the holes of those
 * before it.)
 */
export class Sessions {
  #recent: Map<string, Session>;
  #older = new Map<string, Session>();

  constructor(saved: SavedSessions) {
    this.#recent = new Map(saved.map(([key, session]) => [key, restored(session)]));
  }

  /** The session of that key, new if there is none or only one long past. */
  open(key: string, time: number): Session {
    const known = this.#recent.get(key) ?? this.#older.get(key);
    if (known !== undefined && time - known.since <= LIFETIME) return known;
    if (this.#recent.size >= MAX_SESSIONS / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    const session = restored({ since: time });
    this.#recent.set(ownCopy(key), session);
    return session;
  }

  close(key: string): void {
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  /** The oldest first. */
  save(): SavedSessions {
    return [...new Map([...this.#older, ...this.#recent])].map((
      [key, session],
    ) => [key, { ...session }]);
  }
}

/** In milliseconds of log time, from a session's first line. */
const LIFETIME = 300_000;
const MAX_SESSIONS = 2000;
const NONE: readonly number[] = [];

/** All fields from the start: objects of one shape are what V8 is fast with. */
function restored(saved: Saved): Session {
  return {
    since: saved.since,
    host: saved.host,
    user: saved.user,
    severalUsers: saved.severalUsers ?? false,
    pending: saved.pending,
    counted: saved.counted,
    once: saved.once ?? NONE,
    inAdvance: saved.inAdvance ?? false,
  };
}
