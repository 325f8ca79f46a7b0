import { type Host, isAddress, networkOf, networksAround } from "../address.ts";
import type { Failure, Success } from "../filter/failure.ts";
import type { Ban, BanEvent, JailEvent } from "./ban.ts";
import { Bans } from "./bans.ts";
import type { Attempt, Evidence } from "./attempts.ts";
import { Failures, type SavedFailures } from "./failures.ts";
import { Fuse, type FuseState } from "./fuse.ts";
import { type Exemption, type HostFacts, IgnoreList } from "./ignore.ts";
import { ownCopy } from "../own_copy.ts";
import { HostRecords } from "./host_records.ts";
import { type BanMemory, endOfBan, memoryOf } from "./penalty.ts";
import type { JailSettings } from "./settings.ts";
import type { Trust } from "./trust.ts";

/** All that a jail knows at one instant, as plain values for JSON. The memory of past bans is saved apart. */
export interface JailState {
  readonly failed: number;
  readonly banned: number;
  readonly failures: Iterable<SavedFailures>;
  readonly bans: Iterable<Ban>;
  /** When the last bans ended that a late failure might still belong to. */
  readonly ended: Iterable<readonly [host: Host, until: number]>;
  /** Absent in states that were saved before there was a fuse. */
  readonly fuse?: FuseState;
}

/**
 * How many hosts are failing, to a thousandth of `findtime`, and banned now, and how many failures and bans there were in
 * all.
 */
export interface JailStatus {
  readonly failed: { readonly now: number; readonly total: number };
  readonly banned: { readonly now: number; readonly total: number };
  /** Bans that the fuse has held in all. */
  readonly held: number;
}

/** How a host stands with a jail. */
export interface Standing {
  /** By what it is counted and banned: its network, or itself. */
  readonly key: Host;
  /** Why it is never banned. */
  readonly exemption: Exemption | undefined;
  /** Why failures do not have it banned now, such as `is logged in`. */
  readonly trusted: string | undefined;
  /** Its failures as far as they are remembered, the oldest first. Some may be older than findtime. */
  readonly attempts: readonly Attempt[];
  /** The ban in force that covers it. */
  readonly ban: Ban | undefined;
}

/** What a ban by hand says. */
export interface BanOrder {
  readonly since: number;
  /** null for ever; absent: as long as the jail would ban. */
  readonly until?: number | null;
  readonly cause: "manual" | "adopted";
}

/**
 * Turns failures into bans and unbans. It has no clock of its own: time is the failures' time and what `tick` is
 * told, and ticks free memory and announce the ends of bans but never change what a failure leads to, unless the clock was
 * set back. So a replay of a log decides what the live run decided. (Failures up to `findtime` late are meant; older ones
 * do not count.)
 *
 * Changed settings take a new jail: `new Jail(settings, parts, old.save())`. Bans in force keep their end.
 */
export class Jail {
  readonly settings: JailSettings;
  readonly #memory: BanMemory;
  readonly #ignored: IgnoreList;
  readonly #trust: Trust;
  readonly #fuse: Fuse;
  readonly #failures: Failures;
  readonly #bans: Bans;
  /** When the last ban of a host ended: failures before that belonged to the ban, and must not count after it. */
  readonly #ended = new HostRecords(1);
  /** Whether a ban may be of a host that is now never to be banned. To look takes 0.1 s with a million bans. */
  #mayHoldIgnored = true;
  #failed: number;
  #banned: number;
  /** The time that was told last. */
  #ticked = -Infinity;

  constructor(settings: JailSettings, parts: JailParts, saved?: JailState) {
    this.settings = settings;
    this.#memory = parts.memory;
    this.#ignored = new IgnoreList(settings, parts.facts);
    this.#trust = parts.trust;
    this.#fuse = new Fuse(settings.maxBansPerMinute, saved?.fuse);
    this.#failures = new Failures(settings, saved?.failures);
    this.#bans = new Bans(settings.name, saved?.bans);
    for (const [host, until] of saved?.ended ?? []) this.#ended.set(host, until);
    this.#failed = saved?.failed ?? 0;
    this.#banned = saved?.banned ?? 0;
  }

  /** The bans in force, oldest first. */
  get bans(): Iterable<Ban> {
    return this.#bans;
  }

  /** The bans in force, newest first. */
  get newestBans(): Iterable<Ban> {
    return this.#bans.newestFirst();
  }

