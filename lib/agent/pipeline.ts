/**
 * Filters and jails, wired: text in, bans out. The running agent and `banjo simulate` both drive this one, so what
 * they decide cannot differ. It reads no clock and does no I/O.
 */
import type { Host } from "../address.ts";
import { isForgeable } from "../config/mod.ts";
import { decodeLines } from "../decode_lines.ts";
import type { Candidates } from "../filter/candidates.ts";
import type { Failure, Finding, NamedFailure, Success } from "../filter/failure.ts";
import { compileFilter, type Context, type Filter, type FilterState } from "../filter/filter.ts";
import type { GivenUp } from "../filter/given_up.ts";
import {
  type Ban,
  type BanEvent,
  type BanMemory,
  type BanOrder,
  banSettingsOf,
  failureOfBan,
  type HostFacts,
  Jail,
  type JailEvent,
  type JailSettings,
  type Trust,
} from "../jail/mod.ts";
import type { Entry } from "../sources/mod.ts";
import type { Instant } from "../state/mod.ts";

/** What a jail and its filter remember, as the snapshot keeps it. */
export type PostState = Instant["jails"][string];

/** A jail on duty, with the filter that feeds it. */
export interface Post {
  readonly settings: JailSettings;
  readonly jail: Jail;
  /** Jails that would see the same lines with the same filter have one between them. */
  readonly filter: Filter;
  /** Of a jail that rests: what its filter remembered, for the time when it runs again. */
  readonly resting: FilterState | undefined;
  /**
   * Whether a success in the journal proves a login: the filter says so, and journald vouches for who wrote the entry. A
   * line of a file proves nothing, for syslog writes there what any local user sends it.
   */
  readonly provesLogin: boolean;
  /** Findings from before are not this jail's, in milliseconds since the epoch: where a first start begins. */
  readonly notBefore: number;
  /** Where it begins in a log that it has not read before, in milliseconds since the epoch. */
  readonly firstTime: number;
  /** The latest time that a finding of this jail had. */
  clock: number;
  /** How many lines its filter had given up when that was told last. */
  toldGivenUp: number;
}

/** Jails that share a filter. */
export type Sharers = readonly [Post, ...Post[]];

/** Hears what the logs say, beside what the jails decide. */
export interface Observer {
  /** A failure as a jail counts it, or a success; `isLogin`: one that proves a login. */
  onFinding(finding: Failure | Success, isLogin: boolean): void;
  /** Whole lines of a file, or a journal entry's message, before they are judged. Hostile text. */
  onText(text: string): void;
}

/** What the pipeline needs from whoever drives it. */
export interface PipelineOptions {
  readonly jails: readonly JailSettings[];
  readonly saved: Readonly<Record<string, PostState>>;
  readonly memory: BanMemory;
  readonly trust: Trust;
  readonly facts: HostFacts;
  /** When `saved` was true, in milliseconds since the epoch. */
  readonly savedAt: number;
  /** Where a jail without saved state begins, in milliseconds since the epoch. */
  firstTime(jail: JailSettings): number;
  /** Whether lines are judged as they come; false for a replay of the past, which `settle` ends. */
  readonly isLive: boolean;
  /** Is told of each ban and unban, in the order in which they were decided. */
  onEvent(event: JailEvent, jail: JailSettings): void;
  /** Is told of lines that took a pattern too long: at the first, and whenever they have become twice as many. */
  onGivenUp(lines: GivenUp, jail: JailSettings): void;
  /** Is told of each failure by a name; what the name resolves to comes back through `report`. */
  onNamed(failure: NamedFailure, jail: JailSettings): void;
  readonly observer?: Observer | undefined;
}

/** Runs log text through every jail it concerns. */
export class Pipeline {
  readonly posts: ReadonlyMap<string, Post>;
  /** What was saved is not kept: it is as large as all that the jails know of hosts. */
  readonly #options: Omit<PipelineOptions, "saved">;
  /** For each jail, those that count its bans as failures. */
  readonly #listeners = new Map<string, Post[]>();
  /**
   * Bans that a replay has found, for listeners without a log: it reads one log after the other, and what bans lead to
   * depends on their order. A listener with a log must hear of bans while that is read.
   */
  readonly #untold: { readonly listener: Post; readonly ban: Ban }[] = [];
  #isReplaying: boolean;

