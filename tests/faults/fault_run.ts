/** One run of a real agent through an attack while things around it fail, by a seed. */
import { Random } from "../../bench/random.ts";
import { type AgentReport, call } from "../../lib/control/mod.ts";
import { type Firewall, openFirewall } from "../../lib/firewall/mod.ts";
import { TestAgent } from "../agent.ts";
import { isLong, usualOrLong } from "../long.ts";
import { type Attack, jailsFor } from "./attack.ts";
import { FaultyServer, type ToolFault } from "./faulty_server.ts";
import { LogFile } from "./log_file.ts";
import { isInForce, type Outcome, readOutcome } from "./outcome.ts";

/** Longer than anything takes on a machine that is not stuck, in milliseconds. */
const PATIENCE = usualOrLong(120_000, 900_000);
/** What the agent says is told where a run fails: of a thousand bans too much. */
const QUIET = '[agent]\nlog_level = "warning"\n';
/** What the state of an attack takes at most, in bytes for each line of the log. */
const STATE_A_LINE = 2_000;

/** How nft and ufw fail. One that hangs is waited for a minute. */
const FAULTS: readonly ToolFault[] = ["refused", "late", "killed", "slow"];

/** What a run is of. */
export interface FaultRunOptions {
  readonly attack: Attack;
  /** Default: nftables. */
  readonly firewall?: "nftables" | "ufw";
  /** Whether the agent goes by a clock of its own, which can be set. */
  readonly hasOwnClock?: boolean;
}

/** An agent on a server of its own, with an attack that is written to its log bit by bit. */
export class FaultRun implements AsyncDisposable {
  readonly #server: FaultyServer;
  readonly #agent: TestAgent;
  readonly #log: LogFile;
  readonly #attack: Attack;
  readonly #tool: "nft" | "ufw";
  readonly #firewall: Firewall;
  readonly #trace: string[] = [];
  /** How many lines are in the log, and how many characters of the next one. */
  #written = 0;
  #partial = 0;
  #isProtected = false;

