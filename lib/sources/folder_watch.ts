import { folderOf } from "./glob.ts";
import { isClosedToOthers } from "./closed_folder.ts";

/** What happened in the watched folders. */
export type FolderEvent =
  /** The content or the rights of these changed; absolute paths. */
  | { readonly kind: "modified"; readonly paths: readonly string[] }
  /** Something appeared, vanished or was renamed; or events were lost. */
  | { readonly kind: "rearranged" };

/**
 * Watches folders, not what is below them, through inotify. The folder above each is watched for one event: that another
 * one has its name. The folder itself tells that it was moved, too, but Deno passes an event on only if its path is
 * there, or is gone, both times it looks: one that is made again in between, it keeps to itself.
 *
 * Only for folders of {@linkcode isClosedToOthers}: Deno opens whatever an event is about. With a FIFO nobody is told of anything
 * any more, in any folder, and the next call to watch something does not return.
 */
export class FolderWatch {
  readonly #onEvent: (event: FolderEvent) => void;
  #watcher: Deno.FsWatcher | undefined;
  #listening: Promise<void> | undefined;
  #watched: string | undefined;

  constructor(onEvent: (event: FolderEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Whether changes are noticed. */
  get isActive(): boolean {
    return this.#watcher !== undefined;
  }

  /**
   * Watches exactly these folders. Returns true if they were not the same so far: then look at them once more, for what
   * happened before they were watched told nobody.
   *
   * @throws where the system's limits do not allow it, or a folder has just vanished; then nothing is watched.
   */
  async watch(folders: readonly string[]): Promise<boolean> {
    const key = keyOf(folders);
    if (key === this.#watched) return false;
    await this.close();
    if (folders.length > 0) {
      const own = new Set(folders);
      const above = foldersAbove(own);
      this.#watcher = Deno.watchFs([...own, ...above], { recursive: false });
      this.#listening = this.#listen(this.#watcher, own, above);
    }
    this.#watched = key;
    return true;
  }

  /**
   * Ends watching. To be awaited before anything is watched again: Deno's watchers share what they watch by path, so a
   * new one would come by the old one's folder where that was replaced, and hear nothing.
   */
  async close(): Promise<void> {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = undefined;
    await this.#listening;
  }

  async #listen(
    watcher: Deno.FsWatcher,
    folders: ReadonlySet<string>,
    above: ReadonlySet<string>,
  ): Promise<void> {
    const isOthers = (path: string) => !folders.has(path) && above.has(folderOf(path));
    try {
      for await (const { kind, paths, flag } of watcher) {
        if (kind === "access") continue; // somebody, perhaps we, opened or closed a file
        if (paths.length > 0 && paths.every(isOthers)) continue;
        // Whatever has its name now is not watched, even if it got the inode of the former one.
        if (kind !== "modify" && paths.some((path) => folders.has(path))) this.#watched = undefined;
        if (kind === "modify" && flag === undefined) this.#onEvent({ kind: "modified", paths });
        else this.#onEvent({ kind: "rearranged" });
      }
    } catch {
      // It tells nothing any more: the next look at the folders finds them unwatched, and says so if they stay that.
      this.#watcher = undefined;
      this.#watched = undefined;
    }
  }
}

/** The folders above absolute ones that are not among them, as far as they may be watched. */
function foldersAbove(folders: ReadonlySet<string>): Set<string> {
  const absolute = [...folders].filter((folder) => folder.startsWith("/"));
  const above = new Set(absolute.map(folderOf)).difference(folders);
  return new Set([...above].filter((folder) => isClosedToOthers(folder) && canBeRead(folder)));
}

function canBeRead(folder: string): boolean {
  try {
    Deno.openSync(folder).close();
    return true;
  } catch {
    return false;
  }
}

/** A folder that was replaced by another of the same name is another folder. */
function keyOf(folders: readonly string[]): string {
  return folders.map((folder) => {
    const { dev, ino } = Deno.statSync(folder);
    return `${folder}\0${dev}:${ino}`;
  }).sort().join("\0");
}
