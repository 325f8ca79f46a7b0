/** The terminal as a full screen: entered, drawn on with as little output as may be, and left as it was. */
import type { Size } from "./draw.ts";

/** What makes one screen of another: only the lines that differ are sent. Pure. */
export function changes(before: readonly string[], after: readonly string[]): string {
  const parts = after.flatMap((line, row) =>
    line === before[row] ? [] : [`\x1b[${row + 1};1H\x1b[K${line}`]
  );
  return parts.join("");
}

/** The terminal's other screen, in raw mode. */
export class Screen {
  #shown: readonly string[] = [];

  /** How large the terminal is now. */
  get size(): Size {
    return Deno.consoleSize();
  }

  enter(): void {
    Deno.stdin.setRaw(true);
    // Other screen, no cursor, no wrapping: what is too long by mistake then moves no line.
    writeSync("\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J");
  }

  /** Puts the terminal back. May be called at any time, and more than once. */
  leave(): void {
    try {
      writeSync("\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l");
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone.
    }
  }

  /** Draws everything anew at the next draw: the terminal has another size, and may have moved what was there. */
  forget(): void {
    this.#shown = [];
  }

  /** Shows these lines. Resolves when the terminal has taken them. */
  async draw(lines: readonly string[]): Promise<void> {
    const isNew = this.#shown.length !== lines.length;
    const output = (isNew ? "\x1b[2J" : "") + changes(isNew ? [] : this.#shown, lines);
    this.#shown = lines;
    if (output === "") return;
    const bytes = new TextEncoder().encode(output);
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }
}

function writeSync(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
