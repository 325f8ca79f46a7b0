/** When the state is saved. */
import { log } from "../log.ts";

/**
 * How soon a change is saved, in milliseconds. Reading on is no hurry, for what is lost is read again; a ban is, so
 * that a crash finds it with its reasons.
 */
export const saveWithin = { progress: 2_000, ban: 100 } as const;

/**
 * After a save it rests so many times as long as the save took, or as the next one will take if that is longer, as amid a
 * burst: saving takes 4 % of the time, however much there is. But not for longer than so many milliseconds, about what a
 * million bans take: where the disk or the machine is slow, what is read again after a crash should not be much.
 */
const REST = 25;
const LONGEST_REST = 60_000;

/** What a saver needs of its owner. */
export interface SaverOptions {
  readonly save: () => Promise<void>;
  /** How long it will take to save what there is now, in milliseconds. */
  readonly expected: () => number;
  /** Told why saving fails; null: no longer. */
  readonly onProblem: (problem: string | null) => void;
}

/** Saves when something has changed, not too often, and again after a failure. */
export class Saver {
  readonly #options: SaverOptions;
  /** The save that is due, and until when it is wanted, by the monotonic clock. */
  #due: { readonly timer: ReturnType<typeof setTimeout>; readonly wanted: number } | undefined;
  /** When the last save ended, be it that it failed, and how long it took; of the first it is taken that there was one just before. */
  #last = { end: performance.now(), took: 0 };
  /** How many saves are asked for and not done, and how soon after them what has changed meanwhile is to be saved. */
  #running = 0;
  #wanted: number | undefined;
  #problem: string | null = null;

  constructor(options: SaverOptions) {
    this.#options = options;
  }

  /** Sees to it that what is true now is saved in `wait` milliseconds, or when saving has rested. */
  saveSoon(wait: number): void {
    if (this.#running > 0) {
      // How long it is to rest then is not known yet.
      this.#wanted = Math.min(wait, this.#wanted ?? wait);
      return;
    }
    const wanted = performance.now() + wait;
    if (this.#due !== undefined && this.#due.wanted <= wanted) return;
    this.cancel();
    this.#await(wanted);
  }

  /** Before this the next save must not begin by itself. */
  get #restUntil(): number {
    const { end, took } = this.#last;
    return end + Math.min(REST * Math.max(took, this.#options.expected()), LONGEST_REST);
  }

  /** Saves at a time, or when saving has rested: by then there may be more to save, and it rests longer. */
  #await(wanted: number): void {
    const time = Math.max(wanted, this.#restUntil);
    const timer = setTimeout(() => {
      if (this.#restUntil > time) this.#await(wanted);
      else void this.trySave();
    }, Math.max(0, time - performance.now()));
    this.#due = { timer, wanted };
  }

  /** Saves at once; durable when it resolves. Where that fails it is told as well, and tried again. */
  async saveNow(): Promise<void> {
    this.cancel();
    const started = performance.now();
    this.#running++;
    try {
      await this.#options.save();
      this.#report(null);
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error));
      this.#wanted ??= saveWithin.progress;
      throw error;
    } finally {
      const end = performance.now();
      this.#last = { end, took: end - started };
      this.#running--;
      if (this.#wanted !== undefined) this.saveSoon(this.#wanted);
      if (this.#running === 0) this.#wanted = undefined;
    }
  }

  /** As {@linkcode saveNow}; what is told and tried again concerns nobody else. */
  async trySave(): Promise<void> {
    await this.saveNow().catch(() => {});
  }

  /** Forgets a save that is due, or would be after one under way. */
  cancel(): void {
    clearTimeout(this.#due?.timer);
    this.#due = undefined;
    this.#wanted = undefined;
  }

  #report(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem !== null) log.error(problem);
    this.#options.onProblem(problem);
  }
}
