import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { checkSamples, formatProblem } from "../../lib/config/mod.ts";
import { compileFilter } from "../../lib/filter/filter.ts";
import { shippedConfig, shippedFilter, variantsOf } from "./shipped.ts";

const names = namesIn("filters");

Deno.test("every filter and jail in the source is shipped, and none has a problem", () => {
  assertEquals(shippedConfig.problems.map(formatProblem), []);
  assertEquals([...shippedConfig.filters.keys()].sort(), names);
  assertEquals([...shippedConfig.jails.keys()].sort(), namesIn("jails"));
});

Deno.test("every shipped jail is off, and bans for a limited time", () => {
  for (const jail of shippedConfig.jails.values()) {
    assertEquals(jail.enabled, false, jail.name);
    assert(Number.isFinite(jail.bantime), jail.name);
  }
});

Deno.test("every shipped filter has a jail of its name with something to read", () => {
  for (const name of names) {
    const jail = shippedConfig.jails.get(name);
    assertEquals(jail?.filter.name, name);
    const sources = [...jail?.files ?? [], ...jail?.journalmatch ?? []];
    assertNotEquals(sources.length, 0, name);
  }
});

for (const name of names) {
  const filter = shippedFilter(name);

  Deno.test(`${name}: its samples come out as they say`, () => {
    assertEquals(checkSamples(filter), []);
  });

  Deno.test(`${name}: at least six samples, matches and near misses, IPv4 and IPv6`, () => {
    const hosts = filter.samples.flatMap(({ host }) => host ?? []);
    assert(filter.samples.length >= 6);
    assert(hosts.some((host) => host.includes(":")));
    assert(hosts.some((host) => host.includes(".")));
    assert(filter.samples.some(({ match }) => !match));
  });

  Deno.test(`${name}: its samples show every pattern at work`, () => {
    const patterns = [...filter.failregex, ...filter.ignoreregex];
    const needless = patterns.filter((pattern) => {
      const without = (all: readonly string[]) => all.filter((other) => other !== pattern);
      const rest = {
        ...filter,
        failregex: without(filter.failregex),
        ignoreregex: without(filter.ignoreregex),
      };
      return checkSamples(rest).length === 0 && !tellsOfSuccess(pattern);
    });
    assertEquals(needless, []);
  });

  Deno.test(`${name}: its samples name documentation addresses only`, () => {
    const documented = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/;
    const strangers = filter.samples.flatMap(({ host }) =>
      host === undefined || documented.test(host) ? [] : [host]
    );
    assertEquals(strangers, []);
  });

  Deno.test(`${name}: every failregex is anchored at the start`, () => {
    const patterns = variantsOf(filter).flatMap((variant) =>
      compileFilter(variant).failregex.map(({ source }) => source)
    );
    assertEquals(patterns.filter((pattern) => !pattern.startsWith("^")), []);
  });

  Deno.test(`${name}: every failregex runs in linear time`, () => {
    const compiled = variantsOf(filter).flatMap((variant) => compileFilter(variant).failregex);
    for (const { source, isLinear } of compiled) {
      // tests/run.sh starts V8 with its linear engine, without which nobody can tell.
      assert(isLinear, `${source}: ${isLinear === undefined ? "no linear engine" : "not linear"}`);
    }
  });
}

/** Such a pattern finds no failure; what it is for is tested with whole sessions. */
function tellsOfSuccess(pattern: string): boolean {
  return pattern.includes("<F-MLFGAINED>");
}

function namesIn(folder: string): string[] {
  const files = Deno.readDirSync(new URL(`../../${folder}`, import.meta.url));
  return [...files].map(({ name }) => name.replace(/\.toml$/, "")).sort();
}
