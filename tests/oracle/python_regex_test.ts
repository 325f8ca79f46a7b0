/** Translated patterns beside Python's own `re`, on what fail2ban's tests search and on what comes close to it. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { testAsRoot } from "../root.ts";
import { Python, type Search } from "./python.ts";
import { tookByPython, Translated } from "./translated.ts";
import type { Subject } from "../../lib/fail2ban/python_regex.ts";

const NEEDS = { programs: ["fail2ban-regex"] };
/** The same changes each time, unless others are asked for. */
const SEED = Number(Deno.env.get("SEED") ?? 20261120);

/** The searches of one pattern. */
interface Searched {
  readonly pattern: string;
  readonly multiline: boolean;
  readonly subject: Subject;
  readonly texts: readonly string[];
}

function byPattern(searches: readonly Search[]): readonly Searched[] {
  const groups = Map.groupBy(searches, ([pattern, multiline]) => `${multiline} ${pattern}`);
  return [...groups.values()].map((group) => {
    const [pattern, multiline] = group[0]!;
    const texts = group.map(([, , text]) => text);
    const isBlock = texts.some((text) => text.slice(0, -1).includes("\n"));
    return { pattern, multiline, texts, subject: multiline ? "lines" : isBlock ? "block" : "line" };
  });
}

/** Compares all; returns how many searches matched. */
async function compare(python: Python, searched: Searched): Promise<number> {
  const { pattern, multiline, subject, texts } = searched;
  const translated = new Translated(pattern, subject);
  const found = await python.search(pattern, multiline, texts);
  if ("error" in found) throw new Error(`${pattern}: ${found.error}`);
  let matched = 0;
  texts.forEach((text, index) => {
    const spans = found.matches[index]!;
    if (spans === "timeout") return;
    const expected = spans === null ? null : tookByPython(text, spans, found.names);
    if (expected !== null) matched++;
    assertEquals(translated.search(text), expected, `${pattern}\n${translated.pattern}\n${text}`);
  });
  return matched;
}

testAsRoot(
  "translated patterns find in fail2ban's sample logs what they find in Python",
  NEEDS,
  async () => {
    await using python = new Python();
    const all = byPattern(await python.sampleSearches());
    let matched = 0;
    for (const searched of all) matched += await compare(python, searched);
    assertEquals(all.length > 200 && matched > 1000, true);
  },
);

/** What makes a sample something else; no character of which Python and ECMAScript think differently. */
const noise = fc.oneof(
  fc.constantFrom(..." \t\r\\\"'`<>()[]{}:;,.=/-_@#%&*+?^$|~!0123456789azAZ".split("")),
  fc.constantFrom(
    "é",
    "ß",
    "я",
    "漢",
    "\u2028",
    "192.0.2.7",
    "::1",
    "  ",
    "from",
  ),
);
const change = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), text: noise }),
  fc.record({ kind: fc.constant("replace" as const), at: fc.nat(), text: noise }),
  fc.record({
    kind: fc.constant("delete" as const),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant("repeat" as const),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 9 }),
  }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(text: string, change: Change): string {
  const line = text.replace(/\n$/, "");
  const at = change.at % (line.length + 1);
  const [before, behind] = [line.slice(0, at), line.slice(at)];
  switch (change.kind) {
    case "insert":
      return `${before}${change.text}${behind}\n`;
    case "replace":
      return `${before}${change.text}${behind.slice(1)}\n`;
    case "delete":
      return `${before}${behind.slice(change.length)}\n`;
    case "cut":
      return `${before}\n`;
    case "repeat":
      return `${before}${behind.slice(0, change.length)}${behind}\n`;
  }
}

testAsRoot(
  "translated patterns find in changed sample logs what they find in Python",
  NEEDS,
  async () => {
    await using python = new Python();
    const all = byPattern(await python.sampleSearches());
    let matched = 0;
    const changes = fc.array(fc.tuple(fc.nat(), fc.array(change, { minLength: 1, maxLength: 3 })), {
      minLength: 40,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (changes) => {
        for (const searched of all) {
          const { pattern } = searched;
          const texts = changes.map(([index, list]) => {
            const text = list.reduce(changed, searched.texts[index % searched.texts.length]!);
            // Words end between letters of ASCII and others in ECMAScript.
            return pattern.includes("\\b") ? text.replace(/[^\0-\x7f]/g, "x") : text;
          });
          matched += await compare(python, { ...searched, texts });
        }
      }),
      { numRuns: 2, seed: SEED, endOnFailure: true },
    );
    assertEquals(matched > 1000, true);
  },
);
