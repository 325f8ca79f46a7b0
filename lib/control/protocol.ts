/**
 * What the agent and its clients say to each other: JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one
 * message a line, over the Unix socket `control.sock` in the runtime folder. The shapes that hold dates give them as
 * ISO 8601 in UTC, for they are printed as they are by `--json`.
 */

/** A ban, as `banjo bans --json` prints it. */
export interface BanReport {
  readonly jail: string;
  /** An address or a network; or `id:TEXT`, with hostile text. */
  readonly host: string;
  /** false: it is an id, which no firewall can keep out. */
  readonly enforceable: boolean;
  /** Log time of the failure that reached maxretry. */
  readonly since: string;
  /** null: for ever. */
  readonly until: string | null;
  readonly failures: number;
}

/** Where a ban stands in the order of time; of one moment, by jail and host. */
export type BanPlace = Pick<BanReport, "since" | "jail" | "host">;

/** A jail at a glance, as `banjo status --json` lists them. */
export interface JailReport {
  readonly jail: string;
  readonly enabled: boolean;
  readonly sources: readonly string[];
  /** Of `sources`, the patterns of log files that lead to nothing now. */
  readonly missing: readonly string[];
  readonly failed: { readonly now: number; readonly total: number };
  readonly banned: { readonly now: number; readonly total: number };
  /** Bans that its fuse has held in all. */
  readonly held: number;
}

/** No answer has more bans than these: there may be a million, and a client that does not take its answer. */
export const MOST_BANS = 5_000;

/** One jail in full, as `banjo status JAIL --json` prints it. */
export interface JailDetail extends JailReport {
  readonly banned: JailReport["banned"] & { readonly hosts: readonly string[] };
  readonly settings: SettingsReport;
}

/** What a jail bans by, after all layers of the configuration. */
export interface SettingsReport {
  readonly maxretry: number;
  /** In seconds. */
  readonly findtime: number;
  /** How long a first ban lasts, in seconds; null for ever. */
  readonly bantime: number | null;
  /** Whether further bans of a host last longer. */
  readonly grows: boolean;
  /** What a ban closes; empty: all. */
  readonly ports: readonly string[];
  readonly protocol: "tcp" | "udp" | "all";
  readonly firewall: string;
  readonly ignoreip: readonly string[];
}

/** A host that would be banned, had it not logged in of late. */
export interface SparedReport {
  readonly jail: string;
  readonly host: string;
  /** When it was last spared, and how many times. */
  readonly time: string;
  readonly times: number;
  /** In words, such as `logged in at 2026-11-22T10:00:00.000Z`. */
  readonly reason: string;
}

/** A failure, as `banjo explain --json` prints it. */
export interface EvidenceReport {
  /** Log time; null of a line that is only known to have led to a ban. */
  readonly time: string | null;
  /** As it was logged, cut short if it was long. Hostile text. null: it is not kept. */
  readonly line: string | null;
  /** The failregex that matches the line; null where none does by itself. */
  readonly pattern: string | null;
  /** Whether it is recent enough to count now. */
  readonly counts: boolean;
}

/** A ban in full. */
export interface BanDetail extends BanReport {
  /** Failures, an administrator, or found in the firewall when the state was lost. */
  readonly cause: "failures" | "manual" | "adopted";
  /** How many times the host has been banned now, as far as remembered. */
  readonly bans: number;
  /** The newest of the failures that led to it. */
  readonly evidence: readonly EvidenceReport[];
  /** What holds it, in words, and whether it does, which is null in a dry run; null of an id. */
  readonly firewall: { readonly place: string; readonly holds: boolean | null } | null;
  /** What the jail's rules have stopped of all its hosts since they were made; null where nobody counts. */
  readonly stopped: { readonly packets: number; readonly bytes: number } | null;
}

/** How a host stands with one jail. */
export interface StandingReport {
  readonly jail: string;
  /** By what it is counted and banned there: its network, or itself. */
  readonly host: string;
  /** Why it is never banned; null: it may be. */
  readonly ignored: { readonly entry: string; readonly reason: string } | null;
  /** Why failures do not have it banned now, such as `is logged in`. */
  readonly trusted: string | null;
  readonly failures: readonly EvidenceReport[];
  /** So many failures within so many seconds lead to a ban. */
  readonly maxretry: number;
  readonly findtime: number;
  readonly ban: BanDetail | null;
  /** How many other bans in force lie in it, where it is a network. */
  readonly within: number;
  /** Whether the jail's fuse holds bans now. */
  readonly fuse: boolean;
  readonly spared: SparedReport | null;
}

/** A ban or unban of the past, as `banjo history --json` prints it. */
export interface HistoryReport {
  readonly time: string;
  readonly event: "ban" | "unban";
  /** Why a ban was lifted; null of a ban. */
  readonly reason: "expired" | "manual" | "ignored" | null;
  readonly jail: string;
  readonly host: string;
  readonly since: string;
  readonly until: string | null;
  readonly failures: number;
  readonly bans: number;
  readonly cause: BanDetail["cause"];
  /** The newest of the lines that led to a ban. Hostile text. */
  readonly lines: readonly string[];
}

