/** Why a host is banned, or how close it is: what jails, history and firewall have to say of it. */
import type { Host } from "../address.ts";
import {
  type BanDetail,
  type EvidenceReport,
  type HistoryReport,
  type HostReport,
  MOST_EXPLAINED,
  type StandingReport,
} from "../control/mod.ts";
import { compileFilter, type Filter } from "../filter/filter.ts";
import { entriesOfKept } from "../filter/kept_line.ts";
import type { Attempt, Ban, BanEvent } from "../jail/mod.ts";
import { type Controls, describe } from "./handlers.ts";
import type { Post } from "./pipeline.ts";

/** All about a canonical host. */
export async function explainHost(host: Host, controls: Controls): Promise<HostReport> {
  const now = Date.now();
  const events = await recentEvents(host, controls);
  const standings = Array.from(controls.watch().pipeline.posts.values(), (post) => {
    const standing = post.jail.standingOf(host, now);
    return { post, ...standing, ban: standing.ban && withLines(standing.ban, events) };
  });
  const isBanned = standings.some(({ ban }) => ban !== undefined);
  const stopped = isBanned ? await controls.stopped().catch(() => []) : [];
  const spared = controls.spared();
  const jails: StandingReport[] = [];
  for (const { post, key, exemption, trusted, attempts, ban } of standings) {
    const { name, maxretry, findtime } = post.settings;
    const patternOf = patternFinder(post);
    jails.push({
      jail: name,
      host: key,
      ignored: exemption === undefined ? null : { entry: exemption.entry, reason: exemption.why },
      trusted: trusted ?? null,
      failures: attempts.map((attempt) => ({
        ...evidence(attempt, patternOf),
        counts: attempt.time >= now - findtime,
      })),
      maxretry,
      findtime: findtime / 1000,
      ban: ban === undefined ? null : {
        ...describe(ban),
        cause: ban.cause,
        bans: ban.bans,
        evidence: ban.lines.map((line) => evidence({ line }, patternOf)),
        firewall: await enforcementOf(ban, controls),
        stopped: counted(stopped.find(({ jail }) => jail === ban.jail)),
      },
      within: post.jail.countWithin(host, now),
      fuse: controls.blownFuses().includes(name),
      spared: spared.find((each) => each.jail === name && [host, key].includes(each.host)) ?? null,
    });
  }
  const listed = await controls.blocklists.keepingOut(host);
  return { host, listed, jails, history: events.map(describeEvent) };
}

/** A ban or unban of the past as reports have it. */
export function describeEvent(event: BanEvent): HistoryReport {
  const { since, until, failures, jail, host } = describe(event.ban);
  return {
    time: new Date(event.time).toISOString(),
    event: event.kind,
    reason: event.kind === "unban" ? event.reason : null,
    jail,
    host,
    since,
    until,
    failures,
    bans: event.ban.bans,
    cause: event.ban.cause,
    lines: event.ban.lines,
  };
}

async function recentEvents(host: Host, controls: Controls): Promise<readonly BanEvent[]> {
  let recent: readonly BanEvent[] = [];
  for (let from: number | null = 0; from !== null;) {
    const { events, next } = await controls.searchHistory({ host }, from);
    recent = [...recent, ...events].slice(-MOST_EXPLAINED);
    from = next;
  }
  return recent;
}

/** Jails keep the lines of their newest bans only; the history has them all. */
function withLines(ban: Ban, events: readonly BanEvent[]): Ban {
  if (ban.lines.length > 0) return ban;
  const told = events.findLast((event) =>
    event.kind === "ban" && event.ban.jail === ban.jail && event.ban.host === ban.host &&
    event.ban.since === ban.since
  );
  return told === undefined ? ban : { ...ban, lines: told.ban.lines };
}

function evidence(
  { time, line }: Partial<Attempt>,
  patternOf: (line: string, time: number) => string | null,
): EvidenceReport {
  const text = line ?? null;
  return {
    time: time === undefined ? null : new Date(time).toISOString(),
    line: text,
    pattern: text === null ? null : patternOf(text, time ?? 0),
    counts: false,
  };
}

/**
 * Finds the failregex that matches a line. A filter of its own is asked, for the one at work learns from lines; it is
 * made at the first line.
 */
function patternFinder({ settings }: Post): (line: string, time: number) => string | null {
  let filter: Filter | undefined;
  return (line, time) => {
    filter ??= compileFilter(settings.filter);
    for (const entry of entriesOfKept(line, settings.filter, time)) {
      const { patterns } = filter.explain(entry, { now: time, live: false });
      const index = patterns.findIndex(({ matched }) => matched);
      if (index >= 0) return filter.failregex[index]!.source;
    }
    return null;
  };
}

async function enforcementOf(ban: Ban, controls: Controls): Promise<BanDetail["firewall"]> {
  try {
    const found = await controls.locate(ban);
    return found === undefined ? null : { place: found.place, holds: found.isInForce };
  } catch (error) {
    return { place: (error as Error).message, holds: false };
  }
}

function counted(stopped: BanDetail["stopped"] | undefined): BanDetail["stopped"] {
  return stopped == null ? null : { packets: stopped.packets, bytes: stopped.bytes };
}
