/** Single functions of install.sh, which is never run on this machine itself. */
import { type Outcome, run } from "../network.ts";

const installer = new URL("../../install.sh", import.meta.url).pathname;

/**
 * A shell that knows install.sh's functions, as a command without its arguments: they are $1 and so on in `script`, which
 * is run in place of install.sh's `main`.
 */
export async function withFunctions(script: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(installer);
  const functions = text.replace(/^main "\$@"\n$/m, "choose_colours\n");
  if (functions === text) throw new Error("Cannot find where install.sh calls its main");
  return ["/bin/sh", "-c", functions + script, installer];
}

/** Runs the script; see {@linkcode withFunctions}. */
export async function runFunctions(script: string, ...args: readonly string[]): Promise<Outcome> {
  return await run([...await withFunctions(script), ...args]);
}