/** Something that needs the administrator's attention has begun (`alarm`) or is over (`recovery`). */
export interface AlarmReport {
  readonly time: string;
  readonly event: "alarm" | "recovery";
  /** What it is about, such as `nftables` or `fuse of sshd`: the same of an alarm and its end. */
  readonly about: string;
  /** In words, perhaps with hostile text. */
  readonly problem: string;
}

/** The agent has started, or has read its configuration anew. */
export interface RunReport {
  readonly time: string;
  readonly event: "start" | "reload";
  readonly version: string;
  /** How many jails run now. */
  readonly jails: number;
}

/** Something that happened, as `banjo events --json` prints it. */
export type EventReport = HistoryReport | AlarmReport | RunReport;

/** Up to where somebody has read the events: to be given back as it is. */
export interface EventPosition {
  /** In bytes of the history. */
  readonly history: number;
  /** What is in no history is numbered anew by each agent. */
  readonly agent: string;
  readonly notices: number;
}

/** A published list, as `banjo blocklist list --json` prints it. */
export interface BlocklistReport {
  readonly name: string;
  /** A URL or a file's path. */
  readonly source: string;
  /** When somebody last asked for it to be fetched. */
  readonly requested: string;
  /** Of when it is; null: it has not been read yet. */
  readonly updated: string | null;
  /** How many addresses and networks it has; null: it has not been read yet. */
  readonly entries: number | null;
  /** How many others were too wide, private or local. */
  readonly leftOut: number;
  /** What it has stopped since it was last put in force; null where nobody counts. */
  readonly stopped: { readonly packets: number; readonly bytes: number } | null;
  readonly problem: string | null;
}

/** Which events are wanted. */
export interface EventQuery {
  readonly after?: EventPosition | undefined;
  readonly since?: number | undefined;
  readonly wait?: boolean | undefined;
}

/** Some events, in order as far as they are of one kind. */
export interface EventPage {
  readonly events: readonly EventReport[];
  /** Where to read on. */
  readonly position: EventPosition;
  /** Whether this was all there is for now. */
  readonly isEnd: boolean;
}

/** A blocklist that keeps a host out. */
export interface ListedReport {
  readonly list: string;
  /** The address or network that names the host in it. */
  readonly entry: string;
  /** Whether nothing is kept out in truth, for the firewall is a dry run. */
  readonly isDryRun: boolean;
}

/** So much of the past is told with a host; `banjo history` has all. */
export const MOST_EXPLAINED = 100;

/** All about a host, as `banjo explain --json` prints it. */
export interface HostReport {
  readonly host: string;
  readonly listed: readonly ListedReport[];
  /** Every jail that runs. */
  readonly jails: readonly StandingReport[];
  /** The newest {@linkcode MOST_EXPLAINED} bans and unbans, the oldest first. */
  readonly history: readonly HistoryReport[];
}

/** What the bans of a jail have kept out. */
export interface StoppedReport {
  readonly jail: string;
  readonly packets: number;
  readonly bytes: number;
}

/** The agent at a glance, as `banjo status --json` prints it. */
export interface AgentReport {
  /** `healthy`, or `degraded: ` and why, in one line. */
  readonly health: string;
  readonly version: string;
  readonly jails: readonly JailReport[];
  /** Changes that the firewalls have not taken yet. */
  readonly pending: number;
  /** What needs the administrator's attention now. */
  readonly problems: readonly string[];
  /** Who was spared in the last 12 hours. */
  readonly spared: readonly SparedReport[];
}

/** What there is to see at the moment without all bans being listed, as `banjo top` shows it. */
export interface OverviewReport {
  /** The bans that were decided last, the newest first. */
  readonly newest: readonly BanReport[];
  /** The networks with the most bans, at least two, those with the most first. */
  readonly networks: readonly NetworkReport[];
}

/** A network of length 24 (IPv4) or 48 (IPv6), and how many bans there are in it, by all jails. */
export interface NetworkReport {
  readonly network: string;
  readonly bans: number;
}

