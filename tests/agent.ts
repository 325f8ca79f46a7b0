/** A running agent of banjo with folders of its own, as a process that can be stopped, killed and started again. */
import { banjo, banjoCommandWith, here, type Json, type Place, type Result } from "./banjo.ts";

/** What an agent is started with. */
export interface AgentOptions {
  /** Texts of the files in the configuration folder, by path: `banjo.toml`, `jails/test.toml`. */
  readonly config: Readonly<Record<string, string>>;
  /** Where it runs; by default on this machine, which only an agent in a dry run may. */
  readonly place?: Place;
  /** Who owns its folders, if not root. */
  readonly owner?: number;
  /** What its environment tells it, as `NAME=VALUE`. */
  readonly environment?: readonly string[];
}

/** How an agent ended. */
export interface End {
  readonly code: number;
  /** What it said between start and end. */
  readonly said: string;
}

/** An agent; `await using` kills it and takes its folders away. */
export class TestAgent implements AsyncDisposable {
  /** Holds all that is its own; for log files of a test, too. */
  readonly folder: string;
  readonly #place: Place;
  readonly #environment: readonly string[];
  #process: Process | undefined;

  private constructor(folder: string, place: Place, environment: readonly string[]) {
    this.folder = folder;
    this.#place = place;
    this.#environment = environment;
  }

  /** Makes the folders and the configuration. Nothing runs yet. */
  static async create(
    { config, place = here, owner, environment = [] }: AgentOptions,
  ): Promise<TestAgent> {
    const folder = await Deno.makeTempDir({ prefix: "banjo-agent-" });
    const agent = new TestAgent(folder, place, environment);
    await Deno.chmod(agent.folder, 0o755);
    for (const name of ["config", "state", "runtime"] as const) {
      await Deno.mkdir(agent[name]);
      if (owner !== undefined) await Deno.chown(agent[name], owner, owner);
    }
    // What no test asks for is not done to the machine's own firewall.
    const spared = place === here ? { "banjo.toml": '[defaults]\nfirewall = "dry-run"\n' } : {};
    await agent.configure({ ...spared, ...config });
    return agent;
  }

