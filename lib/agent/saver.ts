/** When the state is saved. */
import { log } from "../log.ts";

/**
 * How soon a change is saved, in milliseconds. Reading on is no hurry, for what is lost is read again; a ban is, so
 * that a crash finds it with its reasons.
 */
export const saveWithin = { progress: 2_000, ban: 100 } as const;

/**
 * After a save it rests so many times as long as the save took: saving takes 4 % of the time, however much there is. But not for
 * longer than so many milliseconds, about what a million bans take: where the disk or the machine is slow, what is read
 * again after a crash should not be much.
 */
const REST = 25;
const LONGEST_REST = 60_000;

/** Saves when something has changed, not too often, and again after a failure. */
export class Saver {
  readonly #save: () => Promise<void>;
  readonly #onProblem: (problem: string | null) => void;
  /** The save that is due, and when, by the monotonic clock. */
  #due: { readonly timer: ReturnType<typeof setTimeout>; readonly time: number } | undefined;
  /** Before this the next save must not begin by itself. */
  #restUntil = 0;
  /** How many saves are asked for and not done, and how soon after them what has changed meanwhile is to be saved. */
  #running = 0;
  #wanted: number | undefined;
  #problem: string | null = null;

  /** `onProblem` is told why saving fails; null: no longer. */
  constructor(save: () => Promise<void>, onProblem: (problem: string | null) => void) {
    this.#save = save;
    this.#onProblem = onProblem;
  }

  /** Sees to it that what is true now is saved in `wait` milliseconds, or when saving has rested. */
  saveSoon(wait: number): void {
    if (this.#running > 0) {
      // How long it is to rest then is not known yet.
      this.#wanted = Math.min(wait, this.#wanted ?? wait);
      return;
    }
    const time = Math.max(performance.now() + wait, this.#restUntil);
    if (this.#due !== undefined && this.#due.time <= time) return;
    this.cancel();
    const left = Math.max(0, time - performance.now());
    const timer = setTimeout(() => void this.trySave(), left);
    this.#due = { timer, time };
  }

  /** Saves at once; durable when it resolves. Where that fails it is told as well, and tried again. */
  async saveNow(): Promise<void> {
    this.cancel();
    const started = performance.now();
    this.#running++;
    try {
      await this.#save();
      const ended = performance.now();
      this.#restUntil = ended + Math.min((ended - started) * REST, LONGEST_REST);
      this.#report(null);
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error));
      this.#wanted ??= saveWithin.progress;
      throw error;
    } finally {
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
    this.#onProblem(problem);
  }
}
