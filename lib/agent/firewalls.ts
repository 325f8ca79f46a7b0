/** The firewalls in use, each behind its queue, kept in step with the jails' bans. */
import { isAddress } from "../address.ts";
import {
  type Change,
  type Enforcement,
  type FirewallName,
  FirewallQueue,
  openFirewall,
  type Rule,
  type Stopped,
  type Target,
} from "../firewall/mod.ts";
import type { Ban, BanEvent, JailSettings } from "../jail/mod.ts";
import { log } from "../log.ts";

/** What the firewalls need of the agent. */
export interface FirewallsOptions {
  /** All bans in force by all jails. */
  readonly bans: () => Iterable<Ban>;
  /** Something needs the administrator's attention; null: no longer. */
  readonly onProblem: (firewall: FirewallName, problem: string | null) => void;
}

/** Routes each jail's bans to its firewall. A ban of an id stays on record: there is no firewall that knows ids. */
export class Firewalls {
  readonly #options: FirewallsOptions;
  readonly #queues = new Map<FirewallName, FirewallQueue>();
  /** Those that do not tell by themselves of others' changes. */
  readonly #unwatched = new Set<FirewallName>();
  #checks = 0;
  #jails: ReadonlyMap<string, JailSettings> = new Map();

  constructor(options: FirewallsOptions) {
    this.#options = options;
  }

  /** Brings every firewall to agree with these jails and their bans, also one that no jail uses any more. */
  start(jails: readonly JailSettings[]): void {
    this.#jails = new Map(jails.map((jail) => [jail.name, jail]));
    const used = new Set(jails.map(({ firewall }) => firewall));
    for (const name of used) if (!this.#queues.has(name)) this.#queues.set(name, this.#open(name));
    for (const [name, queue] of this.#queues) {
      queue.start(jails.filter(({ firewall }) => firewall === name).map(targetOf));
    }
  }

  /** What the firewalls that these jails use hold already, by their own account. */
  async list(jails: readonly JailSettings[]): Promise<readonly Rule[]> {
    const names = new Set(jails.map(({ firewall }) => firewall));
    return (await Promise.all([...names].map((name) => openFirewall(name).list()))).flat();
  }

  /** Passes a jail's decision on. Before the start there is nothing to tell: the start brings all bans along. */
  push(event: BanEvent): void {
    const { jail, host, until } = event.ban;
    if (!isAddress(host)) return;
    const rule: Rule = { jail, host, until };
    const change: Change = event.kind === "ban"
      ? { kind: "ban", rule }
      : { kind: event.reason === "expired" ? "expire" : "unban", rule };
    const settings = this.#jails.get(jail);
    if (settings !== undefined) this.#queues.get(settings.firewall)!.push([change]);
  }

  /** Where a ban is kept; undefined of an id, which no firewall knows. @throws {FirewallError} */
  async locate({ jail, host, until }: Ban): Promise<Enforcement | undefined> {
    const settings = this.#jails.get(jail);
    if (!isAddress(host) || settings === undefined) return undefined;
    return await this.#queues.get(settings.firewall)?.locate({ jail, host, until });
  }

  /** What was stopped, jail by jail, as far as the firewalls count it. @throws {FirewallError} */
  async stopped(): Promise<readonly Stopped[]> {
    return (await Promise.all([...this.#queues.values()].map((queue) => queue.stopped()))).flat();
  }

  /** How many changes are not in force yet. */
  get pending(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.pending, 0);
  }

  /** Resolves when all that these jails have decided is in force, or has failed and will be tried again. */
  async settled(jails: readonly string[]): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.settled(jails)));
  }

  /**
   * Looks whether the bans still stand, and puts them back where somebody flushed them. A firewall that tells of that
   * by itself is looked at in one of six calls, or when the clock was set.
   */
  async check(): Promise<void> {
    const isTurn = ++this.#checks % 6 === 0;
    const due = [...this.#queues].filter(([name, queue]) =>
      isTurn || this.#unwatched.has(name) || queue.hasLostTime
    );
    await Promise.all(due.map(([, queue]) => queue.check()));
  }

  /** Ends the queues after a last try. `remove` opens the firewalls again. */
  async close(onStop: "keep" | "remove"): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(onStop)));
  }

  #open(name: FirewallName): FirewallQueue {
    const firewall = openFirewall(name, { write: (line) => console.log(line) });
    const queue = new FirewallQueue(firewall, {
      rules: () => this.#rulesOf(name),
      onProblem: (message) => {
        log.error(message);
        this.#options.onProblem(name, message);
      },
      onRecovery: () => {
        log.info(`${name} works again, all bans are in force`);
        this.#options.onProblem(name, null);
      },
    });
    queue.watch((why) => {
      this.#unwatched.add(name);
      log.warn(`Others' changes of the firewall are noticed late, within 10 s: ${why}`);
    });
    return queue;
  }

  #rulesOf(name: FirewallName): readonly Rule[] {
    const rules: Rule[] = [];
    for (const { jail, host, until } of this.#options.bans()) {
      if (!isAddress(host)) continue;
      if (this.#jails.get(jail)?.firewall === name) rules.push({ jail, host, until });
    }
    return rules;
  }
}

function targetOf({ name, ports, protocol, ipv4Prefix, ipv6Prefix }: JailSettings): Target {
  return { jail: name, ports, protocol, ipv4Prefix, ipv6Prefix };
}
