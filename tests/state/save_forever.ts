/** Saves without end, for a test that kills it: each save counts one more failure and has one more ban in its history. */
import { Store } from "../../lib/state/mod.ts";
import { banOf, instantOf } from "./instants.ts";

// Of a length at which a new one begins every few saves.
const store = await Store.open(Deno.args[0]!, { file: 1_000, kept: 1e9 });
const loaded = await store.load();
if (loaded.kind === "lost") throw new Error(loaded.reason);
let count = loaded.kind === "loaded" ? loaded.snapshot.jails["test"]!.jail.failed : 0;
for (;;) {
  count++;
  store.appendHistory([banOf(count)]);
  await store.save(() => instantOf(count));
  await Deno.stdout.write(new TextEncoder().encode(`${count}\n`));
}
