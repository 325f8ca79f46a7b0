/** Chance that repeats: the same seed gives the same log on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than `end`; by mulberry32, a 32-bit mixer. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** One of several, all as likely. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** True once in so many times. */
  onceIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** An IPv4 address that belongs to nobody (RFC 2544 and RFC 5737), one of about `count`. */
  ipv4(count: number): string {
    const number = this.below(count);
    return number < 256 ? `203.0.113.${number}` : `198.18.${number >> 8 & 255}.${number & 255}`;
  }

  /** An IPv6 address for documentation (RFC 3849). */
  ipv6(count: number): string {
    return `2001:db8:${this.below(count).toString(16)}::${this.below(65535).toString(16)}`;
  }
}
