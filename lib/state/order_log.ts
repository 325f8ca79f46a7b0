/** What was ordered by hand since the state was last saved, on the disk before it is acknowledged. */
import * as v from "valibot";
import type { Host } from "../address.ts";
import type { Ban } from "../jail/mod.ts";
import { RecordLog, setRecordsAside } from "./record_log.ts";
import { BAN, HOST, parseAs, TIME } from "./schema.ts";

/**
 * An order that was carried out, and what it found. The log is read again after a crash from where the last snapshot was,
 * so a ban that an order replaced or lifted may not be known then: it stands here whole.
 */
export type Order =
  | { readonly kind: "ban"; readonly time: number; readonly bans: readonly Replacement[] }
  | {
    readonly kind: "unban";
    /** Milliseconds since the epoch: failures from before that count no more. */
    readonly time: number;
    readonly hosts: "all" | readonly Host[];
    readonly lifted: readonly Ban[];
  };

/** A ban, and the one of the same host that it took the place of. */
export interface Replacement {
  readonly ban: Ban;
  readonly before?: Ban;
}

/** What of orders a state has already. */
export type KnownOrders =
  /** A snapshot holds them up to this number. */
  | { readonly kind: "numbered"; readonly last: number }
  /** Those up to this time, in milliseconds since the epoch; -Infinity: none. */
  | { readonly kind: "dated"; readonly until: number };

/** Everything here throws {@linkcode StateError} where the disk refuses. */
export class OrderLog {
  /** What was ordered and is not in the state, in that order. To be carried out once more before anything is appended. */
  readonly missed: readonly Order[];
  /** What could not be read, and why. */
  readonly damaged: readonly string[];
  readonly #log: RecordLog<Order>;

  private constructor(log: RecordLog<Order>, known: KnownOrders, aside: readonly string[]) {
    this.#log = log;
    this.missed = log.missed.map(({ number: _, ...order }) => parseAs(ORDER, order))
      .filter(({ time }) => known.kind === "numbered" || time > known.until);
    this.damaged = [...log.damaged, ...aside];
  }

  static async open(folder: string, known: KnownOrders): Promise<OrderLog> {
    const aside = await setRecordsAside(folder, NAME);
    const counted = known.kind === "numbered" ? known.last : 0;
    const log = await RecordLog.open({ folder, name: NAME, schema: ORDER, counted });
    return new OrderLog(log, known, aside);
  }

  /** Keeps an order that has been carried out; resolves when it is on the disk. */
  append(order: Order): Promise<void> {
    return this.#log.append(order).kept;
  }

  /** The number of the newest order, for a snapshot of this instant: it holds what they all led to. */
  mark(): number {
    this.#log.turnPage();
    return this.#log.last;
  }

  /** A snapshot that holds the orders up to a number is on the disk: lets go of what is only of these. */
  release(counted: number): Promise<void> {
    return this.#log.release(counted);
  }
}

const NAME = "orders";

const ORDER = v.variant("kind", [
  v.object({
    kind: v.literal("ban"),
    time: TIME,
    bans: v.array(v.object({ ban: BAN, before: v.exactOptional(BAN) })),
  }),
  v.object({
    kind: v.literal("unban"),
    time: TIME,
    hosts: v.union([v.literal("all"), v.array(HOST)]),
    lifted: v.array(BAN),
  }),
]);
