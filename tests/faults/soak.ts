/** An agent under a mixed load at full speed: the journal and several log files, rotated all the time, and reloads. */
import { Random } from "../../bench/random.ts";
import { type AgentReport, call } from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";
import { PrivateJournald } from "../journald.ts";
import { FaultyServer } from "./faulty_server.ts";
import { LogFile } from "./log_file.ts";

/** What the agent holds after a round. */
export interface Sample {
  /** Since the start. */
  readonly seconds: number;
  /** Resident memory. */
  readonly bytes: number;
  /** Processor time of the agent since its start, in seconds, what it has started left out. */
  readonly cpu: number;
  readonly descriptors: number;
  readonly children: number;
}

/** Longer than a round takes on a machine that is not stuck, in milliseconds. */
const PATIENCE = 120_000;
/** In milliseconds: longer than bans last, and than it takes an agent to give back what it does not need. */
const REST = 30_000;
const HOSTS = 1_000;
/** Files that a pattern matches: one is new and one is gone after each round. */
const APPS = 4;
/** Rotated files that are kept. */
const KEPT = 3;
const UNIT = "ssh.service";

/** Bans last so shortly that after a minute as many end as begin. */
function jailsFor(folder: string): string {
  const short = 'maxretry = 3\nfindtime = "30s"\nbantime = "15s"\nmax_bans_per_minute = 1000000\n';
  return `[sshd]
enabled = true
${short}
[auth]
enabled = true
filter = "sshd"
files = ["${folder}/auth.log"]
${short}
[nginx-404]
enabled = true
files = ["${folder}/access.log"]
${short}
[app]
enabled = true
files = ["${folder}/app-*.log"]
failregex = ['^\\s*<ADDR> sent a wrong token$']
${short}
[recidive]
enabled = true
${short}`;
}

/** The agent, its server and the load. */
export class Soak implements AsyncDisposable {
  readonly #server: FaultyServer;
  readonly #journald: PrivateJournald;
  readonly #agent: TestAgent;
  readonly #random = new Random(7);
  readonly #auth: LogFile;
  readonly #access: LogFile;
  readonly #started = performance.now();
  /** How many failures each jail should have counted. */
  readonly #failures = { sshd: 0, auth: 0, "nginx-404": 0, app: 0 };
  #rounds = 0;
  #lines = 0;

  private constructor(server: FaultyServer, journald: PrivateJournald, agent: TestAgent) {
    this.#server = server;
    this.#journald = journald;
    this.#agent = agent;
    this.#auth = new LogFile(`${agent.folder}/auth.log`);
    this.#access = new LogFile(`${agent.folder}/access.log`);
  }

  static async start(): Promise<Soak> {
    await using parts = new AsyncDisposableStack();
    const server = parts.use(await FaultyServer.create());
    // Small, so that journald rotates and vacuums all the time.
    const limits = ["RuntimeMaxUse=32M", "RuntimeMaxFileSize=4M"];
    const journald = parts.use(await PrivateJournald.start(limits));
    const agent = await TestAgent.create({ config: {}, place: server.place });
    const soak = new Soak(server, journald, agent);
    await agent.configure({
      "banjo.toml":
        `[agent]\nlog_level = "warning"\njournal = { directory = "${journald.directory}" }\n`,
      "jails/test.toml": jailsFor(agent.folder),
    });
    parts.move();
    await agent.run();
    return soak;
  }

