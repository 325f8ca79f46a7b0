import { decodeLines } from "../../lib/decode_lines.ts";
import { FileSource } from "../../lib/sources/mod.ts";
import type { FileOptions } from "../../lib/sources/mod.ts";

/** A folder of log files that vanishes with its scope. */
export class LogFolder {
  readonly #folder = Deno.realPathSync(Deno.makeTempDirSync());

  path(name: string): string {
    return name === "." ? this.#folder : `${this.#folder}/${name}`;
  }

  append(name: string, text: string): void {
    const path = this.path(name);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text, { append: true });
  }

  rename(from: string, to: string): void {
    Deno.renameSync(this.path(from), this.path(to));
  }

  renameIfThere(from: string, to: string): void {
    if (this.has(from)) this.rename(from, to);
  }

  remove(name: string): void {
    Deno.removeSync(this.path(name), { recursive: true });
  }

  has(name: string): boolean {
    try {
      return Deno.lstatSync(this.path(name)).isFile;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.remove(".");
  }
}

/** A running source that keeps what it delivers. Its poll is too slow to help: changes must be noticed. */
export class Reader {
  readonly problems: string[] = [];
  /** For which paths the latest lines were delivered. */
  paths: readonly string[] = [];
  readonly source: FileSource;
  readonly #folder: LogFolder;
  readonly #blocks: [path: string, block: string][] = [];
  readonly #stop = new AbortController();
  #progress = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  private constructor(
    folder: LogFolder,
    patterns: readonly string[],
    options: Partial<FileOptions>,
  ) {
    this.#folder = folder;
    this.source = new FileSource({
      patterns: patterns.map((pattern) => folder.path(pattern)),
      positions: {},
      startTime: () => -Infinity,
      dateOf: () => undefined,
      pollInterval: 3_600_000,
      onProblem: (text) => this.problems.push(text),
      ...options,
    });
  }

  /** Starts reading, and waits until all is delivered that is there. */
  static async start(
    folder: LogFolder,
    patterns: readonly string[],
    options: Partial<FileOptions> = {},
  ): Promise<Reader> {
    const caughtUp = Promise.withResolvers<void>();
    const reader = new Reader(folder, patterns, { ...options, onCaughtUp: caughtUp.resolve });
    reader.#running = reader.source.run((paths, block) => {
      reader.paths = paths;
      reader.#blocks.push([paths[0]!, decodeLines(block)]);
      reader.#progress.resolve();
    }, reader.#stop.signal);
    reader.#running.catch(caughtUp.reject);
    await caughtUp.promise;
    return reader;
  }

  /** The lines delivered so far under a name. */
  lines(name: string): string[] {
    return this.#linesWhere((path) => path === this.#folder.path(name));
  }

  /** The lines delivered so far. */
  allLines(): string[] {
    return this.#linesWhere(() => true);
  }

  /** Waits until so many lines were delivered under a name. */
  async until(name: string, count: number): Promise<void> {
    await this.#until(() => this.lines(name).length >= count);
  }

  /** Waits until so many lines were delivered. */
  async untilTotal(count: number): Promise<void> {
    await this.#until(() => this.allLines().length >= count);
  }

  /** Waits until the source has dealt with the changes so far: each was told of before the one made here. */
  async settle(): Promise<void> {
    const marker = `settle-${crypto.randomUUID()}`;
    const watcher = Deno.watchFs(this.#folder.path("."), { recursive: false });
    this.#folder.append(marker, "");
    for await (const { paths } of watcher) {
      if (paths.some((path) => path.endsWith(marker))) break;
    }
    this.#folder.remove(marker);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Ends reading. Returns the positions. */
  async stop(): Promise<ReturnType<FileSource["positions"]>> {
    this.#stop.abort();
    await this.#running;
    return this.source.positions();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #until(isReached: () => boolean): Promise<void> {
    const slow = setTimeout(() => {
      this.#progress.reject(
        new Error(`Nothing more came: ${JSON.stringify(this.#blocks).slice(0, 2000)}`),
      );
    }, 60_000);
    try {
      while (!isReached()) {
        this.#progress = Promise.withResolvers();
        await this.#progress.promise;
      }
    } finally {
      clearTimeout(slow);
    }
  }

  #linesWhere(isWanted: (path: string) => boolean): string[] {
    return this.#blocks.filter(([path]) => isWanted(path)).flatMap(([, block]) => {
      const lines = block.split("\n");
      if (lines.pop() !== "") throw new Error(`A block without a line end: ${block.slice(-100)}`);
      return lines;
    });
  }
}
