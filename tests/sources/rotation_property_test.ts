import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FilePosition } from "../../lib/sources/mod.ts";
import { LogFolder, Reader } from "./log_folder.ts";

/** What can happen to a log and to its reader. */
const OPERATIONS = [
  "write",
  "write",
  "write",
  "write part",
  "rename",
  "reopen",
  "rotate",
  "cut",
  "delete",
]
  .concat(["start", "stop", "settle"]);

/** By which paths the log is followed: by its own alone, and by another one too that leads to it. */
const PATTERNS = [["a.log"], ["a.log", "/a.log"], ["a.log", "link"], ["link", "a.log"]];

Deno.test("FileSource delivers each line exactly once, however the log is rotated and the reader restarted", async () => {
  const operations = fc.array(fc.constantFrom(...OPERATIONS), { maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATTERNS), operations, async (patterns, operations) => {
      await using world = new World(patterns);
      await world.apply("start");
      for (const operation of operations) await world.apply(operation);
      assertEquals(await world.delivered(), world.written);
    }),
    { numRuns: 400 },
  );
});

/** A program that logs, logrotate, and a reader: each line that is whole in some file must be delivered. */
class World {
  readonly written: string[] = [];
  readonly #folder = new LogFolder();
  readonly #patterns: readonly string[];
  #reader: Reader | undefined;
  readonly #delivered: string[] = [];
  #positions: Record<string, FilePosition> = {};
  /** The file that the program has open, wherever it is by now. */
  #log: Deno.FsFile;
  /** What stands behind the last line end of that file. */
  #partial = "";

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#log = this.#open();
    Deno.symlinkSync("a.log", this.#folder.path("link"));
  }

  async apply(operation: string): Promise<void> {
    switch (operation) {
      case "write":
        return this.#write(`${this.written.length} ${"x".repeat(this.written.length % 7)}\n`);
      case "write part":
        return this.#write(`${this.written.length} part `);
      case "rename":
        return this.#rename();
      case "reopen":
        return this.#reopen();
      case "rotate":
        this.#rename();
        return this.#reopen();
      case "cut":
        return await this.#cut();
      case "delete":
        // What is in a deleted file only who has it open can read.
        await this.#catchUp();
        if (this.#folder.has("a.log")) this.#folder.remove("a.log");
        this.#reopen();
        await this.apply("write");
        return await this.#catchUp();
      case "start":
        this.#reader ??= await Reader.start(this.#folder, this.#patterns, {
          positions: this.#positions,
        });
        return;
      case "stop":
        return await this.#stop();
      case "settle":
        if (this.#reader !== undefined) await this.#catchUp();
    }
  }

  /** All that was delivered, in the order in which it was written. */
  async delivered(): Promise<string[]> {
    await this.#catchUp();
    await this.#stop();
    // Whatever would come a second time comes now.
    await this.apply("start");
    await this.#stop();
    return this.#delivered.sort((a, b) => this.written.indexOf(a) - this.written.indexOf(b));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    this.#log.close();
    this.#folder[Symbol.dispose]();
  }

  #open(): Deno.FsFile {
    return Deno.openSync(this.#folder.path("a.log"), { append: true, create: true });
  }

  #write(text: string): void {
    this.#log.writeSync(new TextEncoder().encode(text));
    this.#partial += text;
    if (!text.endsWith("\n")) return;
    this.written.push(this.#partial.slice(0, -1));
    this.#partial = "";
  }

  #rename(): void {
    if (!this.#folder.has("a.log")) return;
    this.#shift();
    this.#folder.rename("a.log", "a.log.1");
  }

  #shift(): void {
    let last = 1;
    while (this.#folder.has(`a.log.${last}`)) last++;
    for (; last > 1; last--) this.#folder.rename(`a.log.${last - 1}`, `a.log.${last}`);
  }

  #reopen(): void {
    if (this.#folder.has("a.log")) return;
    this.#log.close();
    this.#log = this.#open();
    this.#partial = "";
  }

  /** logrotate's copytruncate. */
  async #cut(): Promise<void> {
    if (!this.#folder.has("a.log")) return;
    // A file of which nothing was read yet cannot be told from any other.
    await this.apply("write");
    await this.#catchUp();
    if (this.written.length % 2 === 0) await this.#stop();
    this.#write("one more that nobody has read\n".replace("one", `${this.written.length}`));
    this.#shift();
    Deno.copyFileSync(this.#folder.path("a.log"), this.#folder.path("a.log.1"));
    Deno.truncateSync(this.#folder.path("a.log"));
    this.#partial = "";
  }

  async #catchUp(): Promise<void> {
    await this.apply("start");
    await this.#reader!.untilTotal(this.written.length - this.#delivered.length);
  }

  async #stop(): Promise<void> {
    if (this.#reader === undefined) return;
    this.#positions = JSON.parse(JSON.stringify(await this.#reader.stop()));
    this.#delivered.push(...this.#reader.allLines());
    this.#reader = undefined;
  }
}
