/** Compiles the search over a log's bytes: `deno task sieve` writes it to where the program takes it from. */
const SOURCE = new URL("../lib/filter/sieve.as.ts", import.meta.url).pathname;
const CODE = new URL("../lib/filter/sieve_code.ts", import.meta.url).pathname;
/** Its own: whoever installs banjo fetches all that deno.lock names, and the compiler has 100 MB. */
const LOCK = new URL("sieve.lock", import.meta.url).pathname;

/** The text of `lib/filter/sieve_code.ts`. */
export async function compileSieve(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const target = `${folder}/sieve.wasm`;
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-config", `--lock=${LOCK}`, "--frozen", "--allow-all"],
        ...["npm:assemblyscript@0.28.20/asc", SOURCE, "--baseDir=/", `--outFile=${target}`],
        ...["--runtime=stub", "--importMemory", "-O3", "--noAssert", "--enable=simd,bulk-memory"],
      ],
    }).output();
    if (!success) throw new Error(`Cannot compile ${SOURCE}: ${new TextDecoder().decode(stderr)}`);
    const code = (await Deno.readFile(target)).toBase64();
    return "/** `sieve.as.ts`, compiled by `deno task sieve`: a WebAssembly module in base64. */\n" +
      `export const SIEVE =\n  "${code}";\n`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await Deno.writeTextFile(CODE, await compileSieve());