  /** When the bans began that began at a time or later, in no order; some of them may have run out just now. */
  beginningsFrom(time: number): readonly number[] {
    return this.#bans.beginnings(time);
  }

  /** The bans in force that began between two times, both included. */
  bansBetween(from: number, to: number): Iterable<Ban> {
    return this.#bans.between(from, to);
  }

  /** The hosts that are banned; some of those bans may have run out just now. */
  get bannedHosts(): Iterable<Host> {
    return this.#bans.hosts();
  }

  /** How many hosts are remembered: as failing, banned, and let go of late. */
  get size(): number {
    return this.#failures.size + this.#bans.size + this.#ended.size;
  }

  /** How many failing hosts were forgotten, because there were more than `maxTracked`, since this jail was made. */
  get forgotten(): number {
    return this.#failures.forgotten;
  }

  /**
   * Why a host should not be banned at a time, or why one should not that would be banned with it, in words; undefined if all
   * may be.
   */
  objectionTo(host: Host, time: number): string | undefined {
    const key = this.#ignored.keyOf(host);
    const exemption = this.#ignored.find(key);
    if (exemption !== undefined) return `${exemption.entry} is ${exemption.why}`;
    const trusted = isAddress(key) && key.includes("/") ? this.#trust.within(key) : [key];
    for (const each of trusted) {
      const reason = this.#trustIn(each, time);
      if (reason === undefined) continue;
      return key === host || each === host
        ? `${each} ${reason}`
        : `with it ${key} would be banned, and ${each} ${reason}`;
    }
    return undefined;
  }

