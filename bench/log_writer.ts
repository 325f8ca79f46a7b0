/** Writes a long log without holding it in memory, in pieces of about a megabyte. */
export class LogWriter implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #waiting = "";

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  line(text: string): void {
    this.text(text + "\n");
  }

  text(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length > 1_000_000) this.#flush();
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#file.close();
  }

  #flush(): void {
    let bytes = this.#encoder.encode(this.#waiting);
    while (bytes.length > 0) bytes = bytes.subarray(this.#file.writeSync(bytes));
    this.#waiting = "";
  }
}
