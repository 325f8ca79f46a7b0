/** The running agent: the only place that knows all parts. It starts them, joins them, and sees to the state. */
import { type Host, isAddress } from "../address.ts";
import { ConfigError, formatProblem, loadConfig, type LoadedConfig } from "../config/mod.ts";
import {
  errorCodes,
  type LineSocket,
  RpcError,
  serveControl,
  serveReading,
  TOKEN_FILE,
} from "../control/mod.ts";
import {
  type BanEvent,
  type HostFacts,
  type JailEvent,
  type JailSettings,
  noFacts,
} from "../jail/mod.ts";
import { log, startLog } from "../log.ts";
import { type Instant, type KnownOrders, type Loaded, Store } from "../state/mod.ts";
import { version } from "../version.ts";
import { Events } from "./events.ts";
import type { Blocklists } from "./blocklists.ts";
import { Firewalls } from "./firewalls.ts";
import { describeGivenUp } from "../filter/given_up.ts";
import { controlHandlers } from "./handlers.ts";
import { healthOf } from "./health.ts";
import { HostFactsReader, readSessions } from "./host_facts.ts";
import { SpareMemory } from "../heap.ts";
import { MANUAL } from "./manual.ts";
import { Orders } from "./orders.ts";
import { mayDriveFirewall } from "./privilege.ts";
import type { Reports } from "./reports.ts";
import { Saver, saveWithin } from "./saver.ts";
import { Supervisor } from "./supervisor.ts";
import { freshState, Watch } from "./watch.ts";
import { Withheld } from "./withheld.ts";

/** How often, in milliseconds, the firewalls are looked at, and what is to be known of this host. */
const CHECK = 10_000;

/** So long after the start, in milliseconds, all that starting took is done with. */
const SETTLED = 5_000;

/** That something was lost is shown for so long, in milliseconds: entries that journald dropped, history. */
const LOSS_SHOWN = 3_600_000;

/** The folders that an agent works in. */
export interface AgentDirs {
  readonly configDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
}

/** An agent at work, from start to stop. */
export class Agent {
  /** Settles when the agent has ended and all is saved; rejects where it could not go on. */
  readonly stopped: Promise<void>;
  readonly #dirs: AgentDirs;
  readonly #store: Store;
  readonly #firewalls: Firewalls;
  readonly #saver: Saver;
  readonly #problems = new Map<string, string>();
  readonly #events: Events;
  readonly #done = Promise.withResolvers<void>();
  readonly #supervisor: Supervisor;
  readonly #memory = new SpareMemory();
  #sockets: readonly LineSocket[] = [];
  #watch!: Watch;
  /** undefined until all that the disk tells has been taken into account. */
  #orders: Orders | undefined;
  #isStarted = false;
  #reports: Reports | undefined;
  #blocklists: Blocklists | undefined;
  /** The number of the last report that was counted while none are taken. */
  #counted = 0;
  #config!: LoadedConfig;
  #jails!: readonly JailSettings[];
  readonly #factsReader = new HostFactsReader();
  readonly #withheld = new Withheld((source, problem) => this.#setProblem(source, problem));
  #facts: HostFacts = noFacts;
  /** When journald last told of entries that it dropped, by the monotonic clock. */
  #suppressedAt = -Infinity;
  /** How much of the history was forgotten, and when that was noticed, by the monotonic clock. */
  #forgotten = { count: 0, at: -Infinity };
  #timers: ReturnType<typeof setInterval>[] = [];
  #finishing: Promise<void> | undefined;
  #isStopping = false;
  /** Reloads come one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();

  private constructor(dirs: AgentDirs, store: Store) {
    this.#dirs = dirs;
    this.#store = store;
    this.#events = new Events(store);
    this.#supervisor = Supervisor.open(dirs.runtimeDir);
    this.stopped = this.#done.promise;
    this.#saver = new Saver(
      () => this.#save(),
      (problem) => this.#setProblem("state", problem),
    );
    this.#firewalls = new Firewalls({
      bans: () => this.#watch.pipeline.posts.values().flatMap(({ jail }) => jail.bans),
      onProblem: (firewall, problem) => {
        this.#setProblem(firewall, problem);
        // What was done to the bans may have been done to the lists, too.
        void this.#checkBlocklists();
      },
    });
  }

  /**
   * Starts an agent: the state is loaded, the firewall brought to it, the sources read on.
   * @throws {ConfigError} where the configuration as a whole cannot be used; one bad jail is only left out.
   */
  static async start(dirs: AgentDirs): Promise<Agent> {
    const config = await readConfig(dirs.configDir);
    if (!config.usable) throw new ConfigError(config.problems.map(formatProblem).join("\n"));
    startLog(config.agent.logLevel);
    const agent = new Agent(dirs, await Store.open(dirs.stateDir));
    await agent.#begin(config);
    return agent;
  }

