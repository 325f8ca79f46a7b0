import type { BanEvent } from "../jail/mod.ts";
import { version as banjo } from "../version.ts";
import { fileLength, renameFile, replaceFile, writeAt } from "./durable.ts";
import { PendingHistory } from "./pending_history.ts";
import type { HistoryPage, HistoryQuery } from "./search.ts";
import { lengthOfWholeLines, parseRecord, printRecord, readLines } from "./history.ts";
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
 * The folder that holds the state: `state.json`, one instant, and `history.jsonl`, the bans and unbans up to it.
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
  /** Whether some of the file may not be on the disk yet. */
  #isUnsynced = false;
  /** The history file's bytes that count. */
  #historyLength = 0;
  /** Those of them that the snapshot on the disk knows: no crash takes them back. */
  #savedLength = 0;
  #next: Save | undefined;
  #running: Promise<void> | undefined;

  private constructor(folder: string, lock: Deno.FsFile | undefined) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Opens a folder, which is made if need be, and keeps every other agent out of it until this one is gone. It may be one
   * that cannot be written now: saving is then what fails.
   */
  static open(folder: string): Promise<Store> {
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
      return new Store(folder, lock);
    });
  }

  /**
   * Reads what was saved, once, before anything else. A file that cannot be used is set aside under another name, for it
   * may hold what a newer banjo, or a person, can use.
   */
  load(): Promise<Loaded> {
    return explain(`load the state from ${this.#folder}`, async () => {
      const loaded = await this.#read();
      const history = await this.#openHistory();
      // Without a snapshot all history counts; only a line that a crash cut short does not.
      this.#historyLength = loaded.kind === "loaded"
        ? Math.min(loaded.snapshot.history, history)
        : history === 0
        ? 0
        : await lengthOfWholeLines(this.#historyPath);
      this.#savedLength = this.#historyLength;
      if (history > this.#historyLength) {
        // Where the disk refuses, the next save does it.
        await writeAt(this.#historyPath, this.#historyLength, []).catch(() => {});
      }
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
    // Not while a save runs: it writes the history up to its own instant.
    if (this.#waiting < EARLY || this.#running !== undefined || this.#early !== undefined) return;
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
    for await (const line of readLines(this.#historyPath, this.#historyLength)) {
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
    // Loaded when it is wanted: an agent need not hold it.
    const { isWanted, searchHistory } = await import("./search.ts");
    // What is read from the file, and what is not in it yet, is of one instant.
    const end = this.#historyLength;
    const unsaved = this.#pending.first();
    const page = await searchHistory(this.#historyPath, query, from, end);
    if (page.next !== null) return page;
    const latest = unsaved.map(parseRecord).filter((event) => isWanted(event, query));
    return { events: [...page.events, ...latest], next: null };
  }

  /** As {@linkcode searchHistory}, of what no crash takes back. `end`: up to where that went. */
  async searchSaved(
    query: HistoryQuery,
    from: number,
  ): Promise<HistoryPage & { readonly end: number }> {
    const { searchHistory } = await import("./search.ts");
    const end = this.#savedLength;
    return { ...await searchHistory(this.#historyPath, query, from, end), end };
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
    await this.#early;
    await this.#running;
    this.#lock?.close();
  }

  get #historyPath(): string {
    return `${this.#folder}/${HISTORY}`;
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

  /** How long the history is. One that is not ours to read is set aside, so that a new one can begin. */
  async #openHistory(): Promise<number> {
    try {
      const length = await fileLength(this.#historyPath) ?? 0;
      if (length > 0) (await Deno.open(this.#historyPath)).close();
      return length;
    } catch (error) {
      if (error instanceof StateError || !isLasting(error as Error)) throw error;
      const aside = asideName(HISTORY, "unreadable");
      // Where that fails as well, saving does, and says so.
      await renameFile(this.#folder, HISTORY, aside).catch(() => {});
      return 0;
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
    this.#historyLength = await writeAt(this.#historyPath, this.#historyLength, text, how);
    this.#isUnsynced = how === "soon";
    this.#pending.remove(count);
  }

  #write({ take }: Save): Promise<void> {
    return explain(`save the state to ${this.#folder}`, async () => {
      await this.#setAside();
      await this.#early;
      const instant = take();
      const count = this.#pending.count;
      if (count > 0 || this.#isUnsynced) await this.#writeHistory(count, "durably");
      const snapshot: Snapshot = {
        version: SNAPSHOT_VERSION,
        banjo,
        saved: new Date().toISOString(),
        history: this.#historyLength,
        ...instant,
      };
      await replaceFile(this.#folder, STATE, printSnapshot(snapshot));
      this.#savedLength = snapshot.history;
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
const HISTORY = "history.jsonl";
const LOCK = "lock";

/** Whether a file that cannot be read now will not be read by trying again, as with too many open files: EACCES, EIO. */
function isLasting(error: Error): boolean {
  return error instanceof Deno.errors.PermissionDenied || error.message.includes("(os error 5)");
}

function asideName(file: string, why: string): string {
  return `${file}.${why}-${new Date().toISOString().replaceAll(":", "")}`;
}

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
