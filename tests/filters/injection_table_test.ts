import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { FilterDefinition, Sample } from "../../lib/filter/definition.ts";
import { compileFilter, type Filter, type Pattern } from "../../lib/filter/filter.ts";
import { withOptions } from "../../lib/filter/options.ts";
import type { Node } from "../../lib/filter/regex_ast.ts";
import { BYSTANDER, FRAGMENTS } from "./hostile.ts";
import { hostsOf, NOW, shippedConfig, shippedFilter } from "./shipped.ts";

// Every sample of a shipped filter that matches, with each of its fields filled with log-shaped text that names another
// address: with each fragment, and with parts of the sample itself. A field is what a repeat of the pattern took; how
// services escape what clients send is not asked here but in injection_test.ts, so any text that the repeat takes counts.

const CONTEXT = { now: NOW, live: false };

for (const name of shippedConfig.filters.keys()) {
  Deno.test(`${name}: no text in any field of its samples has another address blamed`, () => {
    assertEquals(forgeriesIn(shippedFilter(name)), []);
  });
}

Deno.test("the table shows a filter that is unsafe", () => {
  const failregex = [String.raw`^Failed password for .*? from <ADDR> port`];
  const forgeries = forgeriesIn({ ...shippedFilter("sshd"), failregex });
  assertNotEquals(forgeries, []);
  assertMatch(
    forgeries[0]!,
    /Failed password for .* from 203\.0\.113\.9 port .* from 192\.0\.2\.7 port/,
  );
});

/** Lines made from the samples that have the bystander blamed. */
function forgeriesIn(definition: FilterDefinition): readonly string[] {
  return definition.samples.filter(({ match }) => match).flatMap((sample) => {
    const filter = compileFilter(withOptions(definition, sample.options ?? {}));
    const whole = sample.line ?? sample.message!;
    const texts = textsFor(whole, sample.host!);
    return fieldsOf(filter, definition, sample).flatMap(({ start, end, accepts }) =>
      texts.filter(accepts).map((text) => whole.slice(0, start) + text + whole.slice(end))
        .filter((line) => {
          const { findings } = filter.explain(entryOf(definition, sample, line), CONTEXT);
          return hostsOf(findings).includes(BYSTANDER);
        })
    );
  });
}

/** A part of a sample that a repeat of its pattern took. */
interface Field {
  readonly start: number;
  readonly end: number;
  readonly accepts: (text: string) => boolean;
}

function fieldsOf(filter: Filter, definition: FilterDefinition, sample: Sample): readonly Field[] {
  const whole = sample.line ?? sample.message!;
  const { text = "", date, patterns } = filter.explain(
    entryOf(definition, sample, whole),
    CONTEXT,
  );
  const pattern = filter.failregex[patterns.findIndex(({ matched }) => matched)];
  if (pattern === undefined) return [];
  // Where in the sample a place of what the pattern saw is: behind the date and the header, which were cut off.
  const cut = date === undefined ? 0 : date.end - date.start;
  const header = whole.length - cut - text.length;
  const placeOf = (at: number) => {
    const place = at + header;
    return date !== undefined && place >= date.start ? place + cut : place;
  };
  return repeatsIn(pattern.root).flatMap((repeat) => {
    const span = spanOf(pattern, repeat, text);
    if (span === undefined) return [];
    const taken = new RegExp(`^(?:${pattern.expanded.slice(repeat.start, repeat.end)})$`, "s");
    const accepts = (other: string) => taken.test(other);
    return [{ start: placeOf(span[0]), end: placeOf(span[1]), accepts }];
  });
}

/** Repeats without a bound that matters, the outermost first. */
function repeatsIn(node: Node): readonly Node[] {
  switch (node.kind) {
    case "quantifier":
      return node.max > 8 ? [node, ...repeatsIn(node.body)] : repeatsIn(node.body);
    case "group":
      return node.name === "addr" ? [] : repeatsIn(node.body);
    case "sequence":
      return node.items.flatMap(repeatsIn);
    case "alternation":
      return node.branches.flatMap(repeatsIn);
    default:
      return [];
  }
}

/** Where in a text that a pattern matches one part of the pattern did. */
function spanOf({ expanded }: Pattern, { start, end }: Node, text: string) {
  const marked = `${expanded.slice(0, start)}(?<marked>${expanded.slice(start, end)})${
    expanded.slice(end)
  }`;
  return new RegExp(marked, "ds").exec(text)?.indices?.groups?.["marked"];
}

/** Log-shaped texts: fragments, and what stands around the address in the line itself. */
function textsFor(line: string, host: string): readonly string[] {
  const at = line.indexOf(host);
  if (at < 0) return FRAGMENTS;
  const ends = [0, 1, 5, 30, 1000];
  const own = ends.flatMap((before) =>
    ends.map((behind) =>
      line.slice(Math.max(0, at - before), at) + BYSTANDER +
      line.slice(at + host.length, at + host.length + behind)
    )
  );
  return [...FRAGMENTS, ...own, ...own.map((text) => `x${text}`), ...own.map((text) => `${text} `)];
}

function entryOf(
  { syslogIdentifier: [identifier] }: FilterDefinition,
  sample: Sample,
  text: string,
) {
  if (sample.line !== undefined) return { time: undefined, text };
  return { time: NOW, text, ...(identifier && { identifier }) };
}
