/** In characters: some ten thousands of bans with their lines. A disk that is full stays so for days. */
const MOST = 32 * 1024 * 1024;
/** Where there are more, only so much is kept: the oldest are not taken out one by one. */
const KEPT = MOST * 3 / 4;

/** Records of the history that are not on the disk yet, the oldest first. */
export class PendingHistory {
  #records: string[] = [];
  #length = 0;
  #forgotten = 0;

  /** How many records there are. */
  get count(): number {
    return this.#records.length;
  }

  /** How many were forgotten, because the disk did not take them and there were too many. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(record: string): void {
    this.#records.push(record);
    this.#length += record.length;
  }

  /** So many of the oldest; all without a number. */
  first(count = this.#records.length): readonly string[] {
    return this.#records.slice(0, count);
  }

  /** Takes out so many of the oldest, which are written. */
  remove(count: number): void {
    for (const record of this.#records.splice(0, count)) this.#length -= record.length;
  }

  /** Forgets the oldest where there are too many. Not while some are being written. */
  bound(): void {
    if (this.#length <= MOST) return;
    let count = 0;
    for (let length = this.#length; length > KEPT; count++) length -= this.#records[count]!.length;
    this.remove(count);
    this.#forgotten += count;
  }
}
