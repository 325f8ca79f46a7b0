/** Generated patterns: translated beside Python's own `re`, in what they match and in what is no pattern. */
import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { translatePattern } from "../../lib/fail2ban/python_regex.ts";
import { nodesOf } from "../../lib/fail2ban/python_regex_ast.ts";
import { parsePattern } from "../../lib/fail2ban/python_regex_parser.ts";
import { Source } from "../../lib/fail2ban/python_regex_source.ts";
import { widthOf } from "../../lib/fail2ban/python_regex_width.ts";
import { testAsRoot } from "../root.ts";
import { Python } from "./python.ts";
import { tookByPython, Translated } from "./translated.ts";

const NEEDS = { programs: ["fail2ban-regex"] };

const atom = fc.constantFrom(
  "a",
  "b",
  "ab",
  " ",
  ".",
  "\\s",
  "\\S",
  "\\w",
  "\\d",
  "\\W",
  "\\b",
  "[ab]",
  "[^a]",
  "[]a]",
  "[^]b]",
  "[\\s-]",
  "[^\\w]",
  "\\x61",
  "\\142",
  "\\n",
  "$",
  "(?#c)",
  "\\-",
  "1",
);
const quantifier = fc.constantFrom("*", "+", "?", "{,2}", "{1,2}", "{2}", "*?", "+?", "??");
/** Behind an atom only: behind groups, Python 3.11 has faults in them. */
const possessive = fc.constantFrom("?+", "*+", "++", "{,2}+");

/** Patterns of which most are Python's. */
const { pattern } = fc.letrec<{ pattern: string; sequence: string; piece: string; group: string }>((
  tie,
) => ({
  pattern: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 }).map((branches) =>
    branches.join("|")
  ),
  sequence: fc.array(tie("piece"), { maxLength: 5 }).map((pieces) => pieces.join("")),
  piece: fc.oneof(
    { withCrossShrink: true },
    { arbitrary: atom, weight: 5 },
    { arbitrary: tie("group"), weight: 3 },
    {
      arbitrary: fc.oneof(
        fc.tuple(atom, fc.oneof(quantifier, possessive)),
        fc.tuple(tie("group"), quantifier),
      ).map((parts) => parts.join("")),
      weight: 3,
    },
  ),
  group: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.constantFrom("\\1", "\\2"),
    fc.tuple(
      fc.constantFrom(
        "(",
        "(",
        "(?:",
        "(?i:",
        "(?s:",
        "(?=",
        "(?!",
        "(?<=",
        "(?<!",
        "(?>",
        "(?(1)",
        "(?(2)",
      ),
      tie("pattern"),
    ).map(([open, body]) => `${open}${body})`),
  ),
}));

/**
 * With groups to which they can refer. A `^` stands at the start only: of one behind something lazy, V8's compiled code
 * makes that nothing matches.
 */
const patterns = fc.tuple(
  fc.constantFrom("", "^"),
  fc.constantFrom(
    "",
    "(a)?",
    "(?P<user>a|(b))",
    "(?:(a)|b)(?P<user>b)??",
    "(?:(?P<user>a|-)|b)*",
    "(?:1(?:(?P<user>a)|b| )[b-])+",
    "(?P<user>a(b)?)(?P=user)?",
  ),
  pattern,
).map((parts) => parts.join(""));

/** What only patterns have whose way of meeting the line feed at a text's end is their own. */
const AGAINST_LINE_FEED = /\(\?>|[*+?}]\+|\(\?<[=!]|\\b|\(\?[=!]/;

const text = fc.array(fc.constantFrom("a", "b", "A", "B", " ", "1", "-", "]", "\r"), {
  maxLength: 7,
})
  .map((letters) => letters.join(""));
const texts = fc.array(text, { minLength: 12, maxLength: 12 });

for (
  const [subject, sources, lineFeed] of [
    ["date", patterns, ""],
    ["line", patterns.filter((pattern) => !AGAINST_LINE_FEED.test(pattern)), "\n"],
  ] as const
) {
  testAsRoot(
    `generated patterns find in a ${subject} what they find in Python`,
    NEEDS,
    async () => {
      await using python = new Python();
      const counts = { matched: 0, invalid: 0, refused: 0 };
      const check = async (pattern: string, bare: readonly string[]) => {
        const texts = bare.map((text) => text + lineFeed);
        const found = await python.search(pattern, false, texts);
        const translation = translatePattern(pattern, subject);
        if ("error" in found) {
          counts.invalid++;
          assertEquals(translation.kind, "refused", `${pattern}: ${found.error}`);
        } else if (translation.kind === "refused") {
          counts.refused++;
          assertMatch(translation.reason, /lookaround|repetition|several ways/, pattern);
        } else {
          const translated = new Translated(pattern, subject);
          if (translation.notes.some(({ kind }) => kind === "differs")) return;
          if (repeatsNothing(pattern)) return;
          for (const [index, text] of texts.entries()) {
            const spans = found.matches[index]!;
            if (spans === "timeout") continue;
            const expected = spans === null ? null : tookByPython(text, spans, found.names);
            if (expected !== null) counts.matched++;
            const what = `${pattern} as ${translated.pattern} in ${JSON.stringify(text)}`;
            assertEquals(translated.search(text), expected, what);
          }
        }
      };
      await fc.assert(fc.asyncProperty(sources, texts, check), { numRuns: RUNS, seed: SEED });
      assertEquals(counts.matched > RUNS, true, JSON.stringify(counts));
    },
  );
}

/** Whether it repeats what can be empty: there ECMAScript looks for another way, and Python goes on. */
function repeatsNothing(pattern: string): boolean {
  const flags = { i: false, m: false, s: false, x: false, a: false };
  const { root } = parsePattern(new Source(pattern, "date"), flags);
  const unknown = () => ({ min: 0, max: Infinity });
  return [...nodesOf(root)].some((node) =>
    node.kind === "quantifier" && widthOf(node.body, unknown).min === 0
  );
}

const RUNS = Number(Deno.env.get("RUNS") ?? 2000);
const SEED = Number(Deno.env.get("SEED") ?? 20261120);
