import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compileFilter } from "../../lib/filter/filter.ts";
import {
  NewerSnapshotError,
  parseSnapshot,
  printSnapshot,
  type Snapshot,
} from "../../lib/state/snapshot.ts";
import { settingsOf } from "../jail/settings.ts";
import { instantOf } from "./instants.ts";
import { anyText } from "../any_text.ts";
import { scanText } from "../filter/definitions.ts";

const snapshot: Snapshot = {
  version: 1,
  banjo: "0.1.0",
  saved: "2026-11-20T10:00:00.000Z",
  history: 12,
  ...instantOf(7),
};
const text = [...printSnapshot(snapshot)].join("").trimEnd();

Deno.test("parseSnapshot reads what was written", () => {
  assertEquals(parseSnapshot(text), snapshot);
});

Deno.test("parseSnapshot takes settings that make no sense for unknown, and loses nothing else", () => {
  const { settings: _settings, ...known } = snapshot.jails["test"]!;
  for (const [key, value] of [["ports", ["x"]], ["firewall", "none"], ["findtime", -1]] as const) {
    const wrong = JSON.parse(text);
    wrong.jails.test.settings[key] = value;
    assertEquals(parseSnapshot(JSON.stringify(wrong)), {
      ...snapshot,
      jails: { test: { ...known, settings: undefined } },
    });
  }
});

/** As the first banjo with this format writes it: all that has come since may be missing. */
const OLDEST = `{"version":1,"banjo":"0.1.0","saved":"2026-11-20T10:00:00.000Z","history":0,
"sources":{"files":{"/var/log/a.log":{"device":1,"inode":2,"offset":3,"head":"abc"}}},
"jails":{"test":{"jail":{"failed":2,"banned":1,"failures":[["192.0.2.1",{"time":1}]],
"bans":[{"jail":"test","host":"192.0.2.2","since":1,"until":null,"failures":1,"bans":1,"lines":[],"cause":"failures"}],
"ended":[["192.0.2.3",1]]},
"filter":{"dateFormats":[""],"sessions":[["[7]",{"since":1,"pending":"a line"}]]}}},
"memory":{"test":[["192.0.2.2",{"bans":1,"forgotten":null}]]}}`;

Deno.test("parseSnapshot reads the oldest file of its format", () => {
  const { jails, sources, memory } = parseSnapshot(OLDEST);
  assertEquals([...jails["test"]!.jail.bans].map(({ host }) => host), ["192.0.2.2"]);
  assertEquals(jails["test"]!.filter.sessions[0]![1].pending, ["a line"]);
  assertEquals(jails["test"]!.filter.lines, []);
  assertEquals(sources.files["/var/log/a.log"]!.offset, 3);
  assertEquals([...memory["test"]!], [["192.0.2.2", { bans: 1, forgotten: null }]]);
});

Deno.test("parseSnapshot leaves out what a newer banjo has added, wherever", () => {
  for (const written of [text, OLDEST]) {
    const expected = parseSnapshot(written);
    let added = 0;
    const withMore = JSON.parse(written, function (key, value) {
      // Their keys are names of files, jails and hosts.
      const isRecord = ["files", "jails", "memory"].includes(key);
      if (typeof value !== "object" || value === null || Array.isArray(value) || isRecord) {
        return value;
      }
      added++;
      return { ...value, "newer": { "of": ["any", { "shape": 1 }] } };
    });
    assert(added > 8, `${added}`);
    assertEquals(parseSnapshot(JSON.stringify(withMore)), expected);
  }
});

Deno.test("printSnapshot prints what can be gone through as a list, however many", () => {
  for (const length of [0, 1, 499, 500, 501, 1000]) {
    const map = new Map(
      Array.from({ length }, (_, index) => [`host ${index}`, { bans: index, forgotten: null }]),
    );
    const printed = [...printSnapshot({ ...snapshot, memory: { test: map.entries() } })].join("");
    assertEquals(JSON.parse(printed).memory.test, [...map]);
  }
});

