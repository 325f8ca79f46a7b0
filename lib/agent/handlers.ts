/** What the agent answers on its control socket. */
import { familyOf, type Host, isAddress, parseNetwork, prefixLengthOf } from "../address.ts";
import type { AgentSettings } from "../config/mod.ts";
import {
  type BanReport,
  type BlocklistReport,
  errorCodes,
  type EventPage,
  type EventQuery,
  type Handlers,
  type JailDetail,
  type JailReport,
  type ListedReport,
  MOST_BANS,
  RpcError,
  type SettingsReport,
  type SparedReport,
} from "../control/mod.ts";
import type { Enforcement, Stopped } from "../firewall/mod.ts";
import type { Ban, Jail, JailSettings } from "../jail/mod.ts";
import { nearest } from "../nearest.ts";
import type { HistoryPage, HistoryQuery } from "../state/mod.ts";
import { version } from "../version.ts";
import { describeGivenUp } from "../filter/given_up.ts";
import { pageOf } from "./ban_page.ts";
import { healthOf } from "./health.ts";
import { MANUAL } from "./manual.ts";
import type { Done, Orders } from "./orders.ts";
import type { Post } from "./pipeline.ts";
import type { Watch } from "./watch.ts";

/** What of the agent the handlers may use. */
export interface Controls {
  /** @throws {RpcError} before the agent has started. */
  watch(): Watch;
  pending(): number;
  problems(): readonly string[];
  /** Who was not banned for having logged in. */
  spared(): readonly SparedReport[];
  /** The jails whose fuses hold bans now. */
  blownFuses(): readonly string[];
  /** Where a ban is kept; undefined of an id. @throws {FirewallError} */
  locate(ban: Ban): Promise<Enforcement | undefined>;
  /** What was stopped, jail by jail. @throws {FirewallError} */
  stopped(): Promise<readonly Stopped[]>;
  /** A page of the history. */
  searchHistory(query: HistoryQuery, from?: number): Promise<HistoryPage>;
  readonly blocklists: {
    reports(): Promise<readonly BlocklistReport[]>;
    /** Which keep a host out. */
    keepingOut(host: Host): Promise<readonly ListedReport[]>;
    add(name: string, source: string): Promise<void>;
    remove(name: string): Promise<void>;
    refresh(name?: string): Promise<void>;
  };
  /** What happened after a position. */
  events(query: EventQuery): Promise<EventPage>;
  /** The prefix lengths of the widest networks that may be banned. */
  widest(): AgentSettings["widest"];
  orders(): Pick<Orders, "ban" | "unban">;
  /** Resolves when the firewall has taken, or refused, what these jails have decided so far. */
  settled(jails: readonly string[]): Promise<void>;
  reload(jail?: string): Promise<{ jails: number; problems: string[] }>;
  /** Ends all work; resolves when the state is on the disk. */
  stop(): Promise<void>;
}

/** The methods of the control socket over a running agent. */
export function controlHandlers(controls: Controls): Handlers {
  const posts = () => [...controls.watch().pipeline.posts.values()];
  const postOf = (name: string) => find(controls.watch().pipeline.posts, name);

  return {
    status: () => {
      const now = Date.now();
      const pending = controls.pending();
      const problems = [...controls.problems(), ...posts().flatMap(describeTrouble)];
      return {
        health: healthOf(pending, problems),
        version,
        // The jail for bans by hand is shown when it holds somebody.
        jails: posts().map((post) => reportOf(post, controls.watch(), now))
          .filter(({ jail, banned }) => jail !== MANUAL || banned.now > 0),
        pending,
        problems,
        spared: controls.spared(),
      };
    },

    jail: ({ jail }): JailDetail => {
      const post = postOf(jail);
      const now = Date.now();
      const hosts = inForce(post, now).take(MOST_BANS).map(({ host }) => host);
      const report = reportOf(post, controls.watch(), now);
      return {
        ...report,
        banned: { ...report.banned, hosts: [...hosts] },
        settings: settingsIn(post.settings),
      };
    },

    bans: ({ jail, most = MOST_BANS, after, prefix, covering }) => {
      const jails = (jail === undefined ? posts() : [postOf(jail)]).map(({ jail }) => jail);
      const now = Date.now();
      const bans = covering === undefined
        ? pageOf(jails, now, most, after, prefix)
        : bansCovering(readHostOrId(covering), jails, now);
      return bans.map(describe);
    },

    // Loaded when they are wanted: an agent need not hold what answers them.
    overview: async ({ bans, networks }) => {
      const { overviewOf } = await import("./overview.ts");
      const jails = posts().map(({ jail }) => jail);
      return overviewOf(jails, Date.now(), { bans, networks });
    },

    explain: async ({ host }) => {
      const { explainHost } = await import("./explain.ts");
      return await explainHost(readHostOrId(host), controls);
    },

    history: async ({ host, jail, since, from }) => {
      const { describeEvent } = await import("./explain.ts");
      const page = await controls.searchHistory({
        ...(host === undefined ? {} : { host: readHostOrId(host) }),
        ...(jail === undefined ? {} : { jail }),
        ...(since === undefined ? {} : { since }),
      }, from);
      return { events: page.events.map(describeEvent), next: page.next };
    },

    events: (query) => controls.events(query),

    stopped: () => controls.stopped(),

    ban: async ({ hosts, jail = MANUAL, for: span, force = false }) => {
      const post = postOf(jail);
      const wanted = hosts.map(readHost);
      const now = Date.now();
      if (!force) { for (const host of wanted) refuseUnwise(post, host, now, controls.widest()); }
      const until = typeof span === "number" ? now + span : span;
      const done = controls.orders().ban(post, wanted, now, until);
      await inForceAndDurable(controls, done);
      return done.events.map(({ ban }) => describe(ban));
    },

    unban: async ({ hosts }) => {
      const wanted = hosts === "all" ? hosts : hosts.map(readHostOrId);
      const done = controls.orders().unban(wanted, Date.now());
      await inForceAndDurable(controls, done);
      return done.events.map(({ ban }) => describe(ban));
    },

    blocklists: async () => await controls.blocklists.reports(),

    addBlocklist: async ({ name, source }) => {
      await controls.blocklists.add(name, source);
      return null;
    },

    removeBlocklist: async ({ name }) => {
      await controls.blocklists.remove(name);
      return null;
    },

    refreshBlocklists: async ({ name }) => {
      await controls.blocklists.refresh(name);
      return null;
    },

    reload: ({ jail }) => controls.reload(jail),

    stop: async () => {
      await controls.stop();
      return null;
    },
  };
}