  /** @throws {FilterError} where a filter does not compile. */
  constructor(options: PipelineOptions) {
    const { saved, ...others } = options;
    this.#options = others;
    this.#isReplaying = !options.isLive;
    const filters = new Filters(saved);
    this.posts = new Map(
      options.jails.map((settings) => [settings.name, makePost(settings, filters, options)]),
    );
    for (const post of this.posts.values()) {
      for (const name of this.posts.keys()) {
        if (countsBansOf(post.settings, name)) {
          this.#listeners.set(name, [...this.#listeners.get(name) ?? [], post]);
        }
      }
    }
  }

  /** The lines of a log file that may mean something to jails that share a filter. */
  scan(posts: Sharers, candidates: Candidates, now: number): void {
    const { filter } = posts[0];
    this.#options.observer?.onText(decodeLines(candidates.block));
    filter.scan(candidates, this.#contextAt(now), (finding) => {
      for (const post of posts) this.#take(post, finding);
    });
    this.#tellGivenUp(posts);
  }

  /** One journal entry, for jails that share a filter. */
  read(posts: Sharers, entry: Entry, now: number): void {
    const { filter } = posts[0];
    this.#options.observer?.onText(entry.text);
    filter.read(entry, this.#contextAt(now), (finding) => {
      for (const post of posts) this.#takeEntry(post, finding);
    });
    this.#tellGivenUp(posts);
  }

  /** A finding that did not come straight from the log, and so says nothing of how far the log has been read. */
  report(post: Post, finding: Finding): void {
    this.#judge(post, finding);
  }

  /** A ban of the past, for those of the jails that count its jail's bans. */
  recount(posts: readonly Post[], ban: Ban): void {
    for (const post of posts) {
      if (countsBansOf(post.settings, ban.jail)) this.#take(post, failureOfBan(ban));
    }
  }

  /** Ends a replay: the jails that only count bans hear of them, in the order of their times. */
  settle(): void {
    this.#isReplaying = false;
    const untold = this.#untold.splice(0).sort((a, b) => a.ban.since - b.ban.since);
    for (const { listener, ban } of untold) this.#count(listener, ban);
  }

  /** Lets bans run out that end by `now`, so many at most. Gives their ends. A jail that rests forgets nothing else. */
  tick(post: Post, now: number, most = Infinity): readonly JailEvent[] {
    const { jail, settings } = post;
    return this.#publish(post, settings.enabled ? jail.tick(now, most) : jail.endDue(now, most));
  }

  /** Bans by order. Gives what that led to. */
  ban(post: Post, host: Host, order: BanOrder): readonly JailEvent[] {
    return this.#publish(post, post.jail.ban(host, order));
  }

  /** Lifts a ban by hand. Gives what that led to. */
  unban(post: Post, host: Host, time: number): readonly JailEvent[] {
    return this.#publish(post, post.jail.unban(host, time));
  }

  /** Lifts all bans of a jail by hand. Gives what that led to. */
  unbanAll(post: Post, time: number): readonly JailEvent[] {
    return this.#publish(post, post.jail.unbanAll(time));
  }

  /** Does once more what a jail had decided, where it does not know of it. */
  redo(event: BanEvent): void {
    const post = this.posts.get(event.ban.jail);
    if (post !== undefined) this.#publish(post, post.jail.redo(event));
  }

  /** Tells what is true of this host now. Bans that no longer may be are lifted. */
  setFacts(facts: HostFacts, time: number): void {
    for (const post of this.posts.values()) {
      post.jail.setFacts(facts);
      this.#publish(post, post.jail.releaseIgnored(time));
    }
  }

  /** What each jail and filter remember now. */
  save(): Record<string, PostState> {
    return Object.fromEntries(
      [...this.posts].map(([name, { settings, jail, filter, resting }]) => [name, {
        jail: jail.save(),
        filter: resting ?? filter.save(),
        settings: banSettingsOf(settings),
      }]),
    );
  }

  #contextAt(now: number): Context {
    return { now, live: this.#options.isLive };
  }

  #takeEntry(post: Post, finding: Finding): void {
    const isLogin = post.provesLogin && finding.kind === "success" && finding.host !== undefined &&
      finding.time >= post.notBefore;
    if (isLogin) this.#options.trust.login(finding.host, finding.time);
    this.#take(post, finding, isLogin);
  }

  #take(post: Post, finding: Finding, isLogin = false): void {
    if (finding.time < post.notBefore) return;
    post.clock = Math.max(post.clock, finding.time);
    this.#judge(post, finding, isLogin);
  }

  #judge(post: Post, finding: Finding, isLogin = false): void {
    if (finding.kind !== "named") this.#options.observer?.onFinding(finding, isLogin);
    switch (finding.kind) {
      case "failure":
        this.#publish(post, post.jail.fail(finding));
        return;
      case "named":
        return this.#options.onNamed(finding, post.settings);
      case "success":
        return post.jail.succeed(finding);
    }
  }

  /** Not of every line: an attacker may send many. */
  #tellGivenUp(posts: Sharers): void {
    const { givenUp } = posts[0].filter;
    if (givenUp === undefined) return;
    for (const post of posts) {
      if (givenUp.count < Math.max(1, 2 * post.toldGivenUp)) continue;
      post.toldGivenUp = givenUp.count;
      this.#options.onGivenUp(givenUp, post.settings);
    }
  }

  #publish(post: Post, events: readonly JailEvent[]): readonly JailEvent[] {
    for (const event of events) {
      this.#options.onEvent(event, post.settings);
      if (event.kind !== "ban" || event.ban.cause !== "failures") continue;
      for (const listener of this.#listeners.get(post.settings.name) ?? []) {
        if (this.#isReplaying && !readsLogs(listener.settings)) {
          this.#untold.push({ listener, ban: event.ban });
        } else this.#count(listener, event.ban);
      }
    }
    return events;
  }

  #count(listener: Post, ban: Ban): void {
    this.#publish(listener, listener.jail.fail(failureOfBan(ban)));
  }
}

