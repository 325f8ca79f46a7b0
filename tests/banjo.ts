/** banjo as it is shipped, for tests: the bundle, with the engine's flags and the permissions that it is compiled with. */
import { must, type Outcome, run } from "./network.ts";

/** Where a command runs: takes a command and gives the one that runs it there, such as `ip netns exec NAME ...`. */
export type Place = (...command: readonly string[]) => readonly string[];

/** What came of a command of banjo. */
export interface Result extends Outcome {
  /** The objects that it printed, one a line. */
  readonly json: readonly Json[];
}

/** Whatever `--json` printed: tests compare it whole. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** On this machine, outside of any test network. */
export const here: Place = (...command) => command;

/** The command line that runs banjo with these words, in an environment that tells it nothing. */
export function banjoCommand(...words: readonly string[]): Promise<readonly string[]> {
  return banjoCommandWith([], ...words);
}

/** As {@linkcode banjoCommand}, in an environment of these `NAME=VALUE`. */
export async function banjoCommandWith(
  environment: readonly string[],
  ...words: readonly string[]
): Promise<readonly string[]> {
  const folder = await program();
  // Anyone may enter this folder, be in it to start programs, and read it; root alone leaves a cache there.
  const inFolder = ["env", "-i", "-C", folder];
  const own = ["DENO_NO_UPDATE_CHECK=1", `DENO_DIR=${folder}/cache`];
  const flags = [...FLAGS, `--config=${folder}/deno.json`, `--v8-flags=${await v8Flags()}`];
  const deno = [`${folder}/deno`, "run", ...flags, `${folder}/program/main.js`];
  return [...inFolder, ...own, ...environment, ...deno, ...words];
}

/** Puts Deno's own executable into a folder: wherever this one lies, who may enter the folder may run it there. */
export async function placeDeno(folder: string): Promise<string> {
  const path = `${folder}/deno`;
  try {
    await Deno.link(Deno.execPath(), path);
  } catch {
    // The folder is in another file system.
    await Deno.copyFile(Deno.execPath(), path);
  }
  return path;
}

/** Makes one file of a module and all that it imports, with the checkout's import map. */
export async function bundle(module: string, output: string): Promise<void> {
  const words = ["bundle", "--quiet", "--frozen", "--output", output, module];
  await must(["env", "-C", checkout.pathname, Deno.execPath(), ...words]);
}

/** Runs banjo to its end. */
export async function banjo(
  words: readonly string[],
  { place = here, input = "" }: { readonly place?: Place; readonly input?: string } = {},
): Promise<Result> {
  const outcome = await run(place(...await banjoCommand(...words)), input);
  return { ...outcome, json: jsonLines(outcome.stdout) };
}

function jsonLines(text: string): readonly Json[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

const FLAGS = [
  "--quiet",
  "--unstable-net",
  "--no-prompt",
  "--no-lock",
  "--no-code-cache",
  "-P=banjo",
];

async function v8Flags(): Promise<string> {
  return (await Deno.readTextFile(new URL("packaging/v8-flags", checkout))).trim();
}

const checkout = new URL("../", import.meta.url);
let made: Promise<string> | undefined;

/** A folder with the bundle, its permissions and Deno, which every user may read; made once for each file of tests. */
function program(): Promise<string> {
  return made ??= makeProgram();
}

async function makeProgram(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-program-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const task = ["task", "--quiet", "bundle", "--outdir", `${folder}/program`];
  await must(["env", "-C", checkout.pathname, Deno.execPath(), ...task]);
  await placeDeno(folder);
  const { permissions } = JSON.parse(await Deno.readTextFile(new URL("deno.json", checkout)));
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ permissions }));
  await Deno.chmod(folder, 0o755);
  return folder;
}
