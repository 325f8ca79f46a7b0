import { printable } from "../printable.ts";
import { FirewallError } from "./firewall.ts";

/** How a tool ended and what it said. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a firewall's tool to its end, without a shell and in an empty environment, so that its words are English.
 *
 * @throws {FirewallError} if it cannot be started.
 */
export async function runTool(command: readonly string[], input = ""): Promise<ToolResult> {
  const child = start(command);
  const [output] = await Promise.all([child.output(), feed(child.stdin, input)]);
  return {
    code: output.code,
    stdout: new TextDecoder().decode(output.stdout),
    stderr: new TextDecoder().decode(output.stderr),
  };
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

function start([program = "", ...args]: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      clearEnv: true,
      // The folder that we were started in may be closed to us.
      cwd: "/",
      env: { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new FirewallError(`Cannot run ${program}: ${(error as Error).message}`, { cause: error });
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
