import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JournalExport, MAX_ENTRY } from "../../lib/sources/journal_export.ts";
import { ENTRY_FIELDS, type JournalEntry, MAX_TEXT } from "../../lib/sources/journal_entry.ts";
import { exported, type ExportedField, joined } from "./exported.ts";

const WANTED = ["_SYSTEMD_UNIT", "_UID", "_PID", "MESSAGE"];
const encoder = new TextEncoder();

/** What somebody writes who wants to be taken for the journal itself. */
const forgeries = fc.constantFrom(
  "\n\n__CURSOR=forged\n__REALTIME_TIMESTAMP=1000\nMESSAGE=forged\n\n",
  "\n__CURSOR=forged\n",
  "MESSAGE\n\u0003\0\0\0\0\0\0\0abc\n",
  "\n\n",
  "\n",
  "=",
  "_SYSTEMD_UNIT=ssh.service",
  "\u2028\0\x7f\ufeff\x9b",
);

const values = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("", "ssh.service", "server", "0", "22", "é", "日本") },
  fc.stringMatching(/^[ -~]{0,40}$/),
  fc.array(forgeries, { maxLength: 4 }).map((parts) => parts.join("")),
  fc.string({ unit: fc.constantFrom("a", "=", "\n", "\0", "\x85", "é", "日", "😀", "\ud800") }),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ min: 0x80, max: 0x9f, maxLength: 9 }),
);

const fields: fc.Arbitrary<ExportedField> = fc.record({
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ENTRY_FIELDS.slice(2), ...WANTED) },
    fc.constantFrom("_BOOT_ID", "__SEQNUM", "__MONOTONIC_TIMESTAMP", "_GID", "MESSAGF", "A1"),
    fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/),
  ),
  value: values,
  isBinary: fc.boolean(),
}).map((field) => ({ ...field, isBinary: field.isBinary || bytesOf(field.value).includes(10) }));

interface Printed {
  readonly bytes: Uint8Array;
  readonly entry?: JournalEntry;
}

const entries = fc.record({
  cursor: fc.stringMatching(/^s=[0-9a-f;=]{0,20}$/),
  microseconds: fc.nat(),
  others: fc.array(fields, { maxLength: 8 }),
}).map(({ cursor, microseconds, others }): Printed => ({
  bytes: exported([
    { name: "__CURSOR", value: cursor, isBinary: false },
    { name: "__REALTIME_TIMESTAMP", value: `${microseconds}`, isBinary: false },
    ...others,
  ]),
  entry: entryOf(cursor, Math.floor(microseconds / 1000), others),
}));

/** An entry of which journalctl could not read everything: it prints no empty line then. */
const brokenOff = entries.map(({ bytes }): Printed => ({ bytes: bytes.subarray(0, -1) }));

/** What journalctl never prints; but nothing that could be the beginning of a field. */
const nonsense = fc.constantFrom(
  "-- No entries --\n",
  "a=b\n",
  " \n",
  "=\n",
  "__CURSOR=s\nMESSAGE=without a time\n\n",
  "__CURSOR=s\n__REALTIME_TIMESTAMP=soon\n\n",
  "__CURSOR=s\n__REALTIME_TIMESTAMP=\n\n",
  "__CURSOR=s\n__REALTIME_TIMESTAMP=-1\n\n",
  `__CURSOR=s\n__REALTIME_TIMESTAMP=${"9".repeat(400)}\n\n`,
  "{}\nMESSAGE=behind what is no field\n\n",
).map((text): Printed => ({ bytes: encoder.encode(text) }));

const output = fc.array(
  fc.oneof({ weight: 4, arbitrary: entries }, nonsense, brokenOff),
  { maxLength: 6 },
);

