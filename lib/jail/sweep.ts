/**
 * Clears stale entries out of a map a few at a time, so that no single moment pays for a large one: each step looks
 * at a 64th of the entries, so 64 steps go once round.
 */
export class Sweep<K, V> {
  readonly #map: Map<K, V>;
  #entries: MapIterator<[K, V]>;

  constructor(map: Map<K, V>) {
    this.#map = map;
    this.#entries = map.entries();
  }

  /** Deletes the next entries' stale ones. */
  step(isStale: (value: V) => boolean): void {
    for (let left = SMALLEST_STEP + this.#map.size / 64; left > 0; left--) {
      const next = this.#entries.next();
      if (next.done) {
        this.#entries = this.#map.entries();
        return;
      }
      const [key, value] = next.value;
      if (isStale(value)) this.#map.delete(key);
    }
  }
}

const SMALLEST_STEP = 64;