  /** Ends the agent. Bans stay in force unless on_stop says otherwise. */
  stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      // What cannot be saved or removed is told, but keeps nothing of us alive.
      this.#finish().finally(() => this.#deafen()).finally(() => this.#store.close())
        .finally(() => this.#supervisor[Symbol.dispose]())
        .then(this.#done.resolve, this.#done.reject);
    }
    return this.stopped;
  }

  /**
   * Reads the configuration anew; with `jail` only that one takes its new settings. Counters and bans stay.
   * @throws {RpcError} where the configuration is faulty: the running one stays in force.
   */
  reload(jail?: string): Promise<{ jails: number; problems: string[] }> {
    const reload = this.#reloading.then(() => this.#reload(jail));
    this.#reloading = reload.catch(() => {});
    return reload;
  }

  async #begin(config: LoadedConfig): Promise<void> {
    const errors = config.problems.filter(({ severity }) => severity === "error");
    if (errors.length > 0) {
      this.#setProblem(
        "configuration",
        `The configuration has errors, and what they are about is left out: see \`banjo check\``,
      );
    }
    for (const problem of config.problems) {
      if (problem.severity === "error") log.error(formatProblem(problem));
      else log.warn(formatProblem(problem));
    }
    const loaded = await this.#store.load();
    if (loaded.kind === "lost") {
      const { reason, setAside } = loaded;
      log.error(
        `The state cannot be used (${reason})${
          setAside === undefined ? "" : ` and is now ${setAside}`
        }; ` +
          "the bans are taken from the history and the firewall, and the logs are read from findtime ago",
      );
    }
    // Clients are refused while another agent runs here, and before anything is touched.
    const handlers = controlHandlers({
      watch: () => {
        this.#demandStarted();
        return this.#watch;
      },
      pending: () => this.#firewalls.pending,
      problems: () => [...this.#problems.values()],
      spared: () => this.#withheld.spared,
      locate: (ban) => this.#firewalls.locate(ban),
      stopped: () => this.#firewalls.stopped(),
      searchHistory: (query, from) => this.#store.searchHistory(query, from),
      blocklists: {
        reports: async () => await this.#blocklists?.reports() ?? [],
        keepingOut: async (host) =>
          await this.#blocklists?.keepingOut(host, await this.#spared()) ?? [],
        add: async (name, source) =>
          (await this.#openBlocklists()).add(name, source, await this.#spared()),
        remove: async (name) => (await this.#openBlocklists()).remove(name, await this.#spared()),
        refresh: async (name) => (await this.#openBlocklists()).refresh(name, await this.#spared()),
      },
      events: (query) => this.#events.read(query),
      widest: () => this.#config.agent.widest,
      orders: () => this.#orders!,
      settled: () => this.#firewalls.settled(),
      reload: (jail) => {
        this.#demandStarted();
        return this.reload(jail);
      },
      stop: async () => {
        this.#demandStarted();
        // The answer goes out first.
        await this.#finish().finally(() => setTimeout(() => this.stop(), 10));
      },
    });
    const { configDir, runtimeDir } = this.#dirs;
    this.#sockets = [await serveControl(runtimeDir, handlers)];
    this.#sockets = [
      ...this.#sockets,
      await serveReading(runtimeDir, handlers, {
        // Loaded when it is wanted: an agent need not hold it.
        unban: async ({ hosts, token }) => {
          const { demandToken } = await import("./token.ts");
          await demandToken(`${configDir}/${TOKEN_FILE}`, token);
          return await handlers.unban({ hosts });
        },
      }),
    ];
    if (loaded.kind === "loaded") this.#counted = loaded.snapshot.reports ?? 0;
    const jails = await this.#jailsOf(config);
    this.#facts = await this.#factsReader.read(jails);
    if (loaded.kind === "loaded") {
      this.#use(config, jails, loaded.snapshot, Date.parse(loaded.snapshot.saved));
    } else this.#use(config, jails, freshState, Date.now());
    let ordered = -Infinity;
    if (loaded.kind !== "loaded") {
      ordered = await this.#redoHistory();
      await this.#adopt();
    }
    await this.#countHistory();
    await this.#redoOrders(loaded, ordered);
    await this.#tell();
    await this.#takeReports();
    this.#firewalls.start(this.#jails);
    this.#watch.start();
    this.#isStarted = true;
    this.#timers = [
      setInterval(() => this.#check(), CHECK),
      setTimeout(() => this.#memory.checkIfQuiet(), SETTLED),
    ];
    await this.#supervisor.ready();
    void this.#reportHealth();
    // Whether that works is better known at once than with the first ban.
    this.#saver.saveSoon(saveWithin.progress);
    this.#noteRun("start");
    if (await isThere(`${this.#dirs.stateDir}/blocklists.json`)) {
      await this.#openBlocklists();
      void this.#checkBlocklists();
    }
    log.info(`banjo ${version} runs, jails: ${namesOf(this.#jails)}`);
  }

  /** @throws {RpcError} where there is nothing to ask yet. */
  #demandStarted(): void {
    if (this.#isStarted) return;
    throw new RpcError(errorCodes.refused, "The agent is still starting; try again");
  }

  /** Sources end first, then the firewall's queue, and the state of that instant is saved last. */
  #finish(): Promise<void> {
    return this.#finishing ??= (async () => {
      for (const timer of this.#timers) clearInterval(timer);
      this.#memory.cancel();
      await this.#supervisor.stopping();
      this.#saver.cancel();
      await this.#reloading;
      await this.#watch.end();
      await this.#reports?.close();
      try {
        if (this.#config.agent.onStop === "remove") await this.#blocklists?.clear();
        await this.#firewalls.close(this.#config.agent.onStop);
      } finally {
        await this.#saver.saveNow().finally(() => this.#saver.cancel());
      }
      log.info("banjo has ended");
    })();
  }

  /** Puts jails to work from a state that was saved then. */
  #use(
    config: LoadedConfig,
    jails: readonly JailSettings[],
    state: Instant,
    savedAt: number,
  ): void {
    const now = Date.now();
    this.#config = config;
    this.#jails = jails;
    this.#watch = new Watch({
      jails,
      agent: config.agent,
      saved: state,
      facts: this.#facts,
      isReplay: false,
      savedAt,
      firstTime: ({ findtime }) => now - findtime,
      onEvent: (event) => this.#take(event),
      onGivenUp: (lines, { name }) => log.warn(describeGivenUp(name, lines)),
      onProblem: (source, problem) => {
        this.#setProblem(source, problem);
        if (source !== "journald") return;
        log.warn(problem!);
        this.#suppressedAt = performance.now();
      },
      onProgress: () => this.#saver.saveSoon(saveWithin.progress),
    });
  }

  async #reload(only: string | undefined) {
    const config = await readConfig(this.#dirs.configDir);
    const problems = config.problems.map(formatProblem);
    if (config.problems.some(({ severity }) => severity === "error")) {
      throw new RpcError(errorCodes.refused, ["Nothing was reloaded:", ...problems].join("\n"));
    }
    this.#setProblem("configuration", null);
    const jails = await this.#jailsOf(config);
    const next = only === undefined ? jails : replaceJail(this.#jails, jails, only);
    this.#facts = await this.#factsReader.read(next);
    await this.#watch.end();
    // The new watch tells its own.
    this.#setProblem("journal", null);
    this.#setProblem("files", null);
    this.#use(config, next, this.#watch.save(), Date.now());
    await this.#tell();
    await this.#takeReports();
    this.#firewalls.start(this.#jails);
    this.#watch.start();
    await this.#saver.trySave();
    this.#noteRun("reload");
    log.info(`Reloaded, jails: ${namesOf(next)}`);
    return { jails: next.filter(({ name }) => name !== MANUAL).length, problems };
  }

  /** Nobody is answered any more. */
  async #deafen(): Promise<void> {
    this.#events.end();
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  #noteRun(event: "start" | "reload"): void {
    const jails = this.#jails.filter(({ name }) => name !== MANUAL).length;
    this.#events.add({ time: new Date().toISOString(), event, version, jails });
  }

  /** Lists are kept from the first one on. Loaded when it is wanted: most agents need not hold it. */
  async #openBlocklists(): Promise<Blocklists> {
    if (this.#blocklists !== undefined) return this.#blocklists;
    const { Blocklists } = await import("./blocklists.ts");
    return this.#blocklists ??= await Blocklists.open({
      stateDir: this.#dirs.stateDir,
      isDryRun: this.#jails.some(({ name, firewall }) => name === MANUAL && firewall === "dry-run"),
      onProblem: (source, problem) => this.#setProblem(source, problem),
    });
  }

  /** Whom no list keeps out: who is never banned by any jail, and who is logged in now. */
  async #spared(): Promise<readonly Host[]> {
    const { own, gateways, resolvers, lookedUp } = this.#facts;
    const all = [
      ...this.#jails.flatMap(({ ignoreip }) => ignoreip),
      ...own,
      ...gateways,
      ...resolvers,
      ...[...lookedUp.values()].flat(),
      ...await readSessions(),
    ];
    return [...new Set(all.filter(isAddress))];
  }

  async #checkBlocklists(): Promise<void> {
    await this.#blocklists?.check(await this.#spared());
  }

  /** Reports are taken as long as a jail wants some. */
  async #takeReports(): Promise<void> {
    const areWanted = this.#jails.some(({ reports }) => reports);
    if (areWanted && this.#reports === undefined) {
      // Loaded when it is wanted: most agents need not hold it.
      const { Reports } = await import("./reports.ts");
      try {
        this.#reports = await Reports.open({
          ...this.#dirs,
          counted: this.#counted,
          watch: () => this.#watch,
          onProgress: () => this.#saver.saveSoon(saveWithin.progress),
        });
        await this.#reports.begin();
        this.#setProblem("reports", null);
      } catch (error) {
        const problem = `Applications cannot report: ${(error as Error).message}`;
        log.error(problem);
        this.#setProblem("reports", problem);
        // The next reload tries again.
        this.#counted = this.#reports?.mark() ?? this.#counted;
        this.#reports = undefined;
      }
    } else if (!areWanted && this.#reports !== undefined) {
      await this.#reports.close();
      this.#counted = this.#reports.mark();
      this.#reports = undefined;
    }
  }

  /** Saves the state of this instant. */
  async #save(): Promise<void> {
    const orders = this.#orders;
    // Still starting: what is saved must hold all that was. The end of the start sees to the first save.
    if (orders === undefined) return;
    let reports: Reports | undefined;
    let counted = 0;
    let ordered = 0;
    await this.#store.save(() => {
      reports = this.#reports;
      counted = reports?.mark() ?? this.#counted;
      ordered = orders.mark();
      const state = this.#watch.save();
      return { ...state, ...(counted > 0 ? { reports: counted } : {}), orders: ordered };
    });
    this.#events.saved();
    await reports?.release(counted);
    await orders.release(ordered);
  }

  /** A decision of a jail: told to the log, the history and the firewall. */
  #take(event: JailEvent): void {
    if (event.kind === "spared" || event.kind === "held") {
      this.#withheld.take(event, Date.now());
      return;
    }
    if (event.kind === "ban" && event.ban.cause === "manual") this.#withheld.settle(event.ban.host);
    log.info(describe(event));
    this.#store.appendHistory([event]);
    this.#firewalls.push(event);
    this.#saver.saveSoon(saveWithin.ban);
  }

  /**
   * Without a state, the history tells which bans were made, and which of them are in force still. A crash in the midst of
   * the very first save leaves a history alone: what it tells must not be decided once more. Gives when something was ordered
   * by hand last.
   */
  async #redoHistory(): Promise<number> {
    const { pipeline } = this.#watch;
    let ordered = -Infinity;
    for await (const event of this.#store.readHistory()) {
      pipeline.posts.get(event.ban.jail)?.jail.redo(event);
      if ((event.kind === "ban" ? event.ban.cause : event.reason) === "manual") {
        ordered = event.time;
      }
    }
    const now = Date.now();
    for (const post of pipeline.posts.values()) pipeline.tick(post, now);
    return ordered;
  }

  /** Carries out what was ordered by hand after the state was saved; where there is none, after the time `ordered`. */
  async #redoOrders(loaded: Loaded, ordered: number): Promise<void> {
    const { orders: last, saved } = loaded.kind === "loaded" ? loaded.snapshot : {};
    const known: KnownOrders = last !== undefined
      ? { kind: "numbered", last }
      // A banjo that knows no orders has taken no notice of them, and decided anew: only later ones count.
      : { kind: "dated", until: saved === undefined ? ordered : Date.parse(saved) };
    const orders = await Orders.open({
      stateDir: this.#dirs.stateDir,
      known,
      pipeline: () => this.#watch.pipeline,
      saveNow: () => this.#saver.saveNow(),
      onProgress: () => this.#saver.saveSoon(saveWithin.progress),
    });
    orders.redo();
    this.#orders = orders;
  }

  /** Without a state, what the firewall still holds are bans. */
  async #adopt(): Promise<void> {
    const rules = await this.#firewalls.list(this.#jails).catch((error: Error) => {
      log.warn(`The firewall's own bans cannot be read: ${error.message}`);
      return [];
    });
    const now = Date.now();
    for (const { jail, host, until } of rules) {
      const post = this.#watch.pipeline.posts.get(jail);
      if (post !== undefined) {
        this.#watch.pipeline.ban(post, host, { since: now, until, cause: "adopted" });
      }
    }
    if (rules.length > 0) log.info(`Took over ${rules.length} bans that were in force`);
  }

  /** Jails that count other jails' bans, and have just been switched on, begin with the history. */
  async #countHistory(): Promise<void> {
    const { posts } = this.#watch.pipeline;
    const fresh = [...posts.values()].filter(({ settings, notBefore }) =>
      settings.bannedBy.length > 0 && notBefore > -Infinity
    );
    if (fresh.length === 0) return;
    const since = Math.min(...fresh.map(({ notBefore }) => notBefore));
    for await (const { kind, ban } of this.#store.readHistory(since)) {
      if (kind === "ban" && ban.cause === "failures") this.#watch.pipeline.recount(fresh, ban);
    }
  }

  #check(): void {
    this.#memory.checkIfQuiet();
    void this.#firewalls.check();
    this.#withheld.check(Date.now());
    this.#checkHistory();
    if (performance.now() - this.#suppressedAt > LOSS_SHOWN) {
      this.#setProblem("journald", null);
    }
    void this.#tell();
    void this.#checkBlocklists();
  }

  /** Says what of the history a disk that takes nothing has cost. */
  #checkHistory(): void {
    const { forgotten } = this.#store;
    const { count, at } = this.#forgotten;
    if (forgotten > count) {
      const problem = `The history lacks ${forgotten} bans and unbans: the disk did not take them`;
      if (count === 0) log.error(problem);
      this.#forgotten = { count: forgotten, at: performance.now() };
      this.#setProblem("history", problem);
    } else if (performance.now() - at > LOSS_SHOWN) this.#setProblem("history", null);
  }

  /** The jails to run, in a dry run where we may do no more. */
  async #jailsOf(config: LoadedConfig): Promise<readonly JailSettings[]> {
    const jails = jailsOf(config);
    if (await mayDriveFirewall()) {
      this.#setProblem("rights", null);
      return jails;
    }
    const problem = "Without the capability CAP_NET_ADMIN nothing can be banned: this is a dry run";
    log.warn(problem);
    const isMeant = jails.every(({ name, firewall }) => firewall === "dry-run" || name === MANUAL);
    this.#setProblem("rights", isMeant ? null : problem);
    return jails.map((jail) => ({ ...jail, firewall: "dry-run" }));
  }

  /** Tells the jails what is true of this host now. */
  async #tell(): Promise<void> {
    this.#facts = await this.#factsReader.read(this.#jails);
    this.#setProblem("ignoreip", this.#factsReader.problems.join("; ") || null);
    const sessions = await readSessions();
    this.#watch.tell(this.#facts, sessions, Date.now());
  }

  #setProblem(source: string, problem: string | null): void {
    const before = this.#problems.get(source);
    if (problem === null) this.#problems.delete(source);
    else this.#problems.set(source, problem);
    if ((before === undefined) !== (problem === null)) {
      const event = problem === null ? "recovery" : "alarm";
      const time = new Date().toISOString();
      this.#events.add({ time, event, about: source, problem: problem ?? before! });
    }
    if (this.#isStarted) void this.#reportHealth();
  }

  #reportHealth(): Promise<void> {
    return this.#supervisor.status(healthOf(0, [...this.#problems.values()]));
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Only what is in use, unless there is something to say about it. */
async function readConfig(dir: string): Promise<LoadedConfig> {
  const config = await loadConfig(dir, { isLean: true });
  return config.problems.length === 0 ? config : await loadConfig(dir);
}

