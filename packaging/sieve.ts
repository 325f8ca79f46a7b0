/** Compiles the search over a log's bytes: `deno task sieve` writes it to where the program takes it from. */
import { main } from "assemblyscript/asc";

const SOURCE = new URL("../lib/filter/sieve.as.ts", import.meta.url);
const CODE = new URL("../lib/filter/sieve_code.ts", import.meta.url);

/** The text of `lib/filter/sieve_code.ts`. */
export async function compileSieve(): Promise<string> {
  const source = await Deno.readTextFile(SOURCE);
  let code: Uint8Array = new Uint8Array();
  let words = "";
  const { error } = await main(
    [
      ...["sieve.ts", "--outFile=sieve.wasm", "--runtime=stub", "--importMemory"],
      ...["-O3", "--noAssert", "--enable=simd,bulk-memory"],
    ],
    {
      readFile: (name) => name === "sieve.ts" ? source : null,
      writeFile: (_name, contents) => void (code = contents as Uint8Array),
      listFiles: () => [],
      stderr: { write: (text) => void (words += text) },
    },
  );
  if (error !== null) throw new Error(`Cannot compile ${SOURCE.pathname}: ${words}`);
  return "/** `sieve.as.ts`, compiled by `deno task sieve`: a WebAssembly module in base64. */\n" +
    `export const SIEVE =\n  "${code.toBase64()}";\n`;
}

if (import.meta.main) await Deno.writeTextFile(CODE, await compileSieve());
