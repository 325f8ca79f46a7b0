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
  type BanSettings,
  type HostFacts,
  type JailEvent,
  type JailSettings,
  noFacts,
} from "../jail/mod.ts";
import { log, startLog } from "../log.ts";
import { type Instant, type KnownOrders, type Loaded, Store } from "../state/mod.ts";
import { version } from "../version.ts";
import { BanLog } from "./ban_log.ts";
import { Events } from "./events.ts";
import { Firewalls } from "./firewalls.ts";
import { describeGivenUp } from "../filter/given_up.ts";
import { controlHandlers } from "./handlers.ts";
import { healthOf } from "./health.ts";
import { HostFactsReader, readSessions } from "./host_facts.ts";
import { SpareMemory } from "../heap.ts";
import { MANUAL } from "./manual.ts";
import { Orders } from "./orders.ts";
import { mayDriveFirewall } from "./privilege.ts";
import { Problems } from "./problems.ts";
import { adoptRules, countHistory, knownJails, redoHistory } from "./recovery.ts";
import { enabledJails, namedJails, replaceJail, restingJails } from "./running_jails.ts";
import { Saver, saveWithin } from "./saver.ts";
import { Supervisor } from "./supervisor.ts";
import { freshState, Watch } from "./watch.ts";
import { WantedBlocklists } from "./wanted_blocklists.ts";
import { WantedReports } from "./wanted_reports.ts";
import { Withheld } from "./withheld.ts";

/** How often, in milliseconds, the firewalls are looked at, and what is to be known of this host. */
const CHECK = 10_000;

/** So long after the start, in milliseconds, all that starting took is done with. */
const SETTLED = 5_000;

/** That something was lost is shown for so long, in milliseconds: entries that journald dropped, history. */
const LOSS_SHOWN = 3_600_000;