  /** How many rounds there were, and lines of logs in them. */
  get done(): { readonly rounds: number; readonly lines: number } {
    return { rounds: this.#rounds, lines: this.#lines };
  }

  /** Writes to all logs, rotates them, reloads and waits until every failure has been counted, once. */
  async round(): Promise<Sample> {
    this.#rounds++;
    const logging = this.#logToJournal();
    for (let piece = 0; piece < 4; piece++) {
      this.#access.append(this.#accessLines(5_000));
      this.#auth.append(this.#authLines(500));
      this.#access.rename();
      if (piece === 1) await call(this.#agent.runtime, "reload", {});
    }
    this.#app(this.#rounds);
    await logging;
    await this.#catchUp();
    // What nobody has read is lost to everybody.
    this.#auth.copyAndTruncate();
    this.#auth.forget(KEPT);
    this.#access.forget(KEPT);
    this.#removeApp(this.#rounds - APPS);
    if (this.#rounds % 4 === 0) await this.#journald.run(["journalctl", "--rotate"]);
    await this.#ask();
    return this.#sample();
  }

  /** Lets the agent rest for half a minute: what it holds in the end. */
  async rest(): Promise<Sample> {
    await new Promise((resolve) => setTimeout(resolve, REST));
    return await this.#sample();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.#journald.close();
    await this.#server[Symbol.asyncDispose]();
  }

  async #logToJournal(): Promise<void> {
    const others = Array.from({ length: 2_000 }, (_, index) => `message ${index} of another`);
    await this.#journald.run(["logger", "-t", "other"], { stdin: others.join("\n") });
    for (let index = 0; index < 300; index++) {
      await this.#journald.log("sshd", this.#failedLogin(), UNIT);
    }
    this.#failures.sshd += 300;
    this.#lines += others.length + 300;
    await this.#journald.sync();
  }

  /** One in a hundred is a page that does not exist. */
  #accessLines(count: number): string {
    const date = accessDate(new Date());
    const failures = count / 100;
    this.#failures["nginx-404"] += failures;
    this.#lines += count;
    return Array.from({ length: count }, (_, index) => {
      const [path, status] = index < failures ? ["/wp-login.php", 404] : ["/index.html", 200];
      return `${this.#host()} - - [${date}] "GET ${path} HTTP/1.1" ${status} 404 "-" "curl/8.14.1"\n`;
    }).join("");
  }

  #authLines(count: number): string {
    const date = new Date().toISOString();
    this.#failures.auth += count / 2;
    this.#lines += count;
    return Array.from({ length: count }, (_, index) => {
      const text = index % 2 === 0 ? this.#failedLogin() : "Server listening on 0.0.0.0 port 22.";
      return `${date} server sshd[${this.#lines + index}]: ${text}\n`;
    }).join("");
  }

  #app(round: number): void {
    const date = new Date().toISOString();
    const lines = Array.from({ length: 200 }, () => `${date} ${this.#host()} sent a wrong token\n`);
    Deno.writeTextFileSync(this.#appPath(round), lines.join(""));
    this.#failures.app += lines.length;
    this.#lines += lines.length;
  }

  #removeApp(round: number): void {
    if (round > 0) Deno.removeSync(this.#appPath(round));
  }

  #appPath(round: number): string {
    return `${this.#agent.folder}/app-${round}.log`;
  }

  #failedLogin(): string {
    return `Failed password for root from ${this.#host()} port ${
      1024 + this.#random.below(60_000)
    } ssh2`;
  }

  #host(): string {
    return this.#random.ipv4(HOSTS);
  }

  async #catchUp(): Promise<void> {
    const expected = JSON.stringify(this.#failures);
    let counted = "";
    await this.#agent.waitFor(`failures ${expected}`, async () => {
      const { jails } = await this.#status();
      counted = JSON.stringify(Object.fromEntries(
        Object.keys(this.#failures).map((name) => [
          name,
          jails.find(({ jail }) => jail === name)!.failed.total,
        ]),
      ));
      return counted === expected;
    }, PATIENCE).catch((error) => {
      throw new Error(`${error.message}\ncounted ${counted}`);
    });
  }

  /** What monitoring and people ask for. */
  async #ask(): Promise<void> {
    await call(this.#agent.runtime, "bans", {});
    await call(this.#agent.runtime, "stopped", {});
    await call(this.#agent.runtime, "explain", { host: this.#host() });
    await call(this.#agent.runtime, "history", { since: Date.now() - 1_000 });
  }

  async #sample(): Promise<Sample> {
    const pid = this.#server.heldBy(this.#agent.pid)!;
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    let children = 0;
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const list = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "");
      children += list.split(" ").filter((word) => word !== "").length;
    }
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
    return {
      seconds: (performance.now() - this.#started) / 1000,
      cpu: (Number(user) + Number(system)) / 100,
      bytes: Number(/^VmRSS:\s*(\d+) kB/m.exec(status)![1]) * 1024,
      descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
      children,
    };
  }

  #status(): Promise<AgentReport> {
    return call(this.#agent.runtime, "status", {});
  }
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** As nginx writes it. */
function accessDate(date: Date): string {
  const [year, month, day, time] = date.toISOString().split(/[-T.]/);
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}
