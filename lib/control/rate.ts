/** A limit on how often something may happen: a bucket of tokens that fills up steadily. */
export class Rate {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number | undefined;

  /** `burst`: so many at once, after a while without any. */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether one more may happen at a time, in milliseconds of a clock that does not go back. */
  take(now: number): boolean {
    const gained = (now - (this.#filledAt ?? now)) * this.#perSecond / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
