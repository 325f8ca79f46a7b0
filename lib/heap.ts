/** What V8 is asked to do about its memory. */

/** Going through a larger heap could hold up the reading, if much of it is in use. In bytes. */
const SMALL = 128 * 1024 * 1024;

/** So much more than after the last time, in bytes, is worth giving back. */
const WORTHWHILE = 32 * 1024 * 1024;

/** Who makes more than so much, in bytes, in one of so many moments of so many milliseconds, has no time to spare. */
const LITTLE = 1024 * 1024;
const MOMENTS = 10;
const MOMENT = 100;

/**
 * Gives memory back that nothing needs any more. V8 keeps what it once had, and by itself waits for the heap to grow, which
 * that of an idle agent never does: starting leaves 3 MB, and banning a hundred thousand attackers 80. Takes some 20 ms;
 * nothing without V8's flag `--expose-gc`.
 */
export class SpareMemory {
  #held = 0;
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
    return Deno.memoryUsage().rss > this.#held + WORTHWHILE;
  }

  #return(): void {
    const { gc } = globalThis as { gc?: (options: Readonly<Record<string, string>>) => void };
    if (gc === undefined || Deno.memoryUsage().heapUsed > SMALL) return;
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    this.#held = Deno.memoryUsage().rss;
  }
}
