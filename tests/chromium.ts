/** Debian's Chromium without a screen, driven over its DevTools protocol: https://chromedevtools.github.io/devtools-protocol */

import axe from "axe-core";

/** The program, as root finds it. */
export const chromium = "chromium-headless-shell";

/** How a page is shown. */
export interface View {
  /** In pixels. */
  readonly width: number;
  readonly scheme?: "light" | "dark";
  readonly medium?: "screen" | "print";
}

/** A browser with one page and a profile of its own; `await using` ends it and leaves nothing. */
export class Browser implements AsyncDisposable {
  /** What the page complained of: errors of scripts, and what its policy refused. */
  readonly complaints: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<Answer>>();
  #session: string | undefined;
  #requests = 0;
  #loaded = Promise.withResolvers<void>();

  private constructor(process: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** Starts it. */
  static async start(): Promise<Browser> {
    const profile = await Deno.makeTempDir({ prefix: "banjo-browser-" });
    // Its own sandbox does not start for root, whom the tests run as.
    const process = new Deno.Command(chromium, {
      args: [
        "--no-sandbox",
        // A container's shared memory is too small for it.
        "--disable-dev-shm-usage",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      env: { HOME: profile },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const socket = new WebSocket(await addressIn(process.stderr));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const browser = new Browser(process, profile, socket);
    const { targetId } = await browser.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.#call("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Log"]) await browser.#call(`${domain}.enable`);
    return browser;
  }

  /** Says how pages are shown from now on. */
  async show({ width, scheme = "light", medium = "screen" }: View): Promise<void> {
    const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
    await this.#call("Emulation.setDeviceMetricsOverride", metrics);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.#call("Emulation.setEmulatedMedia", { media: medium, features });
  }

  /** Opens a page and waits until it is loaded. Complaints begin anew. */
  async open(url: string): Promise<void> {
    this.complaints.length = 0;
    this.#loaded = Promise.withResolvers();
    const { errorText } = await this.#call("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`Cannot open ${url}: ${errorText}`);
    await this.#loaded.promise;
  }

  /** What an expression comes to in the page; it may be a promise. */
  // deno-lint-ignore no-explicit-any
  async evaluate(expression: string): Promise<any> {
    const wanted = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", wanted);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Waits until an expression holds in the page. */
  async waitFor(expression: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!await this.evaluate(`Boolean(${expression})`)) {
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What axe finds about the page that keeps people out; see https://github.com/dequelabs/axe-core. */
  async findBarriers(): Promise<readonly string[]> {
    await this.evaluate(`${axe.source}; undefined`);
    return await this.evaluate(
      "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))",
    );
  }

  /** A picture of the page as PNG, `height` pixels of it, or all. */
  async picture(height?: number): Promise<Uint8Array> {
    const { cssContentSize } = await this.#call("Page.getLayoutMetrics");
    const clip = {
      x: 0,
      y: 0,
      ...cssContentSize,
      height: height ?? cssContentSize.height,
      scale: 1,
    };
    const { data } = await this.#call("Page.captureScreenshot", {
      captureBeyondViewport: true,
      clip,
    });
    return Uint8Array.fromBase64(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What was started may be a script around the browser, so a signal is not enough.
    this.#session = undefined;
    await this.#call("Browser.close");
    await this.#process.status;
    this.#socket.close();
    await removeInTime(this.#profile);
  }

  async #call(method: string, params: unknown = {}): Promise<Answer> {
    const id = ++this.#requests;
    const answer = Promise.withResolvers<Answer>();
    this.#answers.set(id, answer);
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    return await answer.promise;
  }

  #take(message: Answer): void {
    const answer = this.#answers.get(message.id);
    this.#answers.delete(message.id);
    if (message.error !== undefined) answer?.reject(new Error(message.error.message));
    else answer?.resolve(message.result);
    if (message.method === "Page.loadEventFired") this.#loaded.resolve();
    if (message.method === "Log.entryAdded") this.complaints.push(message.params.entry.text);
    if (message.method === "Runtime.exceptionThrown") {
      this.complaints.push(message.params.exceptionDetails.text);
    }
  }
}

/** Whatever the browser says: tests look at parts of it. */
// deno-lint-ignore no-explicit-any
type Answer = any;

/** The address that the browser says it listens on. What else it says is thrown away. */
async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  const found = Promise.withResolvers<string>();
  (async () => {
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      if (said.length < 10_000) said += text;
      const address = /^DevTools listening on (ws:\S+)/m.exec(said)?.[1];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`The browser did not start:\n${said}`));
  })();
  return await found.promise;
}

/** Processes that the browser has started may write for a moment after its end. */
async function removeInTime(folder: string): Promise<void> {
  for (let tries = 100;; tries--) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