  /** How a host, an address or a network, stands at a time. */
  standingOf(host: Host, time: number): Standing {
    const key = this.#ignored.keyOf(host);
    return {
      key,
      exemption: this.#ignored.find(host),
      trusted: this.#trustIn(host, time),
      attempts: this.#failures.of(key),
      ban: networksAround(host).map((network) => this.#bans.get(network))
        .find((ban) => ban !== undefined && (ban.until === null || ban.until > time)),
    };
  }

  /** How many bans in force at a time lie in a network, its own left out; 0 of an address. */
  countWithin(network: Host, time: number): number {
    if (!isAddress(network) || !network.includes("/")) return 0;
    return this.#bans.within(network).filter((host) => {
      const { until } = this.#bans.get(host)!;
      return host !== network && (until === null || until > time);
    }).length;
  }

  /** Counts a failure. Gives the ban that it leads to, after the end of an earlier one where that was due. */
  fail(failure: Failure): readonly JailEvent[] {
    const { host, time } = failure;
    if (this.#ignored.find(failure.address ?? host) !== undefined) return NOTHING;
    this.#failed++;

    const key = this.#ignored.keyOf(host);
    let expired: readonly JailEvent[] = NOTHING;
    // Where its network could not be banned, the host was banned by itself.
    const current = this.#bans.get(key) ?? (key === host ? undefined : this.#bans.get(host));
    if (current !== undefined && !isAdoptedAfter(current, time)) {
      if (current.until === null || time < current.until) return NOTHING;
      expired = [this.#lift(current, current.until, "expired")];
    }
    const ended = this.#endOf(key) ?? (key === host ? undefined : this.#endOf(host));
    if (ended !== undefined && time < ended) return NOTHING;

    const window = this.#failures.add(key, failure);
    if (window === undefined) return expired;
    return [
      ...expired,
      this.#judge(key, failure, {
        since: window.at(-1)!.time,
        failures: window.length,
        lines: linesOf(window, this.settings.maxmatches),
        cause: "failures",
      }),
    ];
  }

  /** Whether a host that has failed too often is banned after all, and with its network or alone. */
  #judge(key: Host, { host, address }: Failure, order: Order): JailEvent {
    const time = order.since;
    // Of a network in which somebody else has logged in, only the host that failed is banned.
    const target = this.#trustIn(key, time) === undefined ? key : host;
    const reason = this.#trustIn(address ?? target, time);
    if (reason !== undefined) {
      return { kind: "spared", time, ban: this.#banOf(target, order), reason };
    }
    return this.#fuse.holds(time)
      ? { kind: "held", time, ban: this.#banOf(target, order) }
      : this.#begin(target, order);
  }

  /** Why a host, or a network for one in it, is not banned by failures at a time. */
  #trustIn(key: Host, time: number): string | undefined {
    const { trustLogins } = this.settings;
    if (trustLogins === 0) return undefined;
    if (this.#trust.hasSession(key)) return "is logged in";
    const login = this.#trust.lastLogin(key);
    return login !== undefined && time < login + trustLogins
      ? `logged in at ${new Date(login).toISOString()}`
      : undefined;
  }

  /** Takes back the failures of a session that has logged in after all. */
  succeed(success: Success): void {
    const key = success.host === undefined ? undefined : this.#ignored.keyOf(success.host);
    this.#failures.clearSession(success.session, success.time, key);
  }

  /** Whether time changes nothing for now: there is no ban that ends, and no failure to forget. */
  get isQuiet(): boolean {
    return this.#bans.isEndless && this.#failures.size + this.#ended.size === 0;
  }

  /**
   * Tells the time, by the log or the clock, never ahead of failures still to come by more than `findtime`. Gives the ends of
   * bans that are due, so many at most; the rest comes with the next call. Where time goes back, the clock was set: what came
   * in before that and seems to be of later must not keep from counting what comes now.
   */
  tick(now: number, most = Infinity): readonly JailEvent[] {
    if (now < this.#ticked - CLOCK_TOLERANCE) this.#setBack(now);
    this.#ticked = now;
    const events = this.endDue(now, most);
    const horizon = now - this.settings.findtime;
    this.#failures.sweep(now);
    this.#ended.sweep((slot) => this.#ended.get(slot, 0) < horizon);
    this.#memory.sweep(this.settings.name, horizon);
    return events;
  }

  /** Gives the ends of bans that are due, so many at most. Forgets nothing: what is read later finds all as it was. */
  endDue(now: number, most = Infinity): readonly JailEvent[] {
    const events = this.#bans.takeDue(now, most).map((ban) =>
      this.#lift(ban, ban.until!, "expired")
    );
    return events.length === 0 ? NOTHING : events;
  }

  /**
   * Bans a host by order. A ban by hand replaces one in force; one found in the firewall does not. Networks may be
   * of any length; an address is banned with its network, as the jail always does. Whether the host is one never
   * banned is for the caller to ask.
   */
  ban(host: Host, order: BanOrder): readonly JailEvent[] {
    const key = this.#ignored.keyOf(host);
    if (order.cause === "adopted" && this.#bans.has(key)) return NOTHING;
    this.#failures.forget(key);
    return [this.#begin(key, { ...order, failures: 0, lines: [] })];
  }

  /** The ban that one of this host by order takes the place of. */
  replacedBy(host: Host): Ban | undefined {
    return this.#bans.get(this.#ignored.keyOf(host));
  }

  /**
   * Does once more what was done, for a jail whose state is from before that. Gives what that led to, which is nothing where
   * the state has it already.
   */
  redo(event: BanEvent): readonly BanEvent[] {
    const { time, ban } = event;
    const current = this.#bans.get(ban.host);
    if (event.kind === "unban") {
      return current === undefined ? [] : [this.#lift(ban, time, event.reason)];
    }
    if (current?.since === ban.since && current.until === ban.until) return [];
    const hasEnded = current !== undefined && current.until !== null && current.until <= ban.since;
    const ended = hasEnded ? [this.#lift(current, current.until, "expired")] : [];
    this.#failures.forget(ban.host);
    this.#enter(ban);
    return [...ended, event];
  }

  /**
   * Lifts the bans of an address, or of all hosts in a network, and forgets their failures, also those from before that only
   * come to light later. The bans still count among the past ones.
   */
  unban(host: Host, time: number): readonly JailEvent[] {
    const { ipv4Prefix, ipv6Prefix } = this.settings;
    const keys = new Set([
      host,
      this.#ignored.keyOf(host),
      isAddress(host) ? networkOf(host, ipv4Prefix, ipv6Prefix) : host,
    ]);
    if (isAddress(host) && host.includes("/")) {
      for (const banned of this.#bans.within(host)) keys.add(banned);
    }
    const events: JailEvent[] = [];
    for (const key of keys) {
      this.#failures.forget(key);
      const ban = this.#bans.get(key);
      if (ban !== undefined) events.push(this.#lift(ban, time, "manual"));
      else this.#ended.set(key, time);
    }
    return events;
  }

  /** Lifts all bans, as {@linkcode unban} does. */
  unbanAll(time: number): readonly JailEvent[] {
    return [...this.#bans].map((ban) => {
      this.#failures.forget(ban.host);
      return this.#lift(ban, time, "manual");
    });
  }

  /** Tells what is true of this host now. */
  setFacts(facts: HostFacts): void {
    if (this.#ignored.setFacts(facts)) this.#mayHoldIgnored = true;
  }

  /** Lifts the bans of hosts that are now never to be banned, unless an administrator ordered them. */
  releaseIgnored(time: number): readonly JailEvent[] {
    if (!this.#mayHoldIgnored) return NOTHING;
    this.#mayHoldIgnored = false;
    return [...this.#bans.hosts()]
      .filter((host) => this.#ignored.find(host) !== undefined)
      .map((host) => this.#bans.get(host)!)
      .filter(({ cause }) => cause !== "manual")
      .map((ban) => this.#lift(ban, time, "ignored"));
  }

  /** The figures as of a time. Bans that have run out by then but were not yet told so are left out. */
  status(now: number): JailStatus {
    const windowStart = now - this.settings.findtime;
    return {
      failed: { now: this.#failures.countSince(windowStart), total: this.#failed },
      banned: { now: this.#bans.countAfter(now), total: this.#banned },
      held: this.#fuse.held,
    };
  }

  /** What there is now. Its lists are to be gone through once, at leisure: they do not change. */
  save(): JailState {
    return {
      failed: this.#failed,
      banned: this.#banned,
      failures: this.#failures.save(),
      bans: this.#bans.view(),
      ended: this.#ended.view((host, get) => [host, get(0)] as const),
      fuse: this.#fuse.save(),
    };
  }

  #setBack(now: number): void {
    this.#fuse.setBack(now);
    this.#failures.setBack(now);
    for (const slot of this.#ended.slots()) {
      if (this.#ended.get(slot, 0) > now) this.#ended.set(this.#ended.hostAt(slot), now);
    }
  }

  #begin(host: Host, order: Order): BanEvent {
    const ban = this.#banOf(host, order);
    this.#enter(ban);
    return { kind: "ban", time: ban.since, ban };
  }

  #enter(ban: Ban): void {
    const { host, since, until, cause } = ban;
    if (cause !== "adopted") {
      const { name } = this.settings;
      this.#memory.add(name, host, since, (until ?? Infinity) + memoryOf(this.settings));
    }
    if (this.#bans.get(host)?.cause !== "adopted") this.#banned++;
    if (cause === "adopted") this.#mayHoldIgnored = true;
    this.#bans.set(ban);
  }

  #banOf(host: Host, { since, until, failures, lines, cause }: Order): Ban {
    const { name, increment } = this.settings;
    const past = this.#memory.count(host, since, increment?.overalljails ? undefined : name);
    return {
      jail: name,
      host: ownCopy(host),
      since,
      until: until === undefined ? endOfBan(this.settings, host, since, past) : until,
      failures,
      bans: past + 1,
      lines,
      cause,
    };
  }

  /** When the last ban of a host ended. */
  #endOf(host: Host): number | undefined {
    const slot = this.#ended.find(host);
    return slot < 0 ? undefined : this.#ended.get(slot, 0);
  }

  #lift(ban: Ban, time: number, reason: "expired" | "manual" | "ignored"): BanEvent {
    this.#bans.delete(ban.host);
    this.#ended.set(ban.host, time);
    if (reason !== "expired") {
      this.#memory.setForgotten(this.settings.name, ban.host, time + memoryOf(this.settings));
    }
    return { kind: "unban", time, ban, reason };
  }
}

/** The newest lines of a window, so many at most. */
function linesOf(window: readonly Evidence[], most: number): readonly string[] {
  const lines: string[] = [];
  for (const { line } of window) {
    if (line === undefined) continue;
    // Nearly always it is one.
    if (line.includes("\n")) lines.push(...line.split("\n"));
    else lines.push(line);
  }
  return lines.length > most ? lines.slice(lines.length - most) : lines;
}

/**
 * Whether a ban was found in the firewall, and a failure is from before that: the log is being read again, and tells
 * what the ban was for.
 */
function isAdoptedAfter({ cause, since }: Ban, time: number): boolean {
  return cause === "adopted" && time < since;
}

/** A ban to begin. Without `until` it lasts as long as the jail bans. */
type Order = Omit<Ban, "jail" | "host" | "until" | "bans"> & { readonly until?: number | null };

/** What a jail shares with others, and what it cannot find out itself. */
export interface JailParts {
  readonly memory: BanMemory;
  readonly trust: Trust;
  readonly facts: HostFacts;
}

/** In milliseconds: a clock that is put right by so much was not set. */
const CLOCK_TOLERANCE = 2_000;

const NOTHING: readonly JailEvent[] = [];