Deno.test("parseSnapshot reads what a filter saves, before it has seen a line and after", () => {
  const filter = compileFilter({
    ...settingsOf().filter,
    failregex: ["^Failed for <F-USER>\\S+</F-USER> from <ADDR>$"],
  });
  for (let round = 0; round < 2; round++) {
    const jails = { test: { ...snapshot.jails["test"]!, filter: filter.save() } };
    const parsed = parseSnapshot(JSON.stringify({ ...snapshot, jails }));
    assertEquals(JSON.stringify(parsed.jails["test"]!.filter), JSON.stringify(filter.save()));
    scanText(filter, "2026-11-20 10:00:00 Failed for root from 192.0.2.7\n", {
      now: Date.UTC(2026, 10, 20, 12),
      live: true,
    }, () => {});
  }
  assertEquals(filter.save().lastDate !== undefined, true);
});

Deno.test("printSnapshot prints what JSON.stringify does, with a line for each thing in a list", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const jails = { test: value } as unknown as Snapshot["jails"];
    const text = [...printSnapshot({ ...snapshot, jails })].join("");
    assertEquals(JSON.parse(text), JSON.parse(JSON.stringify({ ...snapshot, jails })));
  }));
  const { jail } = snapshot.jails["test"]!;
  const many = { ...jail, ended: Array.from({ length: 2001 }, (_, at) => ["192.0.2.1", at]) };
  const jails = { test: { jail: many } } as unknown as Snapshot["jails"];
  const pieces = [...printSnapshot({ ...snapshot, jails })];
  assertEquals(JSON.parse(pieces.join("")).jails.test.jail.ended, many.ended);
  assertEquals(pieces.join("").match(/^\["192.0.2.1",\d+\],?/gm)?.length, 2001);
  assert(pieces.every((piece) => piece.length < 20_000));
});

Deno.test("parseSnapshot refuses a file that was cut short, wherever", () => {
  for (let length = 0; length < text.length; length++) {
    assertThrows(() => parseSnapshot(text.slice(0, length)), SyntaxError);
  }
});

Deno.test("parseSnapshot says where the file is not as it must be", () => {
  for (
    const [from, to, words] of [
      ['"192.0.2.1"', '"192.0.2.01"', "Invalid host"],
      ['"192.0.2.1"', '"evil; flush ruleset"', "Invalid host"],
      ['"pending":["<"]', '"pending":["<",1]', "jails.test.filter.sessions.1.1.pending"],
      ['"lines":[\n["a b"', '"lines":[["a b",1', "jails.test.filter.lines"],
      ['"10.0.0.0/8"', '"10.0.0.1/8"', "jails.test.jail.bans.0.host"],
      ['"until":null', '"until":1e999', "jails.test.jail.bans.0.until"],
      ['"since":5', '"since":"5"', "jails.test.jail.bans.0.since"],
      ['"cause":"manual"', '"cause":"magic"', "jails.test.jail.bans.0.cause"],
      ['"offset":3', '"offset":-3', "sources.files./var/log/a.log.offset"],
      ['"lastDate":5', '"lastDate":"x"', "jails.test.filter.lastDate"],
      ['"pending":["<"]', '"pending":{}', "jails.test.filter.sessions.1.1.pending"],
      ['"memory":', '"memories":', "memory"],
      ['"version":1', '"version":0', "version"],
      ['"version":1', '"version":"1"', "version"],
      [text, "[]", "version"],
      [text, "null", "Invalid type"],
    ] as const
  ) {
    const damaged = text.replace(from, to);
    assertEquals(damaged === text, false, from);
    assertThrows(() => parseSnapshot(damaged), SyntaxError, words);
  }
});

Deno.test("parseSnapshot does not take a later format for damage", () => {
  assertThrows(() => parseSnapshot('{"version":2,"new":true}'), NewerSnapshotError, "format 2");
});

Deno.test("parseSnapshot reads or refuses whatever a disk may have made of the file", () => {
  const damage = fc.array(
    fc.tuple(fc.nat(text.length - 1), anyText({ maxLength: 3 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  let refused = 0;
  fc.assert(fc.property(damage, (places) => {
    let damaged = text;
    for (const [at, put] of places) damaged = damaged.slice(0, at) + put + damaged.slice(at + 1);
    try {
      parseSnapshot(damaged);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof NewerSnapshotError)) throw error;
      refused++;
    }
  }));
  assertEquals(refused > 50, true);
});
