import { checkSamples, formatProblem, loadConfig } from "../config/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import { compileFilter } from "../filter/filter.ts";
import { printable } from "../printable.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { count, style } from "./render.ts";

/** `banjo check` */
export const check: Command = {
  name: "check",
  operands: "",
  summary: "Check the configuration, and run every filter's samples",
  flags: { ...sharedFlags.config, ...sharedFlags.json },
  arity: [0, 0],
  async run(words) {
    const { jails, filters, problems } = await loadConfig(dirOf(words, "config"));
    const failures = [...filters.values()].flatMap((filter) =>
      checkSamples(filter).map(({ index, message }) => ({ filter: filter.name, index, message }))
    );
    const samples = [...filters.values()].reduce((sum, { samples }) => sum + samples.length, 0);
    const enabled = [...jails.values()].filter(({ enabled }) => enabled);
    const slow = [...filters.values(), ...enabled.map(({ filter }) => filter)].flatMap(
      slowPatterns,
    );
    const isFine = failures.length === 0 && !problems.some(({ severity }) => severity === "error");
    if (words.has("json")) {
      console.log(JSON.stringify({ fine: isFine, problems, failures, slow, samples }));
      return isFine ? 0 : 2;
    }
    for (const problem of problems) {
      const paint = problem.severity === "error" ? style.bad : style.warn;
      console.log(paint(formatProblem(problem)));
    }
    for (const pattern of new Set(slow)) {
      console.log(
        style.warn(printable(`warning: an attacker may make this pattern slow: ${pattern}`)),
      );
    }
    for (const failure of failures) console.log(style.bad(describe(failure)));
    console.log(
      `${count(enabled.length, "jail")} enabled: ${
        enabled.map(({ name }) => name).join(", ") || "none"
      }`,
    );
    console.log(
      `${count(filters.size, "filter")}, ${count(samples, "sample")}, ${
        count(failures.length, "failure")
      }`,
    );
    if (isFine) console.log(style.good("All is well."));
    return isFine ? 0 : 2;
  },
};

/** Patterns that V8 cannot run without backtracking: with lookaround, backreferences or large counts. */
function slowPatterns(definition: FilterDefinition): string[] {
  return compileFilter(definition).failregex
    .filter(({ isLinear }) => isLinear === false)
    .map(({ source }) => source);
}

function describe({ filter, index, message }: { filter: string; index: number; message: string }) {
  return printable(`filter ${filter}: sample ${index + 1}: ${message}`);
}
