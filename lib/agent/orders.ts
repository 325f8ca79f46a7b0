/** Orders by hand: carried out at once, and on the disk before they are acknowledged. */
import type { Host } from "../address.ts";
import type { JailEvent } from "../jail/mod.ts";
import { log } from "../log.ts";
import { printable } from "../printable.ts";
import { type KnownOrders, type Order, OrderLog, type Replacement } from "../state/mod.ts";
import type { Pipeline, Post } from "./pipeline.ts";

/** What carrying out orders needs of the agent. */
export interface OrdersOptions {
  readonly stateDir: string;
  /** What of the orders on the disk the state has already. */
  readonly known: KnownOrders;
  /** The jails at work now. */
  pipeline(): Pipeline;
  /** Saves the whole state; resolves when it is on the disk. */
  saveNow(): Promise<void>;
  /** The state has changed. */
  onProgress(): void;
}

/** What an order led to, and when it is on the disk. */
export interface Done {
  readonly events: readonly JailEvent[];
  /** Rejects where a crash would undo it. */
  readonly kept: Promise<void>;
}

/** An order about more bans than these is saved with the whole state: the log is for what is small beside it. */
const MOST = 100;

const LOST = "Some of what was ordered by hand since the last save may be lost";

/** Carries out orders by hand. A log of them makes each durable at a cost that does not depend on how many bans there are. */
export class Orders {
  readonly #options: OrdersOptions;
  /** undefined where the disk refuses: then the whole state is saved. */
  readonly #log: OrderLog | undefined;

  private constructor(options: OrdersOptions, log: OrderLog | undefined) {
    this.#options = options;
    this.#log = log;
  }

  /** Reads what is on the disk. Nothing is carried out yet. */
  static async open(options: OrdersOptions): Promise<Orders> {
    try {
      const orders = await OrderLog.open(options.stateDir, options.known);
      for (const why of orders.damaged) log.error(`${LOST}: ${printable(why)}`);
      return new Orders(options, orders);
    } catch (error) {
      log.error(`${LOST}: ${(error as Error).message}`);
      return new Orders(options, undefined);
    }
  }

  /** Carries out once more what the state does not hold, for it was saved before that. */
  redo(): void {
    const missed = this.#log?.missed ?? [];
    for (const order of missed) this.#redo(order);
    if (missed.length === 0) return;
    log.info(`Carried out once more what was ordered since the last save: ${missed.length} orders`);
    this.#options.onProgress();
  }

  /** Bans hosts in a jail until a time; undefined: for as long as it bans. */
  ban(post: Post, hosts: readonly Host[], now: number, until?: number | null): Done {
    const pipeline = this.#options.pipeline();
    const order = { since: now, cause: "manual", ...until === undefined ? {} : { until } } as const;
    const bans: Replacement[] = [];
    const events = hosts.flatMap((host) => {
      const before = post.jail.replacedBy(host);
      const events = pipeline.ban(post, host, order);
      for (const { ban } of events) bans.push({ ban, ...before === undefined ? {} : { before } });
      return events;
    });
    return { events, kept: this.#keep({ kind: "ban", time: now, bans }, bans.length) };
  }

  /** Lifts the bans of hosts in all jails, or all that there are. */
  unban(hosts: "all" | readonly Host[], now: number): Done {
    const events = this.#unban(hosts, now);
    const lifted = events.map(({ ban }) => ban);
    const order: Order = { kind: "unban", time: now, hosts, lifted };
    return { events, kept: this.#keep(order, lifted.length) };
  }

  /** The number of the newest order, for a snapshot of this instant. */
  mark(): number {
    const { known } = this.#options;
    return this.#log?.mark() ?? (known.kind === "numbered" ? known.last : 0);
  }

  /** Such a snapshot is on the disk. */
  async release(counted: number): Promise<void> {
    await this.#log?.release(counted);
  }

  #redo(order: Order): void {
    const pipeline = this.#options.pipeline();
    if (order.kind === "ban") {
      for (const { ban, before } of order.bans) {
        if (before !== undefined) pipeline.redo({ kind: "ban", time: before.since, ban: before });
        pipeline.redo({ kind: "ban", time: order.time, ban });
      }
    } else {
      for (const ban of order.lifted) pipeline.redo({ kind: "ban", time: ban.since, ban });
      this.#unban(order.hosts, order.time);
    }
  }

  #unban(hosts: "all" | readonly Host[], now: number): readonly JailEvent[] {
    const pipeline = this.#options.pipeline();
    const posts = [...pipeline.posts.values()];
    if (hosts === "all") return posts.flatMap((post) => pipeline.unbanAll(post, now));
    return posts.flatMap((post) => hosts.flatMap((host) => pipeline.unban(post, host, now)));
  }

  async #keep(order: Order, size: number): Promise<void> {
    this.#options.onProgress();
    const kept = size > MOST ? undefined : this.#log?.append(order);
    // Where the log cannot be written, the whole state perhaps can.
    await (kept?.catch(() => this.#options.saveNow()) ?? this.#options.saveNow());
  }
}
