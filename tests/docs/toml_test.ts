/** The TOML in the documentation, read as the agent reads it. */
import { assert, assertEquals } from "@std/assert";
import { checkSamples, formatProblem, loadConfig } from "../../lib/config/mod.ts";
import type { FilterDefinition } from "../../lib/filter/definition.ts";
import { type Block, readPages } from "./pages.ts";

Deno.test("every configuration in the documentation is right, and its samples come out as they say", async () => {
  let count = 0;
  for (const { blocks } of await readPages()) {
    const files = new Map<string, string>();
    for (const block of blocks.filter(({ language }) => language === "toml")) {
      // A page's files are there together; a block that is none stands alone.
      const [path, text] = fileOf(block);
      if (block.file !== undefined) files.set(path, text);
      await assertRight(block, new Map(block.file === undefined ? [[path, text]] : files));
      count++;
    }
  }
  assert(count > 10, String(count));
});

async function assertRight(
  { page, line }: Block,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const place = `${page}:${line}`;
  const folder = await Deno.makeTempDir({ prefix: "banjo-docs-" });
  try {
    for (const [path, text] of files) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    const own: FilterDefinition[] = [];
    const { problems } = await loadConfig(folder, { inspect: (filter) => own.push(filter) });
    assertEquals(problems.map(formatProblem), [], place);
    for (const filter of own) assertEquals(checkSamples(filter), [], place);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The file that a block stands for: its own, or what makes a whole one of it. */
function fileOf({ text, file, page, line }: Block): readonly [path: string, text: string] {
  if (file !== undefined) {
    assert(file.startsWith("/etc/banjo/"), `${page}:${line}: ${file} is no file of banjo's`);
    return [file.slice("/etc/banjo/".length), text];
  }
  if (/^\[(?:defaults|agent|notify)/m.test(text)) return ["banjo.toml", text];
  if (/^failregex/m.test(text.split(/^\[/m)[0]!)) return ["filters/example.toml", text];
  if (/^\[/m.test(text)) return ["jails/example.toml", text];
  const rest = /^(?:files|journalmatch|banned_by)\b/m.test(text) ? "" : "files = '/var/log/a.log'";
  return ["jails/example.toml", `[example]\nfailregex = '^x <ADDR>$'\n${rest}\n${text}`];
}
