/** Whatever fails around an agent that reads the journal, it has decided what a simulation over the same journal does. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../../bench/random.ts";
import { type AgentReport, call } from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { PrivateJournald } from "../journald.ts";
import { usualOrLong } from "../long.ts";
import { testAsRoot } from "../root.ts";
import { FaultyServer, toolFaults } from "./faulty_server.ts";
import { historyOfSimulation, readOutcome, shortHistory } from "./outcome.ts";

const needs = { programs: ["nft", "perl", "unshare", "nsenter"] };
const RUNS = usualOrLong(4, 30);
const STEPS = usualOrLong(6, 20);
/** Longer than anything takes on a machine that is not stuck, in milliseconds. */
const PATIENCE = 180_000;
const UNIT = "ssh.service";

testAsRoot("bans and counters are what the journal leads to, whatever fails", needs, async (t) => {
  for (let seed = 1; seed <= RUNS; seed++) {
    await t.step(`seed ${seed}`, async () => {
      await using run = await JournalRun.create(seed);
      await run.throughFaults();
    });
  }
});

/** An agent, a journald and an attack that goes through it. */
class JournalRun implements AsyncDisposable {
  readonly #random: Random;
  readonly #server: FaultyServer;
  readonly #journald: PrivateJournald;
  readonly #agent: TestAgent;
  readonly #trace: string[] = [];

  private constructor(
    seed: number,
    server: FaultyServer,
    journald: PrivateJournald,
    agent: TestAgent,
  ) {
    this.#random = new Random(seed);
    this.#server = server;
    this.#journald = journald;
    this.#agent = agent;
  }

  static async create(seed: number): Promise<JournalRun> {
    await using parts = new AsyncDisposableStack();
    const server = parts.use(await FaultyServer.create());
    const journald = parts.use(await PrivateJournald.start());
    const config = {
      "banjo.toml": `[agent]
log_level = "warning"
journal = { directory = "${journald.directory}" }
`,
      "jails/test.toml": `[sshd]
enabled = true
maxretry = 3
findtime = "6h"
bantime = "6h"
max_bans_per_minute = 100000

[recidive]
enabled = true
maxretry = 1
`,
    };
    const agent = await TestAgent.create({ config, place: server.place });
    parts.move();
    return new JournalRun(seed, server, journald, agent);
  }

  async throughFaults(): Promise<void> {
    // Where a first start begins is another matter: this agent has seen the journal before.
    await this.#attack(3);
    await this.#bringUp();
    await this.#catchUp();
    for (let step = 0; step < STEPS; step++) {
      await this.#attack(this.#random.below(20));
      await this.#fail();
      if (this.#agent.hasEnded && !this.#random.onceIn(3)) await this.#agent.begin();
    }
    this.#server.healNft();
    await this.#attack(3);
    await this.#bringUp();
    await this.#catchUp();
    await this.#agent.waitFor("all bans in the firewall", async () => {
      const { pending, problems } = await this.#status();
      return pending === 0 && problems.length === 0;
    }, PATIENCE);
    await this.#compare();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.#journald.close();
    await this.#server[Symbol.asyncDispose]();
  }

  async #fail(): Promise<void> {
    const faults: readonly (readonly [name: string, fault: () => unknown])[] = [
      ["kill", () => this.#kill()],
      ["kill", () => this.#kill()],
      ["kill journalctl", () => this.#killReaders()],
      ["stop journald", () => this.#journald.stopDaemon().then(() => this.#journald.startDaemon())],
      ["kill journald", () => this.#killJournald()],
      ["rotate the journal", () => this.#journald.run(["journalctl", "--rotate"])],
      ["fail nft", () => this.#server.failNft(this.#random.pick(toolFaults))],
    ];
    const [name, fault] = this.#random.pick(faults);
    this.#trace.push(name);
    await fault();
  }

  async #kill(): Promise<void> {
    // Not to wait for anything: one instant is as good as another.
    await new Promise((resolve) => setTimeout(resolve, this.#random.below(400)));
    if (!this.#agent.hasEnded) await this.#agent.kill9();
  }

  #killReaders(): void {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
        const isReader = words[0] === "/usr/bin/journalctl" && words.includes("--all") &&
          words.includes(`--directory=${this.#journald.directory}`);
        if (isReader) Deno.kill(Number(name), "SIGKILL");
      } catch (error) {
        // It has ended meanwhile.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  /** What it has not written yet is lost, to everybody. */
  async #killJournald(): Promise<void> {
    Deno.kill(this.#journald.pid, "SIGKILL");
    await this.#journald.startDaemon();
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

  async #catchUp(): Promise<void> {
    const listing = await this.#journald.run(["journalctl", "--output=cat", `--unit=${UNIT}`]);
    const expected = listing.split("\n").filter((line) => line.startsWith("Failed")).length;
    await this.#agent.waitFor(`${expected} failures, after ${this.#trace.join(", ")}`, async () => {
      const { jails } = await this.#status();
      return jails.find(({ jail }) => jail === "sshd")!.failed.total === expected;
    }, PATIENCE);
  }

  async #bringUp(): Promise<void> {
    await this.#agent.waitFor("the agent", async () => {
      if (this.#agent.hasEnded) await this.#agent.begin();
      return await this.#status().then(() => true, () => false);
    }, PATIENCE);
  }

  /** The history against a simulation, and the kernel against the bans. */
  async #compare(): Promise<void> {
    await call(this.#agent.runtime, "stop", {});
    await this.#agent.waitFor("the agent's end", () => this.#agent.hasEnded, PATIENCE);
    const { jails, history, kernel } = await readOutcome(this.#agent.state, this.#server.nft);
    const { json, stderr } = await banjo(
      ["simulate", "--json", "--since", "1h", "--config", this.#agent.config],
    );
    const story = this.#trace.join(", ");
    assertEquals(stderr, "", story);
    assertEquals(shortHistory(history), historyOfSimulation(json), story);
    const bans = Object.values(jails).flatMap(({ bans }) => bans).map((ban) => JSON.parse(ban));
    assert(bans.length > 0, story);
    assertEquals(kernel, bans.map(({ jail, host }) => `${jail} ${host}`).sort(), story);
  }

  #status(): Promise<AgentReport> {
    return call(this.#agent.runtime, "status", {});
  }
}
