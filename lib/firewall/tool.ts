import { piecesOf } from "../pieces.ts";
import { printable } from "../printable.ts";
import { FirewallError } from "./firewall.ts";

/** How a tool ended and what it said. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A tool that has not ended after so long, in milliseconds, hangs: a million bans take nft ten seconds. */
const TIME_LIMIT = 60_000;

/**
 * Runs a firewall's tool to its end, without a shell and in an empty environment, so that its words are English.
 *
 * @throws {FirewallError} if it cannot be started, or has not ended after `limit` milliseconds; then it is killed.
 */
export async function runTool(
  command: readonly string[],
  input = "",
  limit = TIME_LIMIT,
): Promise<ToolResult> {
  const child = start(command, "piped");
  // What the tool started in its turn may outlive it and hold the pipes open: they are not waited for then.
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    end(child, "SIGKILL");
    overdue.reject(
      new FirewallError(`Cannot run ${command.join(" ")}: it hung for ${limit / 1000} s`),
    );
  }, limit);
  const work = Promise.all([child.output(), feed(child.stdin, input)]);
  work.catch(() => {}); // what it says after its time is up
  const [output] = await Promise.race([work, overdue.promise]).finally(() => clearTimeout(timer));
  return {
    code: output.code,
    stdout: new TextDecoder().decode(output.stdout),
    stderr: new TextDecoder().decode(output.stderr),
  };
}

/**
 * Runs a tool that goes on until the signal, and hands on the lines it writes. Gives its last words when it has ended.
 *
 * @throws {FirewallError} if it cannot be started.
 */
export async function followTool(
  command: readonly string[],
  onLines: (lines: readonly string[]) => void,
  signal: AbortSignal,
): Promise<string> {
  const child = start(command, "null");
  const stop = () => end(child, "SIGTERM");
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  // At the signal nothing more is waited for: what the tool started in its turn may outlive it and hold the pipes open.
  const words = new Response(child.stderr.pipeThrough(new TransformStream(), { signal })).text();
  words.catch(() => {});
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const piece of piecesOf(child.stdout, signal)) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
      rest = lines.pop()!;
      onLines(lines);
    }
    const { code } = await child.status;
    return signal.aborted ? "" : quote(await words) || `nothing, and exits with ${code}`;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Where the tool is, looked for at every call, so that it may be installed while banjo runs.
 *
 * @throws {FirewallError} if it is nowhere.
 */
export function findTool(name: string): string {
  const path = FOLDERS.map((folder) => `${folder}/${name}`).find(isFile);
  if (path !== undefined) return path;
  throw new FirewallError(
    `Cannot run ${name}: not found in ${FOLDERS.join(", ")}: install it (apt-get install ${
      PACKAGES[name]
    })`,
  );
}

/** A tool's words as one line that is safe to print and short enough for a log. */
export function quote(words: string): string {
  const line = printable(words.trim().replace(/\s+/g, " "));
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}...`;
}

const FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin"];
const PACKAGES: Readonly<Record<string, string>> = { nft: "nftables", ufw: "ufw" };
const LONGEST = 300;

function start(
  [program = "", ...args]: readonly string[],
  stdin: "piped" | "null",
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      clearEnv: true,
      // The folder that we were started in may be closed to us.
      cwd: "/",
      env: { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new FirewallError(`Cannot run ${program}: ${(error as Error).message}`, { cause: error });
  }
}

function end(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // The only complaint there is: it has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    // A tool that gives up before it has read everything says why on stderr and by its exit code.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
