import type { BanEvent } from "../jail/mod.ts";
import { version as banjo } from "../version.ts";
import { fileLength, renameFile, replaceFile } from "./durable.ts";
import { parseRecord, printRecord } from "./history.ts";
import { HistoryFiles, type HistorySize } from "./history_files.ts";
import { PendingHistory } from "./pending_history.ts";
import type { HistoryPage, HistoryQuery } from "./search.ts";
import { asideName, isLasting } from "./set_aside.ts";
import {
  type Instant,
  NewerSnapshotError,
  parseSnapshot,
  printSnapshot,
  type Snapshot,
  SNAPSHOT_VERSION,
} from "./snapshot.ts";
import { StateError } from "./state_error.ts";

/**
 * What was found at start. `lost`: there is a state file that cannot be used, for it is damaged, of a later format or not
 * ours to read. `setAside`: where it is now; undefined where it could not be moved.
 */
export type Loaded =
  | { readonly kind: "fresh" }
  | { readonly kind: "loaded"; readonly snapshot: Snapshot }
  | { readonly kind: "lost"; readonly reason: string; readonly setAside: string | undefined };

/**
 * The folder that holds the state: `state.json`, one instant, and the history, the bans and unbans up to it.
 *
 * The log is what makes the state safe, not the state itself: a snapshot only says from where to read on. So what
 * the history has beyond its snapshot is cut off at start, because it will be decided again from the log.
 *
 * Everything here throws {@linkcode StateError} where the disk refuses; what was saved before is then still whole.
 */
export class Store {
  readonly #folder: string;
  /** undefined where the disk had no room for it, or refused. */
  readonly #lock: Deno.FsFile | undefined;
  /** Under which name the state file is to be kept before it is replaced, where it could not be used. */
  #aside: string | undefined;
  /** History that is not in the file yet. */
  readonly #pending = new PendingHistory();
  /** Characters that are pending since history was last written early. */
  #waiting = 0;
  #early: Promise<void> | undefined;
  /** Whether a save needs the history file for itself. */
  #isSavingHistory = false;
  /** Whether some of the file may not be on the disk yet. */
  #isUnsynced = false;
  readonly #historySize: HistorySize | undefined;
  /** What of the history is written. Once it has been loaded. */
  #files!: HistoryFiles;
  /** Those of them that the snapshot on the disk knows: no crash takes them back. */
  #savedLength = 0;
  #next: Save | undefined;
  #running: Promise<void> | undefined;

  private constructor(folder: string, lock: Deno.FsFile | undefined, historySize?: HistorySize) {
    this.#folder = folder;
    this.#lock = lock;
    this.#historySize = historySize;
  }

