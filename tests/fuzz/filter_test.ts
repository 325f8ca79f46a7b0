import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isAddress, parseNetwork } from "../../lib/address.ts";
import type { Finding } from "../../lib/filter/failure.ts";
import { compileFilter, type Context, type Filter } from "../../lib/filter/filter.ts";
import { NOW, shippedConfig, shippedFilter } from "../filters/shipped.ts";
import { CASES, damaged, fuzz } from "./fuzz.ts";
import { scanText } from "../filter/definitions.ts";

/** What V8 makes of a filter's patterns once they have seen everything, in bytes; it does not grow after that. */
const CODE = 12 * 1024 * 1024;
const CONTEXT: Context = { now: NOW, live: true };
/** Each shipped filter with its sample lines; made once, for they remember what they have seen. */
const filters = [...shippedConfig.filters.keys()].map((name) => {
  const definition = shippedFilter(name);
  const lines = definition.samples.map(({ line, message }) => line ?? message ?? "");
  return { filter: compileFilter(definition), lines: [...lines, lines.join("\n")] };
});

Deno.test("fuzz: lines break no shipped filter, and whom it finds has a canonical address", async () => {
  const input = fc.nat(filters.length - 1).chain((index) =>
    fc.tuple(fc.constant(index), damaged(filters[index]!.lines))
  );
  let turns = 0;
  await fuzz(input, ([index, text]) => {
    const { filter } = filters[index]!;
    const findings: Finding[] = [];
    scanText(filter, `${text}\n`, CONTEXT, (finding) => findings.push(finding));
    const entry = { time: NOW, text, identifier: text.slice(0, 20), pid: "7" };
    filter.read(entry, CONTEXT, (finding) => findings.push(finding));
    filter.explain({ time: undefined, text }, CONTEXT);
    findings.forEach(assertSound);
    // Compiling takes longer than all else.
    if (++turns % 50 === 0) filters[index]!.filter = restarted(filter);
  }, { cases: 3 * CASES, mostKept: filters.length * CODE });
});

Deno.test("fuzz: a date is within what dates can be, or none", async () => {
  const good = [
    "2026-11-20T12:00:00Z x",
    "2026-11-20 12:00:00,123 x",
    "2026-11-20T12:00:00.123456+05:30 x",
    "Nov 20 12:00:00 server x",
    "Fri Nov 20 12:00:00.5 2026 x",
    "20/Nov/2026:12:00:00 +0100 x",
    "11/20/2026:12:00:00 x",
    "1795448563.123 x",
    "1795448563000 x",
    "[20-Nov-2026 12:00:00 Europe/Berlin] x",
    "0000-01-01T00:00:00Z x",
    "9999-12-31T23:59:59Z x",
    "20261120 120000 x",
  ];
  const filter = compileFilter(shippedFilter("sshd"));
  const times = fc.constantFrom(0, NOW, Date.UTC(2000, 1, 29), Date.UTC(9999, 0));
  await fuzz(fc.tuple(damaged(good), times), ([line, now]) => {
    const date = filter.dateOf(line, now);
    if (date !== undefined) new Date(date).toISOString();
  });
});

function assertSound(finding: Finding): void {
  new Date(finding.time).toISOString();
  if (finding.kind === "named" || finding.host === undefined) return;
  assert(typeof finding.host === "string");
  if (isAddress(finding.host)) assertEquals(parseNetwork(finding.host), finding.host);
}

/** The filter as it is after the state was saved and read. */
function restarted(filter: Filter): Filter {
  const state = JSON.parse(JSON.stringify(filter.save()));
  return compileFilter(filter.definition, state);
}