Deno.test("JournalExport reads what was printed, however it comes in pieces", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(output, sizes, (printed, sizes) => {
      const { read, malformed } = readAll(joined(printed.map(({ bytes }) => bytes)), sizes);
      assertEquals(read, printed.flatMap(({ entry }) => entry ?? []));
      // One that was broken off shows only when another begins; what is lost is passed over up to there.
      if (printed.every(({ entry }) => entry !== undefined)) assertEquals(malformed, []);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("JournalExport reports what is no entry once", () => {
  const text =
    "MESSAGE=of no entry\n\nMESSAGE=nor this\n\n__CURSOR=s\n__REALTIME_TIMESTAMP=1000\n" +
    "MESSAGE=broken off\n__CURSOR=t\n__REALTIME_TIMESTAMP=2000\nMESSAGE=whole\n\n-- remark\n\n";
  const { read, malformed } = readAll(encoder.encode(text), [7]);
  assertEquals(read.map(({ text }) => text), ["whole"]);
  assertEquals(malformed, [
    "MESSAGE=of no entry\n\n",
    "__CURSOR=s\n__REALTIME_TIMESTAMP=1000\nMESSAGE=broken off\n",
    "-- remark\n",
  ]);
});

Deno.test("JournalExport passes over an entry that is too long, and keeps its neighbours", () => {
  const long = "\n\n__CURSOR=forged\n__REALTIME_TIMESTAMP=1000\n\n".repeat(MAX_ENTRY / 40);
  const part = "x".repeat(MAX_ENTRY / 4);
  const tooLong: [string, ExportedField[]][] = [
    ["a text", [{ name: "MESSAGE", value: "x".repeat(2 * MAX_ENTRY), isBinary: false }]],
    ["a value with its length", [{ name: "MESSAGE", value: long, isBinary: true }]],
    [
      "many values",
      Array.from({ length: 9 }, (_, at) => ({ name: "_COMM", value: part, isBinary: at % 2 > 0 })),
    ],
    ["an unwanted field", [{ name: "OTHER", value: long, isBinary: true }]],
  ];
  for (const [name, fields] of tooLong) {
    const bytes = joined([
      ...["before"].map(small),
      entryBytes([...fields, { name: "_PID", value: "7", isBinary: false }]),
      ...["after", "end"].map(small),
    ]);
    const { read, malformed, oversized } = readAll(bytes, [65_536, 100_003]);
    assertEquals(
      { name, texts: read.map(({ text }) => text), malformed, oversized },
      { name, texts: ["before", "after", "end"], malformed: [], oversized: 1 },
    );
  }
});

Deno.test("JournalExport keeps a length that comes in two pieces behind a field too long", () => {
  const text = { name: "_COMM", value: "x".repeat(MAX_ENTRY - 100), isBinary: false };
  const binary = { name: "MESSAGE", value: "\n\n".repeat(1000), isBinary: true };
  const bytes = joined([entryBytes([text, binary]), small("after")]);
  const end = bytes.length - small("after").length - 2000;
  for (let cut = end - 12; cut < end + 2; cut++) {
    const { read, oversized } = readAll(bytes, [cut, bytes.length - cut]);
    assertEquals(
      { cut, texts: read.map(({ text }) => text), oversized },
      { cut, texts: ["after"], oversized: 1 },
    );
  }
});

Deno.test("JournalExport goes no further where a value has no end", () => {
  const forged = "\n\n__CURSOR=forged\n__REALTIME_TIMESTAMP=1000\nMESSAGE=forged\n\n";
  const field = encoder.encode("__CURSOR=s\n__REALTIME_TIMESTAMP=1000\nMESSAGE\n");
  for (const length of [3n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n]) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    assertThrows(
      () => readAll(joined([field, bytes, encoder.encode(`four${forged}`)]), [1000]),
      Error,
      "Cannot read journalctl's output: a value does not end where it should",
    );
  }
});

Deno.test("JournalExport cuts a long message and says so", () => {
  const value = "é".repeat(MAX_TEXT + 1);
  const { read: [entry] } = readAll(
    entryBytes([{ name: "MESSAGE", value, isBinary: false }]),
    [9999],
  );
  assertEquals({ length: entry!.text.length, truncated: entry!.truncated }, {
    length: MAX_TEXT,
    truncated: true,
  });
});

function small(text: string): Uint8Array<ArrayBuffer> {
  return entryBytes([{ name: "MESSAGE", value: text, isBinary: false }]);
}

function entryBytes(fields: readonly ExportedField[]): Uint8Array<ArrayBuffer> {
  return exported([
    { name: "__CURSOR", value: "s=1", isBinary: false },
    { name: "__REALTIME_TIMESTAMP", value: "1000", isBinary: false },
    ...fields,
  ]);
}

Deno.test("only the kernel's entries tell the uptime, by its own clock if they can, and where that is wanted", () => {
  const entry = (...fields: (readonly [string, string])[]) =>
    exported([
      ["__CURSOR", "a"],
      ["__REALTIME_TIMESTAMP", "1000"],
      ["__MONOTONIC_TIMESTAMP", "17"],
      ...fields,
    ].map(([name, value]) => ({ name: name!, value: value!, isBinary: false })));
  const own = ["_SOURCE_MONOTONIC_TIMESTAMP", "12"] as const;
  const bytes = joined([
    entry(["SYSLOG_IDENTIFIER", "kernel"], own),
    entry(["SYSLOG_IDENTIFIER", "kernel"]),
    entry(["SYSLOG_IDENTIFIER", "kernel"], ["_SOURCE_MONOTONIC_TIMESTAMP", "x"]),
    entry(["SYSLOG_IDENTIFIER", "kernel"], own, ["_PID", "7"]),
    entry(["SYSLOG_IDENTIFIER", "sshd"], own),
  ]);
  const read = (uptime: boolean) =>
    new JournalExport([], { onMalformed() {}, onOversized() {} }, uptime).read(bytes);
  assertEquals(read(true).map(({ uptime }) => uptime), [12, 17, 17, undefined, undefined]);
  assertEquals(read(false).some((entry) => "uptime" in entry), false);
});

/** Reads some bytes in pieces of these sizes, over and over. */
function readAll(bytes: Uint8Array, sizes: readonly number[]): {
  read: JournalEntry[];
  malformed: string[];
  oversized: number;
} {
  const malformed: string[] = [];
  let oversized = 0;
  const journal = new JournalExport(WANTED, {
    onMalformed: (text) => malformed.push(text),
    onOversized: () => oversized++,
  });
  const read: JournalEntry[] = [];
  for (let at = 0, turn = 0; at < bytes.length;) {
    const size = sizes[turn++ % sizes.length]!;
    // A piece is only good until the next one: nothing may hold on to it.
    const piece = bytes.slice(at, at + size);
    read.push(...journal.read(piece));
    piece.fill(0);
    at += size;
  }
  return { read, malformed, oversized };
}

/** What an entry comes to: of several values the first, but all messages. */
function entryOf(cursor: string, time: number, fields: readonly ExportedField[]): JournalEntry {
  const all = (name: string) =>
    fields.filter((field) => field.name === name).map(({ value }) => textOf(value));
  const first = (name: string) => all(name)[0];
  const text = all("MESSAGE").join("\n");
  const shown = Object.fromEntries(
    WANTED.flatMap((name) => {
      const value = name === "MESSAGE" ? text : first(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const [identifier, pid, host] = [
    first("SYSLOG_IDENTIFIER") ?? first("_COMM"),
    first("_PID"),
    first("_HOSTNAME"),
  ];
  return {
    time,
    text,
    cursor,
    fields: shown,
    truncated: false,
    ...(identifier !== undefined && { identifier }),
    ...(pid !== undefined && { pid }),
    ...(host !== undefined && { host }),
  };
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

function textOf(value: string | Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(value));
}
