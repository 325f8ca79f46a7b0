/** journalctl as a child: reads, writes nothing and keeps nothing, so it may be killed at any time. */

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
  let rest = "";
  for await (const piece of stderr) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop()!.slice(0, LONGEST);
    for (const line of lines.filter((line) => line !== "")) {
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    }
  }
  return last.join("\n");
}

/** Of a line of its errors so much is kept, in UTF-16 code units. */
const LONGEST = 10_000;
