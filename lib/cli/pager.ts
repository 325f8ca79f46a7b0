/** Long output on a terminal goes through `less`. */
import { LESS } from "./programs.ts";

/** Prints a text; where it is longer than the terminal is high, in a pager. `PAGER=cat`, or any but less, turns that off. */
export async function print(text: string): Promise<void> {
  await printAll([text]);
}

/**
 * As {@linkcode print}, of a text in pieces, each of whole lines without the last one's end. When the reader has seen
 * enough, no further piece is asked for.
 */
export async function printAll(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const limit = pagedFrom();
  let held = "";
  let less: Pager | undefined;
  for await (const piece of pieces) {
    const text = `${piece}\n`;
    if (less !== undefined) {
      if (!await less.take(text)) break;
      continue;
    }
    held += text;
    if (limit === undefined) {
      if (held.length < BLOCK) continue;
      if (!await write(held)) return;
      held = "";
    } else if (isLonger(held, limit)) {
      less = Pager.start();
      if (less === undefined && !await write(held)) return;
      if (less !== undefined && !await less.take(held)) break;
      held = "";
    }
  }
  if (less === undefined) await write(held);
  else await less.end();
}

/** So many characters are written at once, at least: there may be a million pieces. */
const BLOCK = 16_384;

/** From how many lines on a pager is used; undefined: it is not. */
function pagedFrom(): number | undefined {
  if (!Deno.stdout.isTerminal() || !Deno.stdin.isTerminal()) return undefined;
  const wish = Deno.env.get("PAGER");
  if (wish !== undefined && !/^(?:\/usr\/bin\/)?less\b/.test(wish)) return undefined;
  return Deno.consoleSize().rows;
}

function isLonger(text: string, rows: number): boolean {
  return text.split("\n").length > rows;
}

/** Writes to standard output, as it is. False where nobody reads it any more, which console.log does not tell. */
export async function write(text: string): Promise<boolean> {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw error;
  }
}

const encoder = new TextEncoder();

/** A `less` that is being read. */
class Pager {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    // Its reader ends a search with Ctrl-C, not us.
    Deno.addSignalListener("SIGINT", ignore);
  }

  /** Starts it; undefined where there is none. */
  static start(): Pager | undefined {
    try {
      return new Pager(
        new Deno.Command(LESS, {
          // Colours as they are, and none of less's ways to start or write something: banjo may run as root. Nothing else
          // that the environment has to say to less.
          clearEnv: true,
          env: {
            LESS: "FRX",
            LESSCHARSET: "utf-8",
            LESSSECURE: "1",
            TERM: Deno.env.get("TERM") ?? "dumb",
          },
          stdin: "piped",
        }).spawn(),
      );
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Hands it more, as soon as it wants that. False where its reader has left. */
  async take(text: string): Promise<boolean> {
    try {
      await this.#writer.write(encoder.encode(text));
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves when the reader has left it. */
  async end(): Promise<void> {
    await this.#writer.close().catch(ignore);
    await this.#process.status;
    Deno.removeSignalListener("SIGINT", ignore);
  }
}

function ignore(): void {}