/** Waits until what was ordered is in force and on the disk. @throws {RpcError} where it is only in force. */
async function inForceAndDurable(controls: Controls, { events, kept }: Done): Promise<void> {
  const jails = [...new Set(events.map(({ ban }) => ban.jail))];
  const [saved] = await Promise.allSettled([kept, controls.settled(jails)]);
  if (saved.status === "fulfilled") return;
  throw new RpcError(
    errorCodes.refused,
    `It is done, but a crash would undo it: ${(saved.reason as Error).message}`,
  );
}

/** What a jail has lost sight of, and what its filter could not judge. */
function describeTrouble({ settings: { name, maxTracked }, jail, filter }: Post): string[] {
  const flood =
    `The jail ${name} remembers ${maxTracked} failing addresses at most (max_tracked), and had to forget ${jail.forgotten}`;
  return [
    ...jail.forgotten === 0 ? [] : [flood],
    ...filter.givenUp === undefined ? [] : [describeGivenUp(name, filter.givenUp)],
  ];
}

/** Bans that have run out but were not yet told so are left out. */
function inForce(post: Post, now: number): IteratorObject<Ban> {
  return Iterator.from(post.jail.bans).filter(({ until }) => until === null || until > now);
}

function bansCovering(host: Host, jails: readonly Jail[], now: number): Ban[] {
  return jails.map((jail) => jail.standingOf(host, now).ban).filter((ban) => ban !== undefined);
}

function reportOf(post: Post, { missing }: Watch, now: number): JailReport {
  const { settings, jail } = post;
  const { failed, banned, held } = jail.status(now);
  return {
    jail: settings.name,
    enabled: settings.enabled,
    sources: sourcesOf(settings),
    missing: settings.files.filter((pattern) => missing.includes(pattern)),
    failed,
    banned,
    held,
  };
}

function settingsIn(settings: JailSettings): SettingsReport {
  const { maxretry, findtime, bantime, increment, ports, protocol, firewall } = settings;
  return {
    maxretry,
    findtime: findtime / 1000,
    bantime: bantime === Infinity ? null : bantime / 1000,
    grows: increment !== undefined,
    ports,
    protocol,
    firewall,
    ignoreip: [...settings.ignoreip, ...settings.ignoreLookups],
  };
}

/** Where a jail's entries come from, in words. */
function sourcesOf({ files, journalmatch, bannedBy, reports }: JailSettings): string[] {
  return [
    ...journalmatch.map((group) => `journal: ${group.join(" ")}`),
    ...files,
    ...bannedBy.map((jail) => `bans of ${jail === "*" ? "all jails" : jail}`),
    ...reports ? ["reports of applications"] : [],
  ];
}

/** A ban as reports have it. */
export function describe({ jail, host, since, until, failures }: Ban): BanReport {
  return {
    jail,
    host,
    enforceable: isAddress(host),
    since: new Date(since).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    failures,
  };
}

function find(posts: ReadonlyMap<string, Post>, name: string): Post {
  const post = posts.get(name);
  if (post !== undefined) return post;
  const guess = nearest(name, [...posts.keys()]);
  throw new RpcError(
    errorCodes.refused,
    `No jail ${JSON.stringify(name)} is running` +
      (guess === undefined ? "; `banjo status` lists the jails" : `; did you mean ${guess}?`),
  );
}

function readHostOrId(text: string): Host {
  return isAddress(text) ? readHost(text) : text;
}

/** The client has checked this already; another client may not have. */
function readHost(text: string): Host {
  const host = parseNetwork(text);
  if (host === undefined) {
    throw new RpcError(errorCodes.params, `${JSON.stringify(text)} is no address and no network`);
  }
  return host;
}

/** What the jails spare, and what is very wide, is banned by hand only where that is meant. */
function refuseUnwise(
  { settings, jail }: Post,
  host: Host,
  now: number,
  widest: AgentSettings["widest"],
): void {
  const objection = jail.objectionTo(host, now);
  if (objection !== undefined) {
    throw new RpcError(
      errorCodes.refused,
      `${host} is never banned in ${settings.name}: ${objection}; if you mean it, add --force`,
    );
  }
  const most = familyOf(host) === 4 ? widest.ipv4 : widest.ipv6;
  if (prefixLengthOf(host) < most) {
    throw new RpcError(
      errorCodes.refused,
      `${host} is wider than /${most}; if you mean it, add --force`,
    );
  }
}
