import { assertEquals } from "@std/assert";
import { checkSamples, formatProblem, loadConfig } from "../../lib/config/mod.ts";

Deno.test("docs/filters.md: its example is a filter, and its samples come out as they say", async () => {
  const guide = await Deno.readTextFile(new URL("../../docs/filters.md", import.meta.url));
  const [, example] = /```toml\n([^]*?)```/.exec(guide)!;
  const dir = await Deno.makeTempDir({ prefix: "banjo-guide-" });
  try {
    await Deno.mkdir(`${dir}/filters`);
    await Deno.writeTextFile(`${dir}/filters/my-app.toml`, example!);
    const { filters, problems } = await loadConfig(dir);
    const filter = filters.get("my-app")!;
    assertEquals(problems.map(formatProblem), []);
    assertEquals(filter.samples.length, 2);
    assertEquals(checkSamples(filter), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
