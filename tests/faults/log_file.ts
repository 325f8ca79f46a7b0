/** A log file as programs write it and logrotate rotates it. */
export class LogFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    Deno.writeTextFileSync(path, "");
  }

  append(text: string): void {
    Deno.writeTextFileSync(this.path, text, { append: true });
  }

  get inode(): number {
    return Deno.statSync(this.path).ino!;
  }

  get size(): number {
    return Deno.statSync(this.path).size;
  }

  /** Lets nobody open it but who may open anything. */
  close(): void {
    Deno.chmodSync(this.path, 0);
  }

  /** Takes back {@linkcode close}. */
  open(): void {
    Deno.chmodSync(this.path, 0o640);
  }

  /** logrotate's `create`. */
  rename(): void {
    this.#shift();
    Deno.renameSync(this.path, `${this.path}.1`);
    Deno.writeTextFileSync(this.path, "");
  }

  /** logrotate's `copytruncate`. */
  copyAndTruncate(): void {
    this.#shift();
    Deno.copyFileSync(this.path, `${this.path}.1`);
    Deno.truncateSync(this.path);
  }

  /** Puts a folder where the file was, for as long as `meanwhile` takes, and then a new file. */
  async replaceByFolder(meanwhile: () => Promise<void>): Promise<void> {
    this.#shift();
    Deno.renameSync(this.path, `${this.path}.1`);
    Deno.mkdirSync(this.path);
    await meanwhile();
    Deno.removeSync(this.path);
    Deno.writeTextFileSync(this.path, "");
  }

  /** Removes rotated files, but for so many. */
  forget(kept: number): void {
    for (let number = kept + 1; exists(`${this.path}.${number}`); number++) {
      Deno.removeSync(`${this.path}.${number}`);
    }
  }

  #shift(): void {
    let last = 1;
    while (exists(`${this.path}.${last}`)) last++;
    for (; last > 1; last--) {
      Deno.renameSync(`${this.path}.${last - 1}`, `${this.path}.${last}`);
    }
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
