import { type Host, ipv4Text } from "../address.ts";
import { ownCopy } from "../own_copy.ts";
import { RecentKeys } from "./recent_keys.ts";
import { addPlainFailure, keptName, newSession, type Session } from "./session.ts";
import { type SessionKey, sessionKeyOf } from "./session_key.ts";

/** Sessions as plain data; what is unknown is absent. */
export type SavedSessions = readonly (readonly [key: string, session: Saved])[];
type Saved =
  & { readonly since: number }
  & { readonly [Key in keyof Session]?: Session[Key] | undefined };

/**
 * The sessions of late, by their key. Bounded, for an attacker can open as many as he likes: the oldest go.
 *
 * In an attack nearly all of them know one thing: that one user failed from one host. Those stand in columns, the others as
 * objects. An object with copies of its texts for each took 0.25 µs, and these take 0.05.
 */
export class Sessions {
  readonly #keys = new RecentKeys(MAX_SESSIONS);
  /** Nothing is allocated before there is a session. */
  #columns: Columns | undefined;

  constructor(saved: SavedSessions) {
    for (const [key, { since, ...known }] of saved) {
      this.#add(sessionKeyOf(key), since, newSession(known as Partial<Session>));
    }
  }

  /** The session of that key, new if there is none or only one long past. */
  open(key: SessionKey, time: number): Session {
    const slot = this.#find(key, time);
    if (slot >= 0) return this.#sessionAt(slot);
    const session = newSession({});
    this.#add(key, time, session);
    return session;
  }

  /**
   * Takes a failure that says itself whose it is into its session, where no line before it has a bearing on it: then it
   * counts, and all its lines are its own. Gives the user that it or its session names, empty where none does; undefined: a
   * line before it has a bearing, and nothing was taken in. `ipv4`: the host as ipv4Number gives it.
   */
  addPlainFailure(
    key: SessionKey,
    time: number,
    host: Host,
    ipv4: number,
    user: string,
  ): string | undefined {
    const slot = this.#find(key, time);
    if (slot < 0) {
      this.#addFailed(key, time, host, ipv4, user);
      return user;
    }
    const { sessions, ipv4s, hosts, users } = this.#columns!;
    if (sessions[slot] === undefined) {
      const known = hosts[slot];
      const isSameHost = known === undefined ? ipv4s[slot] === ipv4 : known === host;
      if (isSameHost && (user === "" || users[slot] === user)) return users[slot]!;
    }
    const session = this.#sessionAt(slot);
    return addPlainFailure(session, host, user) ? user || (session.user ?? "") : undefined;
  }

  close(key: SessionKey): void {
    const slot = this.#keys.find(key);
    if (slot < 0) return;
    this.#keys.remove(slot);
    this.#columns!.sessions[slot] = undefined;
  }

  /** The oldest first. */
  save(): SavedSessions {
    return Array.from(this.#keys.entries(), ([key, slot]) => {
      const { sinces, sessions } = this.#columns!;
      return [key, { since: sinces[slot]!, ...(sessions[slot] ?? this.#failedAt(slot)) }];
    });
  }

  /** The slot of a session that is not long past; -1 where there is none. */
  #find(key: SessionKey, time: number): number {
    const slot = this.#keys.find(key);
    if (slot < 0 || time - this.#columns!.sinces[slot]! <= LIFETIME) return slot;
    this.#keys.remove(slot);
    return -1;
  }

  #add(key: SessionKey, since: number, session: Session): void {
    const slot = this.#keys.add(key);
    const { sinces, sessions } = this.#columns ??= newColumns();
    sinces[slot] = since;
    sessions[slot] = session;
  }

  #addFailed(key: SessionKey, since: number, host: Host, ipv4: number, user: string): void {
    const slot = this.#keys.add(key);
    const { sinces, sessions, ipv4s, hosts, users } = this.#columns ??= newColumns();
    sinces[slot] = since;
    sessions[slot] = undefined;
    ipv4s[slot] = ipv4;
    hosts[slot] = ipv4 < 0 ? ownCopy(host) : undefined;
    users[slot] = ownCopy(keptName(user));
  }

  /** The session in a slot, as an object from now on. */
  #sessionAt(slot: number): Session {
    return this.#columns!.sessions[slot] ??= this.#failedAt(slot);
  }

  /** The session that stands in the columns. */
  #failedAt(slot: number): Session {
    const { ipv4s, hosts, users } = this.#columns!;
    const host = hosts[slot] ?? ipv4Text(ipv4s[slot]!);
    return newSession({ host, user: users[slot] || undefined, counted: host });
  }
}

/** By slots. */
interface Columns {
  /** When the session's first line was logged; milliseconds since the epoch. */
  readonly sinces: Float64Array;
  /** undefined: of this one, nothing is known but that a user failed from a host. */
  readonly sessions: (Session | undefined)[];
  /** The host, if it is an IPv4 address: V8 takes 0.1 µs to copy a text of that length. */
  readonly ipv4s: Uint32Array;
  /** Any other host. */
  readonly hosts: (Host | undefined)[];
  /** Empty: unknown. */
  readonly users: string[];
}

function newColumns(): Columns {
  return {
    sinces: new Float64Array(MAX_SESSIONS),
    sessions: new Array<Session | undefined>(MAX_SESSIONS).fill(undefined),
    ipv4s: new Uint32Array(MAX_SESSIONS),
    hosts: new Array<Host | undefined>(MAX_SESSIONS).fill(undefined),
    users: new Array<string>(MAX_SESSIONS).fill(""),
  };
}

/** In milliseconds of log time, from a session's first line. */
const LIFETIME = 300_000;
const MAX_SESSIONS = 2000;
