import { assert, assertEquals } from "@std/assert";
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  journalKeys,
  sampleKeys,
} from "../../lib/config/schema.ts";

const TEXT = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));

Deno.test("docs/configuration.md has a row for every key, and for no other", () => {
  const tables = { jailKeys, incrementKeys, filterKeys, sampleKeys, agentKeys };
  const headings = {
    jailKeys: "## Jail",
    incrementKeys: "### `bantime_increment`",
    filterKeys: "## Filter",
    sampleKeys: "Each `[[samples]]` table has:",
    agentKeys: "## `[agent]`",
  };
  for (const [name, keys] of Object.entries(tables)) {
    const heading = headings[name as keyof typeof headings];
    const table = TEXT.slice(TEXT.indexOf(`\n${heading}\n`)).split("\n\n").find((part) =>
      part.startsWith("| Key")
    );
    const rows = [...table!.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key);
    assertEquals(rows.toSorted(), Object.keys(keys).toSorted(), heading);
  }
  for (const key of Object.keys(journalKeys)) assert(TEXT.includes(`\`${key}\``), key);
});
