/** A program on a terminal of its own, as a person would use it. */

/** Runs a command under script(1). `await using` ends it. */
export class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  /** All that it has shown. */
  shown = "";

  constructor(command: string, options: Pick<Deno.CommandOptions, "cwd" | "env"> = {}) {
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--command", command, "/dev/null"],
      ...options,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#read = this.#keep();
  }

  /** Types something. */
  async type(keys: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Waits until something has been shown; throws with all that was, where that takes a minute. */
  async shows(words: string | RegExp): Promise<void> {
    const deadline = Date.now() + 60_000;
    const isShown = () =>
      typeof words === "string" ? this.shown.includes(words) : words.test(this.shown);
    while (!isShown()) {
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${words}: ${this.shown}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for its end; gives the exit code. */
  async end(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#read;
    await this.#writer.close().catch(() => {});
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.end();
  }

  async #keep(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.shown += text;
    }
  }
}