/** What saving takes for each host that a jail remembers, in milliseconds. */
const SAVING = 0.003;

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
  readonly #events: Events;
  readonly #problems: Problems;
  readonly #done = Promise.withResolvers<void>();
  readonly #supervisor: Supervisor;
  readonly #memory = new SpareMemory();
  readonly #banLog = new BanLog();
  #sockets: readonly LineSocket[] = [];
  #watch!: Watch;
  /** undefined until all that the disk tells has been taken into account. */
  #orders: Orders | undefined;
  #isStarted = false;
  #reports!: WantedReports;
  readonly #blocklists: WantedBlocklists;
  #config!: LoadedConfig;
  #jails!: readonly JailSettings[];
  readonly #factsReader = new HostFactsReader();
  readonly #withheld: Withheld;
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
    this.#problems = new Problems((event) => {
      if (event !== undefined) this.#events.add(event);
      if (this.#isStarted) void this.#reportHealth();
    });
    this.#blocklists = new WantedBlocklists({
      stateDir: dirs.stateDir,
      isDryRun: () =>
        this.#jails.some(({ name, firewall }) => name === MANUAL && firewall === "dry-run"),
      onProblem: (source, problem) => this.#problems.set(source, problem),
      spared: () => this.#spared(),
    });
    this.#withheld = new Withheld((source, problem) => this.#problems.set(source, problem));
    this.#supervisor = Supervisor.open(dirs.runtimeDir);
    this.stopped = this.#done.promise;
    this.#saver = new Saver({
      save: () => this.#save(),
      expected: () => this.#watch.size * SAVING,
      onProblem: (problem) => this.#problems.set("state", problem),
    });
    this.#firewalls = new Firewalls({
      bans: () => this.#watch.pipeline.posts.values().flatMap(({ jail }) => jail.bans),
      onProblem: (firewall, problem) => {
        this.#problems.set(firewall, problem);
        // What was done to the bans may have been done to the lists, too.
        void this.#blocklists.check();
      },
    });
  }

  /**
   * Starts an agent: the state is loaded, the firewall brought to it, the sources read on.
   * @throws {ConfigError} where the configuration as a whole cannot be used; one bad jail only rests, or is left out.
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
      this.#problems.set(
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
      problems: () => this.#problems.all,
      spared: () => this.#withheld.spared,
      blownFuses: () => this.#withheld.blownFuses,
      locate: (ban) => this.#firewalls.locate(ban),
      stopped: () => this.#firewalls.stopped(),
      searchHistory: (query, from) => this.#store.searchHistory(query, from),
      blocklists: this.#blocklists,
      events: (query) => this.#events.read(query),
      widest: () => this.#config.agent.widest,
      orders: () => this.#orders!,
      settled: (jails) => this.#firewalls.settled(jails),
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
    this.#reports = new WantedReports({
      ...this.#dirs,
      watch: () => this.#watch,
      onProgress: () => this.#saver.saveSoon(saveWithin.progress),
      onProblem: (source, problem) => this.#problems.set(source, problem),
    }, loaded.kind === "loaded" ? loaded.snapshot.reports ?? 0 : 0);
    const jails = await this.#jailsOf(config, await knownJails(loaded, this.#store, config));
    this.#facts = await this.#factsReader.read(jails);
    if (loaded.kind === "loaded") {
      this.#use(config, jails, loaded.snapshot, Date.parse(loaded.snapshot.saved));
    } else this.#use(config, jails, freshState, Date.now());
    let ordered = -Infinity;
    if (loaded.kind !== "loaded") {
      ordered = await redoHistory(this.#store, this.#watch.pipeline);
      await adoptRules(this.#firewalls, this.#jails, this.#watch.pipeline);
    }
    await countHistory(this.#store, this.#watch.pipeline);
    await this.#redoOrders(loaded, ordered);
    await this.#tell();
    await this.#reports.want(this.#jails.some(({ reports }) => reports));
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
    await this.#blocklists.begin();
    log.info(`banjo ${version} runs, jails: ${listed(this.#jails)}`);
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
      await this.#reports.close();
      try {
        if (this.#config.agent.onStop === "remove") await this.#blocklists.clear();
        await this.#firewalls.close(this.#config.agent.onStop);
      } finally {
        await this.#saver.saveNow().finally(() => this.#saver.cancel());
      }
      this.#banLog.end();
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
    const resting = jails.filter(({ enabled }) => !enabled).map(({ name }) => name).join(", ");
    this.#problems.set(
      "resting",
      resting === ""
        ? null
        : `Jails had errors at the start; until these are mended and reloaded they keep their bans and read nothing: ${resting}`,
    );
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
        this.#problems.set(source, problem);
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
    this.#problems.set("configuration", null);
    const jails = await this.#jailsOf(config);
    const next = only === undefined ? jails : replaceJail(this.#jails, jails, only);
    this.#facts = await this.#factsReader.read(next);
    await this.#watch.end();
    // The new watch tells its own.
    this.#problems.set("journal", null);
    this.#problems.set("files", null);
    this.#use(config, next, this.#watch.save(), Date.now());
    await this.#tell();
    await this.#reports.want(this.#jails.some(({ reports }) => reports));
    this.#firewalls.start(this.#jails);
    this.#watch.start();
    await this.#saver.trySave();
    this.#noteRun("reload");
    log.info(`Reloaded, jails: ${listed(next)}`);
    return { jails: namedJails(next).length, problems };
  }

  /** Nobody is answered any more. */
  async #deafen(): Promise<void> {
    this.#events.end();
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  #noteRun(event: "start" | "reload"): void {
    const jails = namedJails(this.#jails).length;
    this.#events.add({ time: new Date().toISOString(), event, version, jails });
  }

  /** Whom no list keeps out: who is never banned by any jail, and who is logged in now. */
  #spared(): readonly Host[] {
    const { own, gateways, resolvers, lookedUp } = this.#facts;
    const all = [
      ...this.#jails.flatMap(({ ignoreip }) => ignoreip),
      ...own,
      ...gateways,
      ...resolvers,
      ...[...lookedUp.values()].flat(),
      ...readSessions(),
    ];
    return [...new Set(all.filter(isAddress))];
  }

  /** Saves the state of this instant. */
  async #save(): Promise<void> {
    const orders = this.#orders;
    // Still starting: what is saved must hold all that was. The end of the start sees to the first save.
    if (orders === undefined) return;
    let counted = 0;
    let ordered = 0;
    await this.#store.save(() => {
      counted = this.#reports.mark();
      ordered = orders.mark();
      const state = this.#watch.save();
      return { ...state, ...(counted > 0 ? { reports: counted } : {}), orders: ordered };
    });
    this.#events.saved();
    await this.#reports.release(counted);
    await orders.release(ordered);
  }

  /** A decision of a jail: told to the log, the history and the firewall. */
  #take(event: JailEvent): void {
    if (event.kind === "spared" || event.kind === "held") {
      this.#withheld.take(event, Date.now());
      return;
    }
    if (event.kind === "ban" && event.ban.cause === "manual") this.#withheld.settle(event.ban.host);
    this.#banLog.tell(event, Date.now());
    this.#store.appendHistory([event]);
    this.#firewalls.push(event);
    this.#saver.saveSoon(saveWithin.ban);
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

  #check(): void {
    this.#memory.checkIfQuiet();
    void this.#firewalls.check();
    this.#withheld.check(Date.now());
    this.#checkHistory();
    if (performance.now() - this.#suppressedAt > LOSS_SHOWN) {
      this.#problems.set("journald", null);
    }
    void this.#tell();
    void this.#blocklists.check();
  }

  /** Says what of the history a disk that takes nothing has cost. */
  #checkHistory(): void {
    const { forgotten } = this.#store;
    const { count, at } = this.#forgotten;
    if (forgotten > count) {
      const problem = `The history lacks ${forgotten} bans and unbans: the disk did not take them`;
      if (count === 0) log.error(problem);
      this.#forgotten = { count: forgotten, at: performance.now() };
      this.#problems.set("history", problem);
    } else if (performance.now() - at > LOSS_SHOWN) this.#problems.set("history", null);
  }

  /** The jails to run, and those of the known ones to rest; in a dry run where we may do no more. */
  async #jailsOf(
    config: LoadedConfig,
    known: ReadonlyMap<string, BanSettings | undefined> = new Map(),
  ): Promise<readonly JailSettings[]> {
    const jails = [...enabledJails(config), ...restingJails(config, known)];
    if (await mayDriveFirewall()) {
      this.#problems.set("rights", null);
      return jails;
    }
    const problem = "Without the capability CAP_NET_ADMIN nothing can be banned: this is a dry run";
    log.warn(problem);
    const isMeant = jails.every(({ name, firewall }) => firewall === "dry-run" || name === MANUAL);
    this.#problems.set("rights", isMeant ? null : problem);
    return jails.map((jail) => ({ ...jail, firewall: "dry-run" }));
  }

  /** Tells the jails what is true of this host now. */
  async #tell(): Promise<void> {
    this.#facts = await this.#factsReader.read(this.#jails);
    this.#problems.set("ignoreip", this.#factsReader.problems.join("; ") || null);
    this.#watch.tell(this.#facts, readSessions(), Date.now());
  }

  #reportHealth(): Promise<void> {
    return this.#supervisor.status(healthOf(0, this.#problems.all));
  }
}

/** Only what is in use, unless there is something to say about it. */
async function readConfig(dir: string): Promise<LoadedConfig> {
  const config = await loadConfig(dir, { isLean: true });
  return config.problems.length === 0 ? config : await loadConfig(dir);
}

function listed(jails: readonly JailSettings[]): string {
  return namedJails(jails).join(", ") || "none";
}
