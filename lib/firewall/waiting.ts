import type { BatchSize, Change } from "./firewall.ts";

/**
 * Changes that wait for a firewall, in the order in which they came, but that each jail has its share of a batch: a ban by
 * one jail does not wait for the ten thousands that another has to make.
 */
export class Waiting {
  /** By jail. A host's changes are each of one jail, so what replaces what does not change. */
  readonly #jails = new Map<string, Change[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(changes: readonly Change[]): void {
    for (const change of changes) {
      const { jail } = change.rule;
      const waiting = this.#jails.get(jail);
      if (waiting === undefined) this.#jails.set(jail, [change]);
      else waiting.push(change);
    }
    this.#length += changes.length;
  }

  /** Takes the next batch out. */
  take({ most, quick }: BatchSize): Change[] {
    const batch: Change[] = [];
    // Who has least waiting comes first, and leaves what he does not need of his share to the others.
    const jails = [...this.#jails].sort(([, a], [, b]) => a.length - b.length);
    const hasFew = jails.length > 1 && jails[0]![1].length <= quick / jails.length;
    const size = hasFew ? quick : most;
    for (const [index, [jail, waiting]] of jails.entries()) {
      const share = Math.ceil((size - batch.length) / (jails.length - index));
      batch.push(...waiting.splice(0, share));
      if (waiting.length === 0) this.#jails.delete(jail);
    }
    this.#length -= batch.length;
    return batch;
  }

  clear(): void {
    this.#jails.clear();
    this.#length = 0;
  }
}
