/** The command line: picks a command, nothing more. */
import { main } from "./lib/cli/mod.ts";

Deno.exit(await main(Deno.args));
