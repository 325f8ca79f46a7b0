/** What V8 is asked to do about its memory. */

/** So much more than after the last time, in bytes, is worth giving back. */
const WORTHWHILE = 32 * 1024 * 1024;

/** What was in use may not be any more so much later, in milliseconds. */
const LATER = 60_000;

/** Who makes more than so much, in bytes, in one of so many moments of so many milliseconds, has no time to spare. */
const LITTLE = 1024 * 1024;
const MOMENTS = 10;
const MOMENT = 100;

/**
 * Gives memory back that nothing needs any more. V8 keeps what it once had, and by itself waits for the heap to grow, which
 * that of an idle agent never does: starting leaves 3 MB, with a hundred thousand bans 80, with a million 600. Takes some
 * 20 ms, 35 beside a hundred thousand bans and 150 beside a million, for little of the heap is in use: what jails know of
 * hosts stands outside. Does nothing without V8's flag `--expose-gc`.
 */
export class SpareMemory {
  #held = 0;
  /** When to look again in any case, by the monotonic clock: much was in use, as while bans are put in force. */
  #again = Infinity;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** Gives it back where it is much more than after the last time. */
  check(): void {
    if (this.#isWorthwhile) this.#return();
  }

  /** As {@linkcode check}, a second later, unless much is made until then: amid a burst it would hold all up for 0.1 s. */
  checkIfQuiet(): void {
    this.cancel();
    if (this.#isWorthwhile) this.#wait(MOMENTS, Deno.memoryUsage().heapUsed);
  }

  /** Forgets a check under way. */
  cancel(): void {
    clearTimeout(this.#waiting);
  }

  #wait(moments: number, before: number): void {
    if (moments === 0) return this.#return();
    this.#waiting = setTimeout(() => {
      const { heapUsed } = Deno.memoryUsage();
      if (Math.abs(heapUsed - before) < LITTLE) this.#wait(moments - 1, heapUsed);
    }, MOMENT);
  }

  get #isWorthwhile(): boolean {
    return Deno.memoryUsage().rss > this.#held + WORTHWHILE || performance.now() > this.#again;
  }

  #return(): void {
    const { gc } = globalThis as { gc?: (options: Readonly<Record<string, string>>) => void };
    gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    const { rss, heapUsed } = Deno.memoryUsage();
    this.#held = rss;
    this.#again = heapUsed > WORTHWHILE ? performance.now() + LATER : Infinity;
  }
}
