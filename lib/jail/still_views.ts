import { NOBODY, type Ranks } from "./ranks.ts";

/**
 * What a table holds at one instant, gone through at leisure while the table changes: nothing is copied for it. A slot that
 * is about to change has its item made first, if the view has not come by it yet. To copy the columns of a million bans
 * held everything up for a tenth of a second.
 *
 * The order is that of the table, but for items whose slots changed meanwhile.
 */
export class StillViews {
  readonly #order: Ranks;
  /** Weakly: a view that nobody goes through any more, as after a save that failed, takes no more work. */
  #views: WeakRef<View<unknown>>[] = [];

  constructor(order: Ranks) {
    this.#order = order;
  }

  /** A view of this instant, to be gone through once. All slots in use are smaller than `end`. */
  open<T>(end: number, itemAt: (slot: number) => T): Iterable<T> {
    const view = new View(this.#order, end, itemAt, () => this.#drop(view));
    this.#drop(undefined);
    this.#views.push(new WeakRef(view));
    return view;
  }

  /** To be called before a slot's item or its place in the order changes, and before a new one gets its place. */
  keep(slot: number): void {
    if (this.#views.length === 0) return;
    for (const view of this.#views) view.deref()?.keep(slot);
  }

  /** Lets go of a view that is over, or of those that nobody has any more. */
  #drop(over: View<unknown> | undefined): void {
    this.#views = this.#views.filter((view) => {
      const known = view.deref();
      return known !== undefined && known !== over;
    });
  }
}

class View<T> implements Iterable<T> {
  readonly #order: Ranks;
  readonly #itemAt: (slot: number) => T;
  /** By slot, whether the walk has nothing to find there: it was there, or what is there now is of later. */
  readonly #isDone: Uint8Array;
  /** Items of slots that have changed before the walk came by. */
  #kept: T[] = [];
  /** The slot that the walk comes to next. */
  #next: number;
  #isBegun = false;
  readonly #onOver: () => void;

  constructor(order: Ranks, end: number, itemAt: (slot: number) => T, onOver: () => void) {
    this.#order = order;
    this.#itemAt = itemAt;
    this.#onOver = onOver;
    this.#isDone = new Uint8Array(end);
    this.#next = order.next(NOBODY);
  }

  keep(slot: number): void {
    if (this.#isDone[slot] === 0) {
      this.#isDone[slot] = 1;
      if (this.#order.has(slot)) this.#kept.push(this.#itemAt(slot));
    }
    if (slot === this.#next) this.#next = this.#order.next(slot);
  }

  *[Symbol.iterator](): Iterator<T> {
    if (this.#isBegun) throw new TypeError("Cannot go through a view twice");
    this.#isBegun = true;
    try {
      for (;;) {
        if (this.#kept.length > 0) {
          const kept = this.#kept;
          this.#kept = [];
          yield* kept;
        }
        const slot = this.#next;
        if (slot === NOBODY) {
          if (this.#kept.length === 0) return;
          continue;
        }
        this.#next = this.#order.next(slot);
        if (this.#isDone[slot] !== 0) continue;
        this.#isDone[slot] = 1;
        yield this.#itemAt(slot);
      }
    } finally {
      this.#onOver();
    }
  }

  /** The list as the state file has it. */
  toJSON(): readonly T[] {
    return [...this];
  }
}
