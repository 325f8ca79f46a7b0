/** A bar on standard error that shows how far a long command is; on no terminal it shows nothing. */
export class Progress {
  readonly #isShown: boolean;
  #last = -1;

  constructor(isQuiet: boolean) {
    this.#isShown = !isQuiet && Deno.stderr.isTerminal();
  }

  /** Shows a share done, from 0 to 1. */
  show(done: number): void {
    const percent = Math.floor(Math.min(1, Math.max(0, done)) * 100);
    if (!this.#isShown || percent === this.#last) return;
    this.#last = percent;
    const filled = Math.round(percent * WIDTH / 100);
    write(`\r${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${percent} %`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown && this.#last >= 0) write("\r\x1b[K");
  }
}

const WIDTH = 40;
const encoder = new TextEncoder();

function write(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}