  private constructor(server: FaultyServer, agent: TestAgent, options: FaultRunOptions) {
    this.#server = server;
    this.#agent = agent;
    this.#attack = options.attack;
    this.#tool = options.firewall === "ufw" ? "ufw" : "nft";
    this.#firewall = openFirewall(options.firewall ?? "nftables", {
      command: server.real(this.#tool),
    });
    this.#log = new LogFile(`${agent.folder}/auth.log`);
  }

  static async create(options: FaultRunOptions): Promise<FaultRun> {
    const { attack, firewall = "nftables", hasOwnClock = false } = options;
    const server = await FaultyServer.create({ hasUfw: firewall === "ufw" });
    try {
      const environment = hasOwnClock ? server.clock : [];
      const agent = await TestAgent.create({ config: {}, place: server.place, environment });
      const run = new FaultRun(server, agent, options);
      await agent.configure({
        "banjo.toml": QUIET,
        "jails/test.toml": jailsFor(run.#log.path, firewall),
      });
      await server.mountDisk(agent.state, 4_000_000 + STATE_A_LINE * attack.lines.length);
      return run;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The configuration folder, for `banjo simulate`. */
  get config(): string {
    return this.#agent.config;
  }

  /** What was done, for when it came out wrong. */
  get story(): string {
    return this.#trace.join(", ");
  }

  /** Nothing fails: the agent starts with the whole log. */
  async withoutFaults(): Promise<Outcome> {
    this.#write(this.#attack.lines.length);
    return await this.#end();
  }

  /** The attack in `steps` pieces, after each of which something fails. */
  async withFaults(seed: number, steps: number): Promise<Outcome> {
    const random = new Random(seed);
    this.#trace.push(`seed ${seed}`);
    // Where a first start begins reading is another matter: this agent has run before.
    this.#write(5);
    await this.#bringUp();
    await this.#catchUp();
    await this.#stop();
    await this.#agent.begin();
    for (let step = 0; step < steps; step++) {
      const share = 2 * (this.#attack.lines.length - this.#written) / (steps - step);
      this.#write(random.below(Math.floor(share)), random.onceIn(4) ? random.below(80) : 0);
      await this.#fail(random);
      if (this.#agent.hasEnded && !random.onceIn(3)) await this.#agent.begin();
    }
    await this.#heal();
    this.#write(this.#attack.lines.length - this.#written);
    return await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#agent.hasEnded) await this.#server.untilHeld(this.#agent.pid);
    await this.#agent[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  async #fail(random: Random): Promise<void> {
    // What stands twice is as likely again.
    const faults: readonly (readonly [name: string, fault: () => Promise<void> | void])[] = [
      ["kill", () => this.#kill(random)],
      ["kill", () => this.#kill(random)],
      ["kill at its start", () => this.#killAtStart(random)],
      ["stop", () => this.#bringUp().then(() => this.#stop())],
      ["reload", () => this.#reload()],
      ["fail firewall", () => this.#failFirewall(random)],
      ["fail firewall", () => this.#failFirewall(random)],
      // What others do to ufw's rules behind its back nobody puts right.
      ["flush ruleset", () => this.#tool === "ufw" ? undefined : this.#server.flushRuleset()],
      ["fill disk", () => this.#isProtected || this.#server.fillDisk()],
      ["read-only disk", () => this.#protectDisk()],
      ["heal disk", () => this.#healDisk()],
      ["rename log", () => this.#renameLog()],
      ["folder for log", () => this.#replaceLogByFolder(random)],
      ["unreadable log", () => this.#closeLog(random)],
      ["copy and truncate log", () => this.#copyAndTruncateLog(random)],
      ["step clock", () => this.#server.stepClock(random.below(7201) - 3600)],
    ];
    const [name, fault] = random.pick(faults);
    this.#trace.push(`${this.#written} lines ${name}`);
    await fault();
  }

  async #kill(random: Random): Promise<void> {
    // Not to wait for anything: one instant is as good as another.
    await pause(random.below(random.onceIn(2) ? 30 : 300));
    await this.#killNow();
  }

  async #killNow(): Promise<void> {
    if (this.#agent.hasEnded) return;
    await this.#server.untilHeld(this.#agent.pid);
    await this.#agent.kill9();
  }

  async #killAtStart(random: Random): Promise<void> {
    if (this.#agent.hasEnded) await this.#agent.begin();
    await this.#kill(random);
  }

  async #reload(): Promise<void> {
    await this.#bringUp();
    // It refuses where the state cannot be saved.
    await call(this.#agent.runtime, "reload", {}).catch(() => {});
  }

  #failFirewall(random: Random): void {
    if (isLong && random.onceIn(10)) return this.#server.failTool(this.#tool, "hanging");
    for (let calls = 1 + random.below(3); calls > 0; calls--) {
      this.#server.failTool(this.#tool, random.pick(FAULTS));
    }
  }

  async #protectDisk(): Promise<void> {
    if (this.#isProtected) return;
    this.#isProtected = true;
    await this.#server.protectDisk();
  }

  #renameLog(): void {
    this.#endLine();
    this.#log.rename();
  }

  async #replaceLogByFolder(random: Random): Promise<void> {
    this.#endLine();
    await this.#log.replaceByFolder(() => pause(random.below(50)));
  }

  /** Nobody may read the log for a while, an agent that starts then neither. */
  async #closeLog(random: Random): Promise<void> {
    this.#log.close();
    if (random.onceIn(2)) await this.#killNow();
    if (this.#agent.hasEnded) await this.#agent.begin();
    this.#write(random.below(20));
    await pause(random.below(500));
    this.#log.open();
  }

  /**
   * What a program writes between copying and truncating is lost to everybody, so nothing is. And of which file a copy is
   * can be told only if some of it has been read and that is on the disk.
   */
  async #copyAndTruncateLog(random: Random): Promise<void> {
    if (this.#written === this.#attack.lines.length) return;
    await this.#healDisk();
    this.#server.healTools();
    this.#write(1);
    await this.#bringUp();
    await this.#waitFor("the position on the disk", () => {
      const state = Deno.readTextFileSync(this.#server.outside(`${this.#agent.state}/state.json`));
      const position = JSON.parse(state).sources.files[this.#log.path];
      return position?.inode === this.#log.inode && position.offset === this.#log.size;
    });
    if (random.onceIn(2)) await this.#killNow();
    this.#write(random.below(20));
    this.#log.copyAndTruncate();
  }

  /** Brings all lines to a decision, ends the agent and gives what came of it. */
  async #end(): Promise<Outcome> {
    await this.#bringUp();
    await this.#catchUp();
    await this.#waitFor("all bans in the firewall", async () => {
      const { pending, problems } = await this.#status();
      if (pending > 0 || problems.length > 0) return false;
      // A flush, or that the clock was set, may not have been noticed yet.
      const bans = await call(this.#agent.runtime, "bans", {});
      return isInForce(await this.#firewall.list(), bans);
    });
    await this.#stop();
    return await readOutcome(this.#server.outside(this.#agent.state), this.#firewall);
  }

  async #heal(): Promise<void> {
    this.#server.healTools();
    this.#server.stepClock(0);
    await this.#healDisk();
  }

  async #healDisk(): Promise<void> {
    if (this.#isProtected) await this.#server.unprotectDisk();
    this.#isProtected = false;
    this.#server.freeDisk();
  }

  /** Writes the next lines, and the first characters of one more. */
  #write(lines: number, partial = 0): void {
    const end = Math.min(this.#written + lines, this.#attack.lines.length);
    const next = this.#attack.lines[end]?.slice(0, partial) ?? "";
    const text = this.#attack.lines.slice(this.#written, end).join("") + next;
    this.#log.append(text.slice(this.#partial));
    this.#partial = end > this.#written ? next.length : Math.max(this.#partial, next.length);
    this.#written = end;
  }

  /** A program does not change files within a line. */
  #endLine(): void {
    if (this.#partial > 0) this.#write(1);
  }

  /** Waits until every line that was written has been counted. */
  async #catchUp(): Promise<void> {
    const expected = this.#attack.failuresUpTo[this.#written]!;
    await this.#waitFor(`${expected} failures`, async () => {
      const { jails } = await this.#status();
      return jails.find(({ jail }) => jail === "sshd")!.failed.total === expected;
    });
  }

  /** Starts the agent again and again until it answers, as systemd does. */
  async #bringUp(): Promise<void> {
    await this.#waitFor("the agent", async () => {
      if (this.#agent.hasEnded) {
        // A disk that fails keeps an agent from starting.
        if (this.#isProtected) await this.#healDisk();
        await this.#agent.begin();
      }
      return await this.#status().then(() => true, () => false);
    });
  }

  async #stop(): Promise<void> {
    await call(this.#agent.runtime, "stop", {}).catch(() => {});
    await this.#waitFor("the agent's end", () => this.#agent.hasEnded);
  }

  #status(): Promise<AgentReport> {
    return call(this.#agent.runtime, "status", {});
  }

  #waitFor(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    return this.#agent.waitFor(what, holds, PATIENCE);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
