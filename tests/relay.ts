/** A running relay of banjo, and a server that takes its messages. */
import type { TestAgent } from "./agent.ts";
import { banjoCommand, here, type Json, type Place } from "./banjo.ts";

/** A message as it came in. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Json;
}

/** A server on loopback that keeps what it is sent; `answer` may refuse. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Gives an answer in place of taking a message; undefined: it is taken. */
  refuse: ((path: string) => Response | Promise<Response> | undefined) | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      return this.#take(request);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What came to a path. */
  at(path: string): readonly Received[] {
    return this.received.filter((each) => each.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const refusal = await this.refuse?.(pathname);
    if (refusal !== undefined) return refusal;
    const body = text === "" ? undefined : JSON.parse(text);
    this.received.push({ path: pathname, headers: request.headers, body });
    return new Response("ok");
  }
}

/** A relay beside an agent, with the agent's configuration; `await using` kills it. */
export class TestRelay implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  said = "";
  readonly #reading: Promise<unknown>;

  private constructor([program, ...args]: readonly string[]) {
    const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    this.child = new Deno.Command(program!, { args, ...pipes }).spawn();
    this.#reading = Promise.all([this.child.stdout, this.child.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.said += text;
    }));
  }

  static async start(agent: TestAgent, place: Place = here): Promise<TestRelay> {
    return new TestRelay(place(...await relayCommand(agent)));
  }

  /** Ends it as systemd does; gives its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    this.child.kill(signal);
    const { code } = await this.child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}

/** `banjo relay` beside an agent. */
export function relayCommand(
  agent: TestAgent,
  ...words: readonly string[]
): Promise<readonly string[]> {
  // Beside the agent's, where that looks for lists.
  const state = `${agent.state}-relay`;
  const dirs = ["--config", agent.config, "--state", state, "--runtime", agent.runtime];
  return banjoCommand("relay", ...words, ...dirs);
}
