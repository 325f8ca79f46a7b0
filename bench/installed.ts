/** banjo as install.sh puts it on a server, but in a folder of its own. */
import { must } from "../tests/network.ts";

/** The folder of the source. */
export const ROOT = new URL("..", import.meta.url).pathname;

/** Where the logs and the program of the benchmarks go. */
export const DATA = `${ROOT}bench/data`;

/** Builds the bundle anew and puts it beside the launcher, V8's flags and Deno. Gives the program's path. */
export async function install(): Promise<string> {
  const lib = `${DATA}/installed`;
  await Deno.mkdir(lib, { recursive: true });
  await Deno.remove(`${lib}/program`, { recursive: true }).catch(() => {});
  await must([
    Deno.execPath(),
    "task",
    "--quiet",
    "--cwd",
    ROOT,
    "bundle",
    "--outdir",
    `${lib}/program`,
  ]);
  await Deno.copyFile(`${ROOT}packaging/v8-flags`, `${lib}/v8-flags`);
  await Deno.copyFile(Deno.execPath(), `${lib}/deno`);
  const launcher = await Deno.readTextFile(`${ROOT}packaging/launcher.sh`);
  if (!launcher.includes(`\nlib=${INSTALLED}\n`)) {
    throw new Error("Cannot find lib= in launcher.sh");
  }
  await Deno.writeTextFile(
    `${lib}/banjo`,
    launcher.replace(`\nlib=${INSTALLED}\n`, `\nlib=${lib}\n`),
  );
  await Deno.chmod(`${lib}/banjo`, 0o755);
  // As install.sh does, so that Deno has gone through the bundle once.
  await must([`${lib}/banjo`, "run", "--help"]);
  return `${lib}/banjo`;
}

const INSTALLED = "/usr/local/lib/banjo";
