import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { JournalJson } from "../../lib/sources/journal_json.ts";
import { ENTRY_FIELDS, makeEntry } from "../../lib/sources/journal_entry.ts";
import { wholeLines } from "../../lib/sources/whole_lines.ts";

const WANTED = ["_SYSTEMD_UNIT", "_UID", "_PID"];
const encoder = new TextEncoder();

/** Names of fields: wanted ones, ones of the same length, and what JavaScript has names for. */
const names = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ENTRY_FIELDS, ...WANTED) },
  fc.constantFrom(
    "_BOOT_ID",
    "_GID",
    "_CPU",
    "MESSAGF",
    "__proto__",
    "toString",
    "",
    "NAME\\",
    'A"B',
  ),
  fc.string({ unit: "grapheme" }),
);

/** What somebody writes who wants to be taken for the journal itself. */
const forgeries = fc.constantFrom(
  '"__CURSOR" : "forged"',
  '","__CURSOR":"forged","MESSAGE":"',
  '"}\n{"__CURSOR":"forged","__REALTIME_TIMESTAMP":"1"',
  '\\","__CURSOR":"forged',
  '"',
  "\\",
  "\\u0022",
  "\u2028\u0000\u007f\ufeff\ud800",
  "{}[],:",
);

const strings = fc.oneof(
  fc.stringMatching(/^[ -~]{0,40}$/),
  forgeries,
  fc.array(forgeries).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
  fc.integer().map(String),
);

const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 9 });
const values = fc.oneof(
  { weight: 8, arbitrary: strings },
  fc.constant(null),
  bytes,
  fc.array(fc.oneof(strings, bytes, fc.constant(null)), { maxLength: 3 }),
  fc.jsonValue(),
);

/** An object of JSON in which a name may stand twice, with blanks or without. */
const objects = fc.tuple(
  fc.array(fc.tuple(names, values), { maxLength: 8 }),
  fc.tuple(strings, fc.integer({ min: 0 })),
  fc.constantFrom("", "", "", " ", "\t"),
  fc.boolean(),
).map(([pairs, [cursor, time], blank, isEscaped]) => {
  const all = [["__CURSOR", cursor], ["__REALTIME_TIMESTAMP", `${time}`], ...pairs];
  const written = all.map(([name, value]) =>
    `${JSON.stringify(name)}${blank}:${blank}${JSON.stringify(value)}`
  ).join(`,${blank}`);
  const line = `{${written}}`;
  return isEscaped ? line.replaceAll(/[^\x20-\x7e]/g, escaped) : line;
});

/** Lines as journalctl prints them, and such lines maimed. */
const lines = fc.oneof(
  { weight: 4, arbitrary: objects },
  fc.tuple(objects, fc.nat(), fc.nat(), strings).map(([line, from, length, text]) => {
    const start = from % line.length;
    return line.slice(0, start) + text.replaceAll("\n", " ") + line.slice(start + length % 9);
  }),
  strings.map((text) => text.replaceAll("\n", " ")),
);

Deno.test("JournalJson reads every line as JSON.parse does, whatever else stands in the block", () => {
  const read = new JournalJson(WANTED);
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 5 }), (some) => {
      const block = encoder.encode(some.map((line) => line + "\n").join(""));
      const malformed: string[] = [];
      const entries = read.read(block, (line) => malformed.push(line));
      const seen = some.map((line) =>
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoder.encode(line))
      );
      assertEquals(entries, seen.map(expected).filter((entry) => entry !== undefined));
      assertEquals(malformed, seen.filter((line) => expected(line) === undefined));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("JournalJson takes no entry for one whose time is none", () => {
  for (const time of ["8640000000000001000", "1e400", "-1e30", "soon", "NaN"]) {
    const line = JSON.stringify({ __CURSOR: "s=1", __REALTIME_TIMESTAMP: time, MESSAGE: "x" });
    const malformed: string[] = [];
    const entries = new JournalJson([]).read(
      encoder.encode(`${line}\n`),
      (text) => malformed.push(text),
    );
    assertEquals([entries, malformed], [[], [line]], time);
  }
});

Deno.test("JournalJson never takes a message's text for a field", () => {
  const json = new JournalJson([]);
  fc.assert(
    fc.property(fc.array(forgeries, { maxLength: 4 }), strings, (parts, rest) => {
      const text = parts.join("") + rest;
      const line = JSON.stringify({ MESSAGE: text, __CURSOR: "own", __REALTIME_TIMESTAMP: "5000" });
      const [entry] = json.read(encoder.encode(line + "\n"), () => {});
      assertEquals({ cursor: entry?.cursor, time: entry?.time }, { cursor: "own", time: 5 });
      assertEquals(entry?.text, text);
    }),
  );
});

Deno.test("wholeLines gives the same lines however they come in pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "))),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      fc.string().map((text) => text.replaceAll("\n", " ")),
      async (lines, sizes, rest) => {
        const bytes = encoder.encode(lines.map((line) => `${line}\n`).join("") + rest);
        let got = "";
        const options = { longest: 1000, onOversized: () => {} };
        for await (const block of wholeLines(streamOf(bytes, sizes), options)) {
          assertEquals(block.at(-1), 10);
          got += new TextDecoder("utf-8", { ignoreBOM: true }).decode(block);
        }
        assertEquals(got, lines.map((line) => `${line.toWellFormed()}\n`).join(""));
      },
    ),
  );
});

Deno.test("wholeLines passes over a line that is too long, and keeps its neighbours", async () => {
  for (const size of [1000, 70_000, 300_000]) {
    const bytes = encoder.encode(`before\n${"x".repeat(400_000)}\nafter\nend\n`);
    let count = 0;
    let got = "";
    const options = { longest: 300_000, onOversized: () => count++ };
    for await (const block of wholeLines(streamOf(bytes, [size]), options)) {
      got += new TextDecoder().decode(block);
    }
    assertEquals({ size, count, got }, { size, count: 1, got: "before\nafter\nend\n" });
  }
});

/** What a line comes to by JSON.parse alone. */
function expected(line: string): ReturnType<typeof makeEntry> {
  let object: Record<string, unknown>;
  try {
    object = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof object !== "object" || object === null) return undefined;
  const value = (name: string) =>
    Object.hasOwn(object, name) ? textOf(object[name], name === "MESSAGE") : undefined;
  const fields = WANTED.flatMap((name) => {
    const text = value(name);
    return text === undefined ? [] : [[name, text]];
  });
  return makeEntry(ENTRY_FIELDS.map(value), Object.fromEntries(fields));
}

function textOf(value: unknown, isMessage: boolean): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  if (value.length === 0 || typeof value[0] === "number") {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(value));
  }
  return isMessage ? value.map((one) => textOf(one, true)).join("\n") : textOf(value[0], false);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A stream of these bytes in pieces of these sizes, over and over. */
function streamOf(
  bytes: Uint8Array,
  sizes: readonly number[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const end = Math.min(bytes.length, at + sizes[turn++ % sizes.length]!);
      if (at < end) controller.enqueue(bytes.slice(at, end));
      at = end;
      if (at === bytes.length) {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
  });
}
