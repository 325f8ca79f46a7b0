/** One run of a real agent that reads a real journal while things around it fail, by a seed. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../../bench/random.ts";
import { type AgentReport, call } from "../../lib/control/mod.ts";
import { type Firewall, openFirewall } from "../../lib/firewall/mod.ts";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { PrivateJournald } from "../journald.ts";
import { isLong, usualOrLong } from "../long.ts";
import { FaultyServer, type ToolFault } from "./faulty_server.ts";
import { historyOfSimulation, isInForce, readOutcome, shortHistory } from "./outcome.ts";

/** Longer than anything takes on a machine that is not stuck, in milliseconds. */
const PATIENCE = usualOrLong(120_000, 900_000);
const UNIT = "ssh.service";
const JAILS = `[sshd]
enabled = true
maxretry = 3
findtime = "6h"
bantime = "6h"
max_bans_per_minute = 100000

[recidive]
enabled = true
maxretry = 1
`;
const NFT_FAULTS: readonly ToolFault[] = ["refused", "late", "killed", "slow"];
const JOURNALCTL_FAULTS: readonly ToolFault[] = ["refused", "killed", "slow", "garbage"];

/** An agent, a journald and an attack that goes through it. */
export class JournalRun implements AsyncDisposable {
  readonly #random: Random;
  readonly #server: FaultyServer;
  readonly #firewall: Firewall;
  readonly #journald: PrivateJournald;
  readonly #agent: TestAgent;
  readonly #trace: string[];
  /** How many failures were in what has been vacuumed. */
  #vacuumed = 0;

  private constructor(
    seed: number,
    server: FaultyServer,
    journald: PrivateJournald,
    agent: TestAgent,
  ) {
    this.#random = new Random(seed);
    this.#server = server;
    this.#firewall = openFirewall("nftables", { command: server.real("nft") });
    this.#journald = journald;
    this.#agent = agent;
    this.#trace = [`seed ${seed}`];
  }

