/** journalctl as a child: reads, writes nothing and keeps nothing, so it may be killed at any time. */
import { wholeLines } from "./whole_lines.ts";

/** A running journalctl, with its standard output and error to be read. */
export type Journalctl = Deno.ChildProcess;

/** Starts journalctl in an environment that tells it nothing. @throws {Deno.errors.NotFound} where there is none. */
export function startJournalctl(program: string, args: readonly string[]): Journalctl {
  return new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    clearEnv: true,
    // The folder that we were started in may be closed to us.
    cwd: "/",
    env: { LC_ALL: "C" },
  }).spawn();
}

/** Ends it, even where it hangs or has been stopped. */
export function killJournalctl(child: Journalctl): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // The only complaint there is: it has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Hands on the lines of a child's standard error, and returns the last of them when it closes. */
export async function collectLines(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  const last: string[] = [];
  for await (const block of wholeLines(stderr, { longest: MAX_LINE, onOversized: () => {} })) {
    for (const line of decoder.decode(block).split("\n").filter((line) => line !== "")) {
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    }
  }
  return last.join("\n");
}

/** The longest line of journalctl that is parsed, in bytes: a message as bytes takes up to four for each. */
export const MAX_LINE = 8 * 1024 * 1024;