function readsLogs({ files, journalmatch }: JailSettings): boolean {
  return files.length + journalmatch.length > 0;
}

/** Whether `jail` counts the bans of the jail called `name`. No jail counts its own. */
function countsBansOf(jail: JailSettings, name: string): boolean {
  return name !== jail.name && (jail.bannedBy.includes(name) || jail.bannedBy.includes("*"));
}

function makePost(settings: JailSettings, filters: Filters, options: PipelineOptions): Post {
  const saved = options.saved[settings.name];
  const firstTime = options.firstTime(settings);
  return {
    settings,
    jail: new Jail(settings, options, saved?.jail),
    filter: filters.of(settings),
    resting: settings.enabled ? undefined : saved?.filter,
    provesLogin: settings.filter.provesLogin && !settings.journalmatch.some(isForgeable),
    notBefore: saved === undefined ? firstTime : -Infinity,
    firstTime: saved === undefined ? firstTime : options.savedAt - settings.findtime,
    clock: -Infinity,
    toldGivenUp: 0,
  };
}

/** Jails by the filters that they share, in their order. */
export function byFilter(posts: readonly Post[]): readonly Sharers[] {
  const groups = [...Map.groupBy(posts, ({ filter }) => filter).values()];
  return groups.map(([first, ...others]) => [first!, ...others]);
}

/**
 * The filters of some jails. Ten jails with the sshd filter would all find the same in the journal, each in 4 µs an entry
 * that matches: they share one filter, where its patterns, what it reads and what it remembers are the same.
 */
class Filters {
  readonly #saved: PipelineOptions["saved"];
  readonly #jails = new Map<string, { readonly name: string; readonly filter: Filter }[]>();

  constructor(saved: PipelineOptions["saved"]) {
    this.#saved = saved;
  }

  /** @throws {FilterError} where it does not compile. */
  of({ name, filter: definition, files, journalmatch }: JailSettings): Filter {
    const key = JSON.stringify([definition, files, journalmatch]);
    const alike = this.#jails.get(key) ?? [];
    const found = alike.find((other) => this.#rememberSame(other.name, name));
    if (found !== undefined) return found.filter;
    // The state file was checked as far as its shape goes; what a filter keeps in it only that filter wrote.
    const state = this.#saved[name]?.filter as FilterState | undefined;
    const filter = compileFilter(definition, state);
    this.#jails.set(key, [...alike, { name, filter }]);
    return filter;
  }

  /** Jails without a state may begin elsewhere in the journal than those with one. */
  #rememberSame(one: string, other: string): boolean {
    return JSON.stringify(this.#saved[one]?.filter) === JSON.stringify(this.#saved[other]?.filter);
  }
}