  /**
   * Opens a folder, which is made if need be, and keeps every other agent out of it until this one is gone. It may be one
   * that cannot be written now: saving is then what fails. `historySize`: how much of the history is kept, and in what files.
   */
  static open(folder: string, historySize?: HistorySize): Promise<Store> {
    return explain(`use the state folder ${folder}`, async () => {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await Deno.lstat(folder)).isSymlink) {
        throw new StateError(`Cannot use the state folder ${folder}: it is a symbolic link`);
      }
      const lock = await openLock(`${folder}/${LOCK}`);
      if (await lock?.tryLock(true) === false) {
        lock?.close();
        throw new StateError(`Cannot use the state folder ${folder}: another banjo is using it`);
      }
      return new Store(folder, lock, historySize);
    });
  }

  /**
   * Reads what was saved, once, before anything else. A file that cannot be used is set aside under another name, for it
   * may hold what a newer banjo, or a person, can use.
   */
  load(): Promise<Loaded> {
    return explain(`load the state from ${this.#folder}`, async () => {
      const loaded = await this.#read();
      this.#files = await HistoryFiles.open(this.#folder, this.#historySize);
      await this.#files.keepTo(loaded.kind === "loaded" ? loaded.snapshot.history : undefined);
      this.#savedLength = this.#files.end;
      return loaded;
    });
  }

  /**
   * Adds to the history. It reaches the disk with the next save, whose instant must be a later one. Much of it is written
   * before, for saves are rare when there is much to save: a hundred thousand bans waited in 100 MB of memory. Where the
   * disk takes none for long, the oldest are forgotten.
   */
  appendHistory(events: readonly BanEvent[]): void {
    for (const event of events) {
      const record = printRecord(event);
      this.#pending.add(record);
      this.#waiting += record.length;
    }
    if (this.#waiting < EARLY || this.#isSavingHistory || this.#early !== undefined) return;
    this.#pending.bound();
    this.#waiting = 0;
    this.#early = this.#writeEarly();
  }

  /**
   * Saves an instant, and the history up to it; durable when this resolves. `take` gives the instant when its turn comes, and
   * is not asked for it where a later call waits as well: saves never overlap, and the last that waits is for all.
   */
  save(take: () => Instant): Promise<void> {
    const { done } = this.#next ??= { take, done: Promise.withResolvers() };
    this.#next.take = take;
    this.#running ??= this.#saveAll();
    return done.promise;
  }

  /** The bans and unbans from a time on, in the order in which they were decided; lines that cannot be read are told. */
  async *readHistory(
    since = -Infinity,
    onDamaged: (line: number, reason: string) => void = () => {},
  ): AsyncIterable<BanEvent> {
    const pending = this.#pending.first();
    let number = 0;
    for await (const line of this.#files.lines()) {
      number++;
      let event: BanEvent;
      try {
        event = parseRecord(line);
      } catch (error) {
        onDamaged(number, (error as Error).message);
        continue;
      }
      if (event.time >= since) yield event;
    }
    for (const line of pending) {
      const event = parseRecord(line);
      if (event.time >= since) yield event;
    }
  }

  /** A page of what is wanted of the history, from where the last page ended. */
  async searchHistory(query: HistoryQuery, from = 0): Promise<HistoryPage> {
    // What is read from the files, and what is not in them yet, is of one instant.
    const end = this.#files.end;
    const unsaved = this.#pending.first();
    const page = await this.#search(query, from, end);
    if (page.next !== null) return page;
    const { isWanted } = await import("./search.ts");
    const latest = unsaved.map(parseRecord).filter((event) => isWanted(event, query));
    return { events: [...page.events, ...latest], next: null };
  }

  /** As {@linkcode searchHistory}, of what no crash takes back. `end`: up to where that went. */
  async searchSaved(
    query: HistoryQuery,
    from: number,
  ): Promise<HistoryPage & { readonly end: number }> {
    const end = this.#savedLength;
    return { ...await this.#search(query, from, end), end };
  }

  /** How many bans and unbans the history lacks, because the disk did not take them for too long. */
  get forgotten(): number {
    return this.#pending.forgotten;
  }

  /** How many bytes of the history no crash takes back. */
  get savedLength(): number {
    return this.#savedLength;
  }

  /** Waits for the saves under way and lets others use the folder. */
  async close(): Promise<void> {
    await this.#running;
    await this.#early;
    this.#lock?.close();
  }

  /** A page of what is written before an end. */
  #search(query: HistoryQuery, place: number, end: number): Promise<HistoryPage> {
    return this.#files.readAt(place, end, async (file) => {
      if (file === undefined) return { events: [], next: null };
      // Loaded when it is wanted: an agent need not hold it.
      const { searchHistory } = await import("./search.ts");
      const { path, from, to } = file;
      const { events, next } = await searchHistory(
        path,
        query,
        Math.max(0, place - from),
        to - from,
      );
      return { events, next: next !== null ? from + next : to < end ? to : null };
    });
  }

  async #read(): Promise<Loaded> {
    const path = `${this.#folder}/${STATE}`;
    let what = "unreadable";
    try {
      if (await fileLength(path) === undefined) return { kind: "fresh" };
      const bytes = await Deno.readFile(path);
      what = "damaged";
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return { kind: "loaded", snapshot: parseSnapshot(text) };
    } catch (error) {
      // Such as a link in its place, which somebody has put there.
      if (error instanceof StateError) throw error;
      if (what === "unreadable" && !isLasting(error as Error)) throw error;
      if (error instanceof NewerSnapshotError) what = "newer";
      this.#aside = asideName(STATE, what);
      const setAside = `${this.#folder}/${this.#aside}`;
      const isAside = await this.#setAside().then(() => true, () => false);
      const reason = (error as Error).message;
      return { kind: "lost", reason, setAside: isAside ? setAside : undefined };
    }
  }

  /** Gives a state file that cannot be used another name, unless it has it already. */
  async #setAside(): Promise<void> {
    if (this.#aside === undefined) return;
    await renameFile(this.#folder, STATE, this.#aside);
    this.#aside = undefined;
  }

  async #saveAll(): Promise<void> {
    for (let save; (save = this.#next) !== undefined;) {
      this.#next = undefined;
      await this.#write(save).then(save.done.resolve, save.done.reject);
    }
    this.#running = undefined;
  }

  async #writeEarly(): Promise<void> {
    try {
      await this.#writeHistory(this.#pending.count, "soon");
    } catch {
      // The next save tries again, and says why it cannot.
    }
    this.#early = undefined;
  }

  /** Writes so many of the pending records. */
  async #writeHistory(count: number, how: "durably" | "soon"): Promise<void> {
    const text = this.#pending.first(count);
    this.#isUnsynced = true;
    this.#files.end = await this.#files.write(text, how);
    this.#isUnsynced = how === "soon";
    this.#pending.remove(count);
  }

  #write({ take }: Save): Promise<void> {
    return explain(`save the state to ${this.#folder}`, async () => {
      await this.#setAside();
      this.#isSavingHistory = true;
      try {
        await this.#early;
        const instant = take();
        const count = this.#pending.count;
        if (count > 0 || this.#isUnsynced) await this.#writeHistory(count, "durably");
        const snapshot: Snapshot = {
          version: SNAPSHOT_VERSION,
          banjo,
          saved: new Date().toISOString(),
          history: this.#files.end,
          ...instant,
        };
        // History of later may be written meanwhile, but not to a file that is to end where the snapshot does.
        const isLong = this.#files.isLong;
        this.#isSavingHistory = isLong;
        await replaceFile(this.#folder, STATE, printSnapshot(snapshot));
        this.#savedLength = snapshot.history;
        // It is saved whether or not this can be done now.
        if (isLong) await this.#files.divide().catch(() => {});
      } finally {
        this.#isSavingHistory = false;
      }
    });
  }
}

/** In characters: about a thousand bans. */
const EARLY = 1 << 20;

/** A save that waits for its turn. */
interface Save {
  take: () => Instant;
  readonly done: PromiseWithResolvers<void>;
}

const STATE = "state.json";
const LOCK = "lock";

/** Opens the lock as far as the disk lets us: one that is there can be held without writing. */
async function openLock(path: string): Promise<Deno.FsFile | undefined> {
  try {
    await fileLength(path);
    return await Deno.open(path, { write: true, create: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof StateError) throw error;
    return await Deno.open(path).catch(() => undefined);
  }
}

async function explain<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(`Cannot ${what}: ${(error as Error).message}`, { cause: error });
  }
}
