/** Where reading of the journal goes on. */
export interface JournalPosition {
  /** The `__CURSOR` of the last entry that was dealt with. */
  readonly cursor: string;
  /** That entry's time, to go on by where the journal no longer knows the cursor; milliseconds since the epoch. */
  readonly time: number;
}

/** Where reading of a log file goes on, and how to tell that it is still the same file. */
export interface FilePosition {
  readonly device: number;
  readonly inode: number;
  /** The bytes of the file that were dealt with: the start of the next line. */
  readonly offset: number;
  /** A hash of the file's first bytes: an inode is used again after a file is deleted. */
  readonly head: string;
  /** The last dated line's time in milliseconds since the epoch. */
  readonly time?: number;
  /** Files that had this path before and may still be written to, the oldest first. */
  readonly rotated?: readonly FilePosition[];
}
