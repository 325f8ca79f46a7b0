import type { BatchSize, Change } from "./firewall.ts";

/**
 * Changes that wait for a firewall, in the order in which they came, but that each jail has its share of a batch: a ban by
 * one jail does not wait for the ten thousands that another has to make.
 */
export class Waiting {
  /** By jail what waits, and how many changes there ever were. A host's changes are each of one jail, so what replaces what does not change. */
  readonly #jails = new Map<string, { readonly changes: Change[]; pushed: number }>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(changes: readonly Change[]): void {
    for (const change of changes) {
      const { jail } = change.rule;
      let line = this.#jails.get(jail);
      if (line === undefined) this.#jails.set(jail, line = { changes: [], pushed: 0 });
      line.changes.push(change);
      line.pushed++;
    }
    this.#length += changes.length;
  }

  /** Takes the next batch out. */
  take({ most, quick }: BatchSize): Change[] {
    const batch: Change[] = [];
    // Who has least waiting comes first, and leaves what he does not need of his share to the others.
    const lines = [...this.#jails.values()].map(({ changes }) => changes)
      .filter(({ length }) => length > 0)
      .sort((a, b) => a.length - b.length);
    const hasFew = lines.length > 1 && lines[0]!.length <= quick / lines.length;
    const size = hasFew ? quick : most;
    for (const [index, changes] of lines.entries()) {
      const share = Math.ceil((size - batch.length) / (lines.length - index));
      batch.push(...changes.splice(0, share));
    }
    this.#length -= batch.length;
    return batch;
  }

  clear(): void {
    for (const { changes } of this.#jails.values()) changes.length = 0;
    this.#length = 0;
  }

  /** Marks what waits now, of these jails or of all. Gives whether it has been taken out since. */
  mark(jails: Iterable<string> = this.#jails.keys()): () => boolean {
    const marks = [...jails].flatMap((jail) => {
      const line = this.#jails.get(jail);
      return line === undefined ? [] : [{ line, pushed: line.pushed }];
    });
    return () => marks.every(({ line, pushed }) => line.pushed - line.changes.length >= pushed);
  }
}
