import { assertEquals } from "@std/assert";
import { checkSamples, formatProblem, loadConfig, shipped } from "../../lib/config/mod.ts";

Deno.test("shipped holds every filter and jail of the source", () => {
  for (const folder of ["filters", "jails"] as const) {
    const source = new URL(`../../${folder}/`, import.meta.url);
    const files = [...Deno.readDirSync(source)].map(({ name }) => name)
      .filter((name) => name.endsWith(".toml"));
    assertEquals(Object.keys(shipped[folder]).map((name) => `${name}.toml`).sort(), files.sort());
    for (const [name, text] of Object.entries(shipped[folder])) {
      assertEquals(text, Deno.readTextFileSync(new URL(`${name}.toml`, source)), name);
    }
  }
});

Deno.test("shipped filters and jails have no faults, and all jails are off", async () => {
  const config = await loadConfig("/nonexistent/banjo", { isOptional: true });
  assertEquals(config.problems.map(formatProblem), []);
  assertEquals([...config.filters.keys()].sort(), Object.keys(shipped.filters).sort());
  assertEquals(config.jails.size, Object.keys(shipped.jails).length);
  for (const { name, enabled } of config.jails.values()) assertEquals(enabled, false, name);
});

Deno.test("shipped jails are complete: each only needs to be switched on", async () => {
  const config = await loadConfig("/nonexistent/banjo", {
    isOptional: true,
    overrides: ["enabled=true"],
  });
  assertEquals(config.problems.map(formatProblem), []);
  for (const { name, enabled } of config.jails.values()) assertEquals(enabled, true, name);
});

Deno.test("shipped filters do with their samples what these say", async () => {
  const { filters } = await loadConfig("/nonexistent/banjo", { isOptional: true });
  for (const filter of filters.values()) {
    assertEquals(checkSamples(filter), [], filter.name);
    assertEquals(filter.samples.length >= 6, true, `${filter.name} has fewer than six samples`);
    assertEquals(filter.samples.some(({ match }) => !match), true, `${filter.name}: no near miss`);
  }
});
