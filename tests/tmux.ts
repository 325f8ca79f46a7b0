/** A program in a real terminal that can be looked at and resized: tmux, with a server of its own. */
import { must } from "./network.ts";

/** A terminal with one program in it. `await using` ends both. */
export class Tmux implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a shell command in a terminal of that size. What it leaves behind stays to be seen when it has ended. */
  static async start(command: string, columns: number, rows: number): Promise<Tmux> {
    const tmux = new Tmux(await Deno.makeTempDir({ prefix: "banjo-tmux-" }));
    try {
      const size = ["-x", `${columns}`, "-y", `${rows}`];
      // With a shell of its own around it, the pane outlives the command.
      await tmux.#run("new-session", "-d", ...size, "sh", "-c", `${command}; exec sleep 600`);
      return tmux;
    } catch (error) {
      await tmux[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Types keys, by tmux's names: `q`, `Enter`, `Down`, `C-c`. */
  async type(...keys: readonly string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#run("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What is on the screen; with its colours, if wanted. */
  screen(withColours = false): Promise<string> {
    return this.#run("capture-pane", "-p", ...withColours ? ["-e"] : []);
  }

  /** What is on the screen, where a line that was folded is one. */
  joined(): Promise<string> {
    return this.#run("capture-pane", "-p", "-J");
  }

  /** What tmux knows of the terminal, by its names of formats: `alternate_on`, `cursor_flag`. */
  async knows(name: string): Promise<string> {
    return (await this.#run("display-message", "-p", `#{${name}}`)).trim();
  }

  /** Waits until the screen shows something, and gives the screen; throws with it where that takes a minute. */
  async shows(words: string | RegExp): Promise<string> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const screen = await this.screen();
      if (typeof words === "string" ? screen.includes(words) : words.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${words}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server").catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }

  #run(...words: readonly string[]): Promise<string> {
    const server = ["-S", `${this.#folder}/socket`, "-f", "/dev/null", "-u"];
    return must(["env", "TERM=xterm-256color", "LANG=C.UTF-8", "tmux", ...server, ...words]);
  }
}