/** The methods of the control socket: parameters in, result out. */
export interface Methods {
  status: { params: Record<never, never>; result: AgentReport };
  /** With the first {@linkcode MOST_BANS} hosts. */
  jail: { params: { jail: string }; result: JailDetail };
  /**
   * A page of the bans in force, by {@linkcode BanPlace}: the first `most` ({@linkcode MOST_BANS} where it is absent, and no
   * more than these) that come behind `after`, of hosts that begin with `prefix`. Behind the last one: none. With `covering`,
   * in place of a page: of each jail the narrowest ban that keeps this host out.
   */
  bans: {
    params: { jail?: string; most?: number; after?: BanPlace; prefix?: string; covering?: string };
    result: readonly BanReport[];
  };
  /** So many of the newest bans, and of the networks; 0 networks spare the agent to count them. */
  overview: { params: { bans: number; networks: number }; result: OverviewReport };
  explain: { params: { host: string }; result: HostReport };
  /**
   * Events in the order in which they were decided, a page at a time. `since` in milliseconds since the epoch; `from`:
   * the `next` of the page before.
   */
  history: {
    params: { host?: string; jail?: string; since?: number; from?: number };
    result: { readonly events: readonly HistoryReport[]; readonly next: number | null };
  };
  /**
   * What happened after a position, a page at a time; without one, nothing, but the position of now. Bans are told once they
   * are on the disk, so that none is ever told twice. `since`, in milliseconds since the epoch: begins there, and leaves
   * out what was before. `wait`: where there is nothing yet, the answer takes up to half a minute.
   */
  events: { params: EventQuery; result: EventPage };
  /** What the rules of each jail have stopped since they were made, where the firewall counts it. */
  stopped: { params: Record<never, never>; result: readonly StoppedReport[] };
  /**
   * `for` in milliseconds, null for ever; absent: the jail's bantime. Without `jail`: the jail `manual`. `force`: even
   * who should not be banned.
   */
  ban: {
    params: { hosts: readonly string[]; jail?: string; for?: number | null; force?: boolean };
    result: readonly BanReport[];
  };
  /** `hosts: "all"` lifts every ban. */
  unban: { params: { hosts: readonly string[] | "all" }; result: readonly BanReport[] };
  blocklists: { params: Record<never, never>; result: readonly BlocklistReport[] };
  /** `source`: an http or https URL, or an absolute path. */
  addBlocklist: { params: { name: string; source: string }; result: null };
  removeBlocklist: { params: { name: string }; result: null };
  /** Without `name`: all. */
  refreshBlocklists: { params: { name?: string }; result: null };
  /** With `jail` only that jail takes its new settings. */
  reload: { params: { jail?: string }; result: { jails: number; problems: readonly string[] } };
  stop: { params: Record<never, never>; result: null };
}

/** The name of a method. */
export type MethodName = keyof Methods;

/** A handler for each method. What it throws as {@linkcode RpcError} is told to the client as it is. */
export type Handlers = {
  readonly [Name in MethodName]: (
    params: Methods[Name]["params"],
  ) => Promise<Methods[Name]["result"]> | Methods[Name]["result"];
};

/**
 * JSON-RPC's error codes that banjo uses, and its own: -32000, the request was understood and refused; -32001, there are
 * too many at a time.
 */
export const errorCodes = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  refused: -32000,
  tooMany: -32001,
} as const;

/** An error that travels over the control socket. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** The methods that change nothing: the read socket has no others. */
export const readingMethods = [
  "status",
  "jail",
  "bans",
  "overview",
  "explain",
  "history",
  "events",
  "stopped",
  "blocklists",
] as const satisfies readonly MethodName[];

/** The name of one of them. */
export type ReadingMethodName = typeof readingMethods[number];

/** What the read socket grants besides, to those who know the token in `dashboard.token` of the configuration. */
export interface GuardedMethods {
  unban: {
    params: { hosts: readonly string[]; token: string };
    result: readonly BanReport[];
  };
}

/** A handler for each guarded method. */
export type GuardedHandlers = {
  readonly [Name in keyof GuardedMethods]: (
    params: GuardedMethods[Name]["params"],
  ) => Promise<GuardedMethods[Name]["result"]>;
};

/** Where the token is, in the configuration folder. */
export const TOKEN_FILE = "dashboard.token";

/** Where the read socket of a runtime folder is. */
export function readSocket(runtimeDir: string): string {
  return `${runtimeDir}/read.sock`;
}

/** Where the control socket of a runtime folder is. */
export function controlSocket(runtimeDir: string): string {
  return `${runtimeDir}/control.sock`;
}

/** The methods of the report socket, for applications: they tell something, and learn nothing. */
export interface ReportMethods {
  /** A host has failed just now. `user` and `reason` are hostile text. */
  report: {
    params: { jail: string; host: string; user?: string | undefined; reason?: string | undefined };
    result: null;
  };
  /** This user has logged in from there: his own failures from this host no longer count. */
  success: { params: { jail: string; host: string; user: string }; result: null };
}

/** The name of one of them. */
export type ReportMethodName = keyof ReportMethods;

/** A handler for each method of the report socket. */
export type ReportHandlers = {
  readonly [Name in ReportMethodName]: (
    params: ReportMethods[Name]["params"],
  ) => Promise<ReportMethods[Name]["result"]>;
};

/** Where the report socket of a runtime folder is. */
export function reportSocket(runtimeDir: string): string {
  return `${runtimeDir}/report.sock`;
}
