/** What is written by a program from the commands and the schema: manual pages, the list of commands, JSON Schemas. */
import { loadCommands } from "../../lib/cli/commands.ts";
import { commandsText } from "./commands.ts";
import { editorSchemas } from "./editor_schemas.ts";
import { commandPage, overviewPage } from "./man.ts";
import { formatPages } from "./man_formats.ts";

/** The texts by their paths in the checkout. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const commands = await loadCommands();
  return new Map([
    ["docs/commands.md", commandsText(commands)],
    ["docs/man/banjo.1", overviewPage(commands)],
    ...commands.map((command) =>
      [`docs/man/banjo-${command.name}.1`, commandPage(command)] as const
    ),
    ...Object.entries(formatPages()).map(([name, page]) => [`docs/man/${name}.5`, page] as const),
    ...Object.entries(editorSchemas()).map(([name, schema]) =>
      [`docs/schema/${name}.json`, JSON.stringify(schema, null, 2) + "\n"] as const
    ),
  ]);
}

if (import.meta.main) {
  const checkout = new URL("../../", import.meta.url);
  for (const folder of ["docs/man", "docs/schema"]) {
    await Deno.remove(new URL(folder, checkout), { recursive: true }).catch(() => {});
    await Deno.mkdir(new URL(folder, checkout));
  }
  for (const [path, text] of await documents()) {
    await Deno.writeTextFile(new URL(path, checkout), text);
  }
}
