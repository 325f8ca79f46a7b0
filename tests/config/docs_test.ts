import { assert, assertEquals } from "@std/assert";
import { foreignKeys } from "../../lib/config/foreign_keys.ts";
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  journalKeys,
  type Keys,
  notifyKeys,
  sampleKeys,
  tableType,
} from "../../lib/config/schema.ts";

const TEXT = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));

Deno.test("docs/configuration.md has a row for every key, and for no other", () => {
  const tables = { jailKeys, incrementKeys, filterKeys, sampleKeys, agentKeys, notifyKeys };
  const headings = {
    jailKeys: "## Jail",
    incrementKeys: "### `bantime_increment`",
    filterKeys: "## Filter",
    sampleKeys: "Each `[[samples]]` table has:",
    agentKeys: "## `[agent]`",
    notifyKeys: "## `[notify.NAME]`",
  };
  for (const [name, keys] of Object.entries(tables)) {
    const heading = headings[name as keyof typeof headings];
    const table = TEXT.slice(TEXT.indexOf(`\n${heading}\n`)).split("\n\n").find((part) =>
      part.startsWith("| Key")
    );
    const rows = new Map(
      [...table!.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map((
        [, key, initial],
      ) => [key!, initial!]),
    );
    assertEquals([...rows.keys()].toSorted(), Object.keys(keys).toSorted(), heading);
    for (const [key, type] of Object.entries(typesOf(keys))) {
      if (type.default === undefined) continue;
      assertEquals(rows.get(key)!.replaceAll("`", ""), JSON.stringify(type.default), key);
    }
  }
  for (const key of Object.keys(journalKeys)) assert(TEXT.includes(`\`${key}\``), key);
});

Deno.test("docs/coming-from-fail2ban.md speaks of every key that fail2ban's users write by habit", async () => {
  const page = new URL("../../docs/coming-from-fail2ban.md", import.meta.url);
  const text = await Deno.readTextFile(page);
  assertEquals([...foreignKeys.keys()].filter((key) => !text.includes(`\`${key}\``)), []);
});

function typesOf(keys: Keys): Readonly<Record<string, { readonly default?: unknown }>> {
  return (tableType(keys) as { properties: Record<string, { default?: unknown }> }).properties;
}