  static async create(seed: number): Promise<JournalRun> {
    await using parts = new AsyncDisposableStack();
    const server = parts.use(await FaultyServer.create());
    const journald = parts.use(await PrivateJournald.start());
    const agent = await TestAgent.create({
      config: { "banjo.toml": configFor(journald.directory), "jails/test.toml": JAILS },
      place: server.place,
    });
    const run = new JournalRun(seed, server, journald, agent);
    await agent.configure({
      "past/banjo.toml": configFor(run.#past),
      "past/jails/test.toml": JAILS,
    });
    await Deno.mkdir(run.#past);
    parts.move();
    return run;
  }

  /** What was done, for when it came out wrong. */
  get story(): string {
    return this.#trace.join(", ");
  }

  /** The attack in `steps` pieces of up to `lines` entries, after each of which something fails. */
  async withFaults(steps: number, lines: number): Promise<void> {
    // Where a first start begins is another matter: this agent has seen the journal before, and remembers that.
    await this.#attack(3);
    await this.#bringUp();
    await this.#catchUp();
    await this.#untilSaved();
    for (let step = 0; step < steps; step++) {
      await this.#attack(this.#random.below(lines));
      await this.#fail();
      if (this.#agent.hasEnded && !this.#random.onceIn(3)) await this.#agent.begin();
    }
    this.#server.healTools();
    await this.#attack(3);
    await this.#bringUp();
    await this.#catchUp();
    await this.#agent.waitFor("all bans in the firewall", async () => {
      const { pending, problems } = await this.#status();
      if (pending > 0 || problems.length > 0) return false;
      // A flush may not have been noticed yet.
      const bans = await call(this.#agent.runtime, "bans", {});
      return isInForce(await this.#firewall.list(), bans);
    }, PATIENCE);
    await this.#compare();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#agent.hasEnded) await this.#server.untilHeld(this.#agent.pid);
    await this.#agent[Symbol.asyncDispose]();
    await this.#journald.close();
    await this.#server[Symbol.asyncDispose]();
  }

  async #fail(): Promise<void> {
    const random = this.#random;
    const faults: readonly (readonly [name: string, fault: () => unknown])[] = [
      ["kill", () => this.#kill()],
      ["kill", () => this.#kill()],
      ["stop", () => this.#stop()],
      ["reload", () => this.#reload()],
      ["kill journalctl", () => this.#signalReaders("SIGKILL")],
      ["stall journalctl", () => this.#stallReaders()],
      ["fail journalctl", () => this.#failJournalctl()],
      ["stop journald", () => this.#journald.stopDaemon().then(() => this.#journald.startDaemon())],
      ["kill journald", () => this.#killJournald()],
      ["rotate the journal", () => this.#journald.run(["journalctl", "--rotate"])],
      ["vacuum the journal", () => this.#vacuum()],
      ["fail nft", () => this.#server.failTool("nft", random.pick(NFT_FAULTS))],
      ["flush ruleset", () => this.#server.flushRuleset()],
    ];
    const [name, fault] = random.pick(faults);
    this.#trace.push(name);
    await fault();
  }

  async #kill(): Promise<void> {
    // Not to wait for anything: one instant is as good as another.
    await pause(this.#random.below(400));
    if (this.#agent.hasEnded) return;
    await this.#server.untilHeld(this.#agent.pid);
    await this.#agent.kill9();
  }

  async #reload(): Promise<void> {
    await this.#bringUp();
    await call(this.#agent.runtime, "reload", {});
  }

  #failJournalctl(): void {
    for (let calls = 1 + this.#random.below(3); calls > 0; calls--) {
      this.#server.failTool("journalctl", this.#random.pick(JOURNALCTL_FAULTS));
    }
    this.#signalReaders("SIGKILL");
  }

  /** For a moment; now and then for good, which the agent has to notice. */
  async #stallReaders(): Promise<void> {
    this.#signalReaders("SIGSTOP");
    if (isLong && this.#random.onceIn(3)) return;
    await this.#attack(this.#random.below(20));
    await pause(this.#random.below(300));
    this.#signalReaders("SIGCONT");
  }

  #signalReaders(signal: Deno.Signal): void {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
        const isReader = words.includes("--all") &&
          words.includes(`--directory=${this.#journald.directory}`);
        if (isReader) Deno.kill(Number(name), signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** What it has not written yet is lost, to everybody. */
  async #killJournald(): Promise<void> {
    Deno.kill(this.#journald.pid, "SIGKILL");
    await this.#journald.startDaemon();
  }

  /** Takes away all files but the one that is written to. What nobody has read of them would be lost to everybody. */
  async #vacuum(): Promise<void> {
    await this.#bringUp();
    await this.#catchUp();
    await this.#untilSaved();
    await this.#journald.run(["journalctl", "--rotate"]);
    const before = await this.#countFailures();
    await this.#keepPast();
    await this.#journald.run(["journalctl", "--vacuum-files=1"]);
    this.#vacuumed += before - await this.#countFailures();
  }

  /** Copies of the journal's files, for the simulation: those that were vacuumed, too. */
  get #past(): string {
    return `${this.#agent.folder}/past`;
  }

  async #keepPast(): Promise<void> {
    const machine = `${this.#journald.directory}/${
      Deno.readTextFileSync("/etc/machine-id").trim()
    }`;
    for await (const { name } of Deno.readDir(machine)) {
      await Deno.copyFile(`${machine}/${name}`, `${this.#past}/${name}`);
    }
  }

  /** Some failures of some of eight attackers, among other messages. */
  async #attack(lines: number): Promise<void> {
    for (let line = 0; line < lines; line++) {
      const host = `198.18.0.${this.#random.below(8)}`;
      const message = this.#random.onceIn(3)
        ? `Connection closed by ${host} port 22`
        : `Failed password for root from ${host} port ${1024 + this.#random.below(60_000)} ssh2`;
      await this.#journald.log("sshd", message, UNIT);
    }
    await this.#journald.run(["journalctl", "--sync"]);
  }

  /** By the journal's own account. */
  async #countFailures(): Promise<number> {
    const listing = await this.#journald.run(["journalctl", "--output=cat", `--unit=${UNIT}`]);
    return listing.split("\n").filter((line) => line.startsWith("Failed")).length;
  }

  async #catchUp(): Promise<void> {
    const expected = this.#vacuumed + await this.#countFailures();
    await this.#agent.waitFor(`${expected} failures`, async () => {
      const { jails } = await this.#status();
      return jails.find(({ jail }) => jail === "sshd")!.failed.total === expected;
    }, PATIENCE);
  }

  /** Waits until what was counted is on the disk. */
  async #untilSaved(): Promise<void> {
    const expected = this.#vacuumed + await this.#countFailures();
    await this.#agent.waitFor("the counters on the disk", async () => {
      const path = `${this.#agent.state}/state.json`;
      const state = await Deno.readTextFile(path).then(JSON.parse, () => undefined);
      return state?.jails.sshd.jail.failed === expected;
    }, PATIENCE);
  }

  async #bringUp(): Promise<void> {
    await this.#agent.waitFor("the agent", async () => {
      if (this.#agent.hasEnded) await this.#agent.begin();
      return await this.#status().then(() => true, () => false);
    }, PATIENCE);
  }

  async #stop(): Promise<void> {
    await this.#bringUp();
    await call(this.#agent.runtime, "stop", {});
    await this.#agent.waitFor("the agent's end", () => this.#agent.hasEnded, PATIENCE);
  }

  /** The history against a simulation, and the kernel against the bans. */
  async #compare(): Promise<void> {
    await this.#stop();
    const { jails, history, kernel } = await readOutcome(this.#agent.state, this.#firewall);
    await this.#keepPast();
    const { json, stderr } = await banjo(
      ["simulate", "--json", "--since", "2h", "--config", `${this.#agent.config}/past`],
    );
    assertEquals(stderr, "");
    assertEquals(shortHistory(history), historyOfSimulation(json));
    const bans = Object.values(jails).flatMap(({ bans }) => bans).map((ban) => JSON.parse(ban));
    assert(bans.length > 0);
    assertEquals(kernel, bans.map(({ jail, host }) => `${jail} ${host}`).sort());
  }

  #status(): Promise<AgentReport> {
    return call(this.#agent.runtime, "status", {});
  }
}

function configFor(directory: string): string {
  return `[agent]\nlog_level = "warning"\njournal = { directory = "${directory}" }\n`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