/** The jails to run: those that are enabled, and the one for bans by hand. */
function jailsOf({ jails, manual }: LoadedConfig): readonly JailSettings[] {
  const enabled = [...jails.values()].filter(({ enabled }) => enabled);
  return (enabled.some(({ name }) => name === MANUAL) ? enabled : [...enabled, manual])
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

function replaceJail(
  running: readonly JailSettings[],
  configured: readonly JailSettings[],
  name: string,
): readonly JailSettings[] {
  const others = running.filter((jail) => jail.name !== name);
  const replacement = configured.filter((jail) => jail.name === name);
  if (others.length === running.length && replacement.length === 0) {
    throw new RpcError(errorCodes.refused, `No jail ${JSON.stringify(name)} is enabled or running`);
  }
  return [...others, ...replacement];
}

function namesOf(jails: readonly JailSettings[]): string {
  return jails.map(({ name }) => name).filter((name) => name !== MANUAL).join(", ") || "none";
}

function describe(event: BanEvent): string {
  const { jail, host, until, failures, cause } = event.ban;
  if (event.kind === "unban") return `${jail}: unban ${host} (${event.reason})`;
  const end = until === null ? "for ever" : `until ${new Date(until).toISOString()}`;
  const why = cause === "failures" ? `${failures} failures` : cause;
  const note = isAddress(host) ? "" : ": no address, so it is only on record";
  return `${jail}: ban ${host} ${end} (${why})${note}`;
}
