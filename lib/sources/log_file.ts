import { folderOf } from "./glob.ts";
import { isClosedToOthers } from "./closed_folder.ts";

/** An open log file. Where its lines are, and where they are not, is asked of what is open, never of its path. */
export interface LogFile {
  statSync(): Pick<Deno.FileInfo, "dev" | "ino" | "size" | "nlink">;
  seekSync(offset: number, whence: Deno.SeekMode.Start): number;
  /** Reads on from where it stands. null: at the end. */
  readSync(buffer: Uint8Array): number | null;
  close(): void;
}

/**
 * Opens what a path leads to, if it is a regular file. Whoever may write in its folder may put something else there at the
 * last moment, and to open a FIFO takes until somebody writes to it.
 *
 * @throws {Error} where it cannot be opened, or is no regular file.
 */
export function openLog(path: string): LogFile {
  const real = Deno.realPathSync(path);
  const file = isClosedToOthers(folderOf(real)) ? Deno.openSync(real) : new UnblockedFile(real);
  if (file.statSync().isFile) return file;
  file.close();
  throw new Error("it is not a regular file");
}

/**
 * A file that was opened without waiting, by way of Node's module: Deno has no words for that, and asks for permission to
 * what the path leads to by now whenever it is asked about an open file. It is loaded when it is wanted: it takes 3 MB.
 */
class UnblockedFile implements LogFile {
  readonly #fs = process.getBuiltinModule("node:fs");
  readonly #descriptor: number;
  #offset = 0;

  constructor(path: string) {
    const { O_RDONLY, O_NONBLOCK } = this.#fs.constants;
    this.#descriptor = this.#fs.openSync(path, O_RDONLY | O_NONBLOCK);
  }

  statSync(): ReturnType<LogFile["statSync"]> & { readonly isFile: boolean } {
    const stats = this.#fs.fstatSync(this.#descriptor);
    const { dev, ino, size, nlink } = stats;
    return { dev, ino, size, nlink, isFile: stats.isFile() };
  }

  seekSync(offset: number): number {
    return this.#offset = offset;
  }

  readSync(buffer: Uint8Array): number | null {
    const count = this.#fs.readSync(this.#descriptor, buffer, 0, buffer.length, this.#offset);
    this.#offset += count;
    return count === 0 && buffer.length > 0 ? null : count;
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }
}
