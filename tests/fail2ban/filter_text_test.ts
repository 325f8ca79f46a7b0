import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parseFilter } from "../../lib/config/mod.ts";
import { printFilter } from "../../lib/fail2ban/filter_text.ts";
import { foldParts } from "../../lib/fail2ban/fold.ts";
import { Options } from "../../lib/filter/options.ts";

function variant(failregex: readonly string[], prefregex?: string) {
  const pre = prefregex === undefined ? [] : [{ key: "prefregex", value: prefregex }];
  return { entries: [...pre, { key: "failregex", value: failregex }], notes: [] };
}

/** What the failregex of a filter's text stand for in a mode. */
function patternsOf(text: string, options: Record<string, string> = {}) {
  const { filter } = parseFilter("x.toml", text);
  if (filter === undefined) throw new Error(`This is no filter:\n${text}`);
  const all = new Options({ ...filter.options, ...options });
  return filter.failregex.flatMap((pattern) => all.patterns(pattern));
}

Deno.test("parts that have a name become options, the longest first", () => {
  const prefix = String.raw`(?:\S+\s+)?(?:sshd\[\d+\]:\s+)?`;
  const parts = new Map([["prefix", prefix], ["inner", prefix.slice(11)], ["short", "from"]]);
  const patterns = [`^${prefix}bad from <HOST>$`, `^${prefix}worse from <HOST>$`];
  const text = printFilter({ variants: new Map([["", variant(patterns)]]), usual: "" }, parts);
  assertStringIncludes(text, '"^<prefix>bad from <HOST>$"');
  assertStringIncludes(text, `[options]\nprefix = '${prefix}'\n`);
  assertEquals(text.includes("inner"), false);
  assertEquals(patternsOf(text), patterns);
});

Deno.test("modes share what they have in common", () => {
  const variants = new Map([
    ["normal", variant(["^first <HOST>$", "^one <HOST>$", "^last <HOST>$"])],
    ["strict", variant(["^first <HOST>$", "^two <HOST>$", "^three <HOST>$", "^last <HOST>$"])],
    ["none", variant(["^first <HOST>$", "^last <HOST>$"])],
  ]);
  const text = printFilter({ variants, usual: "normal" }, new Map());
  assertStringIncludes(text, 'mode = "normal"');
  for (const [mode, { entries }] of variants) {
    assertEquals(patternsOf(text, { mode }), entries[0]!.value as string[], mode);
  }
  assertEquals(patternsOf(text), ["^first <HOST>$", "^one <HOST>$", "^last <HOST>$"]);
  assertEquals(text.match(/\^first/g)?.length, 1);
});

Deno.test("modes that differ in more than patterns are not put together", () => {
  const variants = new Map([
    ["normal", variant(["^one <HOST>$"])],
    ["strict", variant(["^one <HOST>$"], "^<F-CONTENT>.*</F-CONTENT>$")],
  ]);
  const text = printFilter({ variants, usual: "normal" }, new Map());
  assertEquals(text, 'failregex = ["^one <HOST>$"]\n');
});

Deno.test("whatever is folded unfolds to the same", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "<", ">", "-"), minLength: 14 });
  const name = fc.stringMatching(/^[a-z]{1,3}$/);
  fc.assert(fc.property(
    fc.array(word, { minLength: 1 }),
    fc.array(fc.tuple(name, word)),
    (texts, list) => {
      const parts = new Map(list.map(([name, part]) => [name, part + part] as const));
      const whole = texts.map((text, index) => text + (list[index]?.[1] ?? "").repeat(3) + text);
      const variants = new Map([["", variant(whole.map((text) => `^<HOST>${text}`))]]);
      const text = printFilter({ variants, usual: "" }, parts);
      const { filter } = parseFilter("x.toml", text);
      // Tags that make no sense are a fault of the pattern, folded or not.
      if (filter === undefined) return;
      const options = new Options(filter.options);
      const found = filter.failregex.flatMap((pattern) => options.patterns(pattern));
      assertEquals(found, whole.map((text) => `^<HOST>${text}`));
    },
  ));
});

Deno.test("a part that is a whole pattern stays one", () => {
  const part = "^something quite long <HOST>$";
  assertEquals(foldParts([part], new Map([["part", part]])).used.size, 0);
});
