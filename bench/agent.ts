/** A running agent on a small server of its own: a real journald, and nftables in a network namespace. */
import type { Place } from "../tests/banjo.ts";
import { PrivateJournald } from "../tests/journald.ts";
import { Network } from "../tests/network.ts";

/** The server's parts. Taken away by `await using`. */
export class Server implements AsyncDisposable {
  readonly network: Network;
  readonly journald: PrivateJournald;
  /** A folder for what the agent and the benchmark keep. */
  readonly directory: string;

  private constructor(network: Network, journald: PrivateJournald, directory: string) {
    this.network = network;
    this.journald = journald;
    this.directory = directory;
  }

  static async create(): Promise<Server> {
    // The network first: journald's mount namespace sees only what was mounted before.
    const network = await Network.create();
    const journald = await PrivateJournald.start().catch(async (error) => {
      await network.close();
      throw error;
    });
    return new Server(network, journald, await Deno.makeTempDir({ prefix: "banjo-bench-" }));
  }

  /** Starts `banjo run` with a configuration folder, and waits until it says that it runs. `place`: where, on the server. */
  async startAgent(banjo: string, config: string, place?: Place): Promise<Agent> {
    const agent = this.spawnAgent(banjo, config, place);
    await agent.runs();
    return agent;
  }

  /** Starts `banjo run` and waits for nothing. */
  spawnAgent(
    banjo: string,
    config: string,
    place: Place = (...command) => this.network.on("server", ...command),
  ): Agent {
    const dirs = ["--config", config, "--state", `${this.directory}/state`];
    const [program, args] = this.journald.command(
      place(banjo, "run", ...dirs, "--runtime", `${this.directory}/runtime`),
    );
    const stdio = { stdin: "null", stdout: "null", stderr: "piped" } as const;
    return new Agent(new Deno.Command(program, { args, ...stdio }).spawn());
  }

  /** Takes away what agents have left: their state, and their bans. */
  async forget(): Promise<void> {
    await Deno.remove(`${this.directory}/state`, { recursive: true }).catch(() => {});
    await this.network.exec("server", ["/usr/sbin/nft", "delete", "table", "inet", "banjo"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journald.close();
    await this.network.close();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** `banjo run`, running. Ended by `await using`. */
export class Agent implements AsyncDisposable {
  /** What it says on standard error. */
  readonly words: Words;
  readonly #process: Deno.ChildProcess;
  readonly #spawned = performance.now();
  #startTime = NaN;

  constructor(process: Deno.ChildProcess & { readonly stderr: ReadableStream<Uint8Array> }) {
    this.#process = process;
    this.words = new Words(process.stderr);
  }

  /** Resolves when it says that it runs. */
  async runs(): Promise<void> {
    await this.words.until(" runs, ");
    this.#startTime = this.age;
  }

  /** From its start until it said that it runs, in milliseconds. */
  get startTime(): number {
    return this.#startTime;
  }

  /** Since its start, in milliseconds. */
  get age(): number {
    return performance.now() - this.#spawned;
  }

  /** The agent's process: nsenter, ip and the launcher have each made way for the next by exec. */
  get pid(): number {
    return this.#process.pid;
  }

  /** What it holds in memory now, or at most ever held, in MB. */
  async memory(when: "now" | "highest" = "now"): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    const key = when === "now" ? "VmRSS" : "VmHWM";
    return Number(new RegExp(`^${key}:\\s*(\\d+) kB`, "m").exec(status)![1]) / 1024;
  }

  /**
   * Its processor time since its start, or with that of the children that have ended, in seconds, by the hundredths of a
   * second in proc(5).
   */
  async cpu(whose: "its own" | "with children" = "its own"): Promise<number> {
    const stat = await Deno.readTextFile(`/proc/${this.pid}/stat`);
    const times = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      .slice(11, whose === "its own" ? 13 : 15);
    return times.reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.words.end();
  }
}

/** A program's output as it comes, by lines; read all the time, so that the program never waits for us. */
export class Words {
  readonly #lines: string[] = [];
  #passed: readonly string[] = [];
  readonly #reading: Promise<void>;
  #notify = Promise.withResolvers<void>();
  #isOver = false;

  constructor(output: ReadableStream<Uint8Array>) {
    this.#reading = this.#read(output);
  }

  /** The first line from now on, or still unread, that holds these words; no longer than two minutes: a million bans take their time to load. */
  async until(words: string): Promise<string> {
    const deadline = Promise.withResolvers<"late">();
    const timer = setTimeout(() => deadline.resolve("late"), 120_000);
    try {
      while (true) {
        for (let line; (line = this.#lines.shift()) !== undefined;) {
          if (line.includes(words)) return line;
          this.#passed = [...this.#passed, line].slice(-20);
        }
        if (
          this.#isOver || await Promise.race([this.#notify.promise, deadline.promise]) === "late"
        ) {
          const passed = this.#passed.join("\n");
          throw new Error(`Cannot find ${JSON.stringify(words)} in what was printed:\n${passed}`);
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when the program has closed its output. */
  async end(): Promise<void> {
    await this.#reading;
  }

  async #read(output: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#notify.resolve();
      this.#notify = Promise.withResolvers();
    }
    this.#isOver = true;
    this.#notify.resolve();
  }
}
