import {
  checkSamples,
  type Document,
  formatProblem,
  type Layer,
  loadConfig,
} from "../config/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import type { JailSettings } from "../jail/settings.ts";
import {
  type FilterFlaw,
  flawsOfFilter,
  flawsOfJail,
  formatFlaw,
  type Place,
  placeOf,
} from "./check_flaws.ts";
import { type Command, dirOf, sharedFlags } from "./command.ts";
import { missingLogProblems } from "./missing_logs.ts";
import { print } from "./pager.ts";
import { count, style } from "./render.ts";
import { printableJson } from "../printable.ts";

/** `banjo check` */
export const check: Command = {
  name: "check",
  operands: "",
  summary: "Check the configuration, run your filters' samples, and look for unsafe patterns",
  details:
    "Each line that tells of something wrong begins with FILE:LINE:COLUMN, for editors to jump there. Filters that come with " +
    "banjo are not looked at anew: they passed when it was built.",
  flags: { ...sharedFlags.config, ...sharedFlags.json },
  arity: [0, 0],
  async run(words) {
    const flaws: FilterFlaw[] = [];
    const own = new Map<FilterDefinition, Document>();
    const layers = new Map<JailSettings, readonly Layer[]>();
    const { jails, filters, problems: mistakes } = await loadConfig(dirOf(words, "config"), {
      inspect: (filter, document) => {
        own.set(filter, document);
        flaws.push(...flawsOfFilter(filter, document));
      },
      inspectJail: (jail, tables) => layers.set(jail, tables),
    });
    const failures = [...own].flatMap(([filter, document]) =>
      checkSamples(filter).map(({ index, message }): SampleFlaw => ({
        filter: filter.name,
        index,
        message,
        place: placeOf(document, ["samples", index]),
      }))
    );
    const samples = [...own.keys()].reduce((sum, { samples }) => sum + samples.length, 0);
    const enabled = [...jails.values()].filter(({ enabled }) => enabled);
    const problems = [
      ...mistakes,
      ...enabled.flatMap((jail) => missingLogProblems([jail, layers.get(jail)!])),
    ];
    for (const jail of enabled) {
      // A jail that changes nothing of its filter has the same one.
      if (filters.get(jail.filter.name) !== jail.filter) {
        flaws.push(...flawsOfJail(jail, layers.get(jail)!));
      }
    }
    const isFine = failures.length === 0 && !problems.some(({ severity }) => severity === "error");
    if (words.has("json")) {
      console.log(printableJson({ fine: isFine, problems, failures, flaws, samples }));
      return isFine ? 0 : 2;
    }
    const lines = [
      ...problems.map((problem) =>
        (problem.severity === "error" ? style.bad : style.warn)(formatProblem(problem))
      ),
      ...flaws.map((flaw) => style.warn(formatFlaw(flaw))),
      ...failures.map((failure) => style.bad(describe(failure))),
      `${count(enabled.length, "jail")} enabled: ${
        enabled.map(({ name }) => name).join(", ") || "none"
      }`,
    ];
    if (own.size > 0) {
      lines.push(
        `${count(own.size, "filter")} of your own, ${count(samples, "sample")}, ${
          count(failures.length, "failure")
        }`,
      );
    }
    if (isFine) lines.push(style.good("All is well."));
    await print(lines.join("\n"));
    return isFine ? 0 : 2;
  },
};

/** A sample that does not come out as it says. */
interface SampleFlaw {
  readonly filter: string;
  /** Which one, counted from 0. */
  readonly index: number;
  readonly message: string;
  readonly place: Place;
}

function describe({ index, message, place }: SampleFlaw): string {
  return formatProblem({ severity: "error", ...place, message: `sample ${index + 1}: ${message}` });
}
