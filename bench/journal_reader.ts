/**
 * Reads all entries of a journal folder as the agent does, through the sshd filter, and prints what came of it.
 * A program of its own, so that nothing else is in its memory and the flags of V8 are those of the agent.
 */
import { shipped } from "../lib/config/shipped.ts";
import { loadConfig } from "../lib/config/mod.ts";
import { compileFilter } from "../lib/filter/filter.ts";
import { JournalReader, matchesGroups } from "../lib/sources/mod.ts";

const directory = Deno.args[0]!;
const { filters } = await loadConfig("/nonexistent", { shipped, isOptional: true });
const definition = filters.get("sshd")!;
const filter = compileFilter(definition);
const context = { now: Date.now(), live: true };
const groups = definition.journalmatch;

let failures = 0;
const ending = new AbortController();
const reader = new JournalReader({ groups, directory, start: { kind: "since", time: 0 } });
const start = performance.now();
let seconds = NaN;
await reader.read(
  (entries) => {
    for (const entry of entries) {
      if (!matchesGroups(entry, groups)) continue;
      filter.read(entry, context, ({ kind }) => {
        if (kind === "failure") failures++;
      });
    }
  },
  ending.signal,
  () => {
    seconds = (performance.now() - start) / 1000;
    ending.abort();
  },
);
console.log(JSON.stringify({ entries: reader.counts.entries, failures, seconds }));