  /** {@linkcode create} and {@linkcode run}. */
  static async start(options: AgentOptions): Promise<TestAgent> {
    const agent = await TestAgent.create(options);
    try {
      await agent.run();
      return agent;
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
  }

  get config(): string {
    return `${this.folder}/config`;
  }

  get state(): string {
    return `${this.folder}/state`;
  }

  get runtime(): string {
    return `${this.folder}/runtime`;
  }

  /** Its process id. */
  get pid(): number {
    return this.#process!.child.pid;
  }

  /** All that the agent has written to standard error and standard output since it was last started. */
  get said(): string {
    return this.#process?.said ?? "";
  }

  /** Writes files of the configuration; a running agent hears of it by `reload`. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(config)) {
      const file = `${this.config}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
  }

  /** Whether nothing runs, or no longer. */
  get hasEnded(): boolean {
    return this.#process?.hasEnded ?? true;
  }

  /** Starts `banjo run` and does not wait for anything. */
  async begin(): Promise<void> {
    await this.#spawn();
  }

  /** Starts `banjo run`. Resolves when it answers; throws with its words where it ends before that. */
  async run(): Promise<void> {
    const process = await this.#spawn();
    // Whatever its health is, it is up when it tells it.
    const isUp = async () => process.hasEnded || (await this.cli("status")).stdout !== "";
    await this.waitFor("the agent's start", isUp);
    if (process.hasEnded) throw new Error(`The agent did not start:\n${process.said}`);
  }

  /** Runs `banjo run` where it is bound to end by itself. */
  async runToEnd(): Promise<End> {
    const process = await this.#spawn();
    return await process.end();
  }

  /** Ends the agent as systemd does. */
  stop(): Promise<End> {
    return this.#end("SIGTERM");
  }

  /** Ends the agent as a crash does: it has no chance to say or save anything. */
  kill9(): Promise<End> {
    return this.#end("SIGKILL");
  }

  /** {@linkcode stop} and {@linkcode run}. */
  async restart(): Promise<void> {
    await this.stop();
    await this.run();
  }

  /** Sends the agent a signal. */
  signal(signal: Deno.Signal): void {
    this.#process!.child.kill(signal);
  }

  /** Runs a client command against this agent. */
  cli(...words: readonly string[]): Promise<Result> {
    return banjo([...words, "--runtime", this.runtime], { place: this.#place });
  }

  /** As {@linkcode cli} with `--json`: gives what it printed, and throws where it complains. */
  async query(...words: readonly string[]): Promise<readonly Json[]> {
    const { code, json, stderr } = await this.cli(...words, "--json");
    // The exit code of `status` tells of health.
    if (code !== 0 && stderr !== "") {
      throw new Error(`Cannot run banjo ${words.join(" ")}: ${stderr}`);
    }
    return json;
  }

  /** The hosts that are banned, by any jail. */
  async banned(): Promise<readonly string[]> {
    return (await this.query("bans")).map(({ host }) => host);
  }

  /** Waits until a ban of this host is in force in the kernel as well. */
  async waitForBan(host: string): Promise<void> {
    await this.waitFor(`a ban of ${host}`, async () => {
      // In this order: a ban that is listed and is not in force yet is counted as pending.
      if (!(await this.banned()).includes(host)) return false;
      const [{ pending }] = await this.query("status");
      return pending === 0;
    });
  }

  /** Waits until something holds; throws with the agent's words when it does not within `ms` milliseconds. */
  async waitFor(what: string, holds: () => Promise<boolean> | boolean, ms = 60_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!await holds()) {
      if (Date.now() > deadline) {
        throw new Error(`Waited in vain for ${what}; the agent said:\n${this.said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) await this.kill9();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #spawn(): Promise<Process> {
    const dirs = ["--config", this.config, "--state", this.state, "--runtime", this.runtime];
    return this.#process = new Process(
      this.#place(...await banjoCommandWith(this.#environment, "run", ...dirs)),
    );
  }

  #end(signal: Deno.Signal): Promise<End> {
    return this.#process!.end(signal);
  }
}

/** A process whose words are kept. */
class Process {
  readonly child: Deno.ChildProcess;
  said = "";
  hasEnded = false;
  readonly #read: Promise<unknown>;

  constructor([program, ...args]: readonly string[]) {
    const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    this.child = new Deno.Command(program!, { args, ...pipes }).spawn();
    this.#read = Promise.all([this.#keep(this.child.stdout), this.#keep(this.child.stderr)]);
    this.child.status.then(() => this.hasEnded = true);
  }

  /** Waits for its end, after a signal if one is given. What it has started then ends as well, as under systemd. */
  async end(signal?: Deno.Signal): Promise<End> {
    const children = signal === undefined || this.hasEnded ? [] : await childrenOf(this.child.pid);
    if (signal !== undefined && !this.hasEnded) this.child.kill(signal);
    const { code } = await this.child.status;
    // Of those that it has not ended itself, only nft monitor does not notice that nobody listens any more.
    for (const child of children) {
      if (await commandOf(child) === "nft") killQuietly(child);
    }
    await this.#read;
    return { code, said: this.said };
  }

  async #keep(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.said += text;
  }
}

/** The processes that a process has started, by all of its threads. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const lists: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const path = `/proc/${pid}/task/${name}/children`;
      lists.push(await Deno.readTextFile(path).catch(() => ""));
    }
  } catch {
    // It has just ended.
  }
  return lists.join(" ").split(" ").filter((word) => word !== "").map(Number);
}

/** The name of a process' program; undefined where it has ended. */
async function commandOf(pid: number): Promise<string | undefined> {
  const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => undefined);
  return name?.trim();
}

function killQuietly(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
