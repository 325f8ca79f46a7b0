/**
 * A list whose items are made when they are gone through, out of what was copied before. Who saves a million of something
 * takes that copy in milliseconds, and has the items one by one while others do their work.
 */
export class LazyList<T> implements Iterable<T> {
  readonly #make: () => Iterator<T>;

  constructor(make: () => Iterator<T>) {
    this.#make = make;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#make();
  }

  /** The list as the state file has it. */
  toJSON(): readonly T[] {
    return [...this];
  }
}
