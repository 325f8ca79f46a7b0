/** The groups of a match: where each begins and ends, [-1, -1] for one that took no part. */
export type Spans = readonly (readonly [start: number, end: number])[];

/** What Python found in texts with a pattern. */
export interface Found {
  /** The groups' numbers. */
  readonly names: Readonly<Record<string, number>>;
  /** For each text; `timeout` where Python had not come to an end after a second. */
  readonly matches: readonly (Spans | null | "timeout")[];
}

/** Why Python takes a text for no pattern. */
export interface PythonError {
  readonly error: string;
}

export type Search = readonly [pattern: string, multiline: boolean, text: string];

/** Debian's python3, in which fail2ban is installed, to be asked what it makes of patterns. */
export class Python implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor() {
    this.#process = new Deno.Command("/usr/bin/python3", {
      args: [new URL("python_re.py", import.meta.url).pathname],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  search(
    pattern: string,
    multiline: boolean,
    texts: readonly string[],
  ): Promise<Found | PythonError> {
    return this.#ask({ pattern, multiline, texts }) as Promise<Found | PythonError>;
  }

  /** The pattern with fail2ban's groups in the place of its tags. */
  withGroups(tagged: string): Promise<string> {
    return this.#ask({ tagged }) as Promise<string>;
  }

  /** Every search that fail2ban's tests make for its sample logs. */
  sampleSearches(): Promise<readonly Search[]> {
    return this.#ask({ samples: true }) as Promise<readonly Search[]>;
  }

  async #ask(request: unknown): Promise<unknown> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#output.read();
      if (done) throw new Error("Cannot ask Python: it has ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const answer = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#output.cancel();
    await this.#process.status;
  }
}
