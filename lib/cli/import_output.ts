/** What `banjo import` prints. Nothing here does. */
import { formatProblem, type Problem } from "../config/mod.ts";
import { formatPlace, type Import, type Note, type TakenBans } from "../fail2ban/mod.ts";
import { printable } from "../printable.ts";
import { count, style } from "./render.ts";

/** What came of it all. */
export interface Report {
  readonly out: string;
  readonly imported: Import;
  /** What the new configuration's own check says. */
  readonly problems: readonly Problem[];
  readonly bans: TakenBans | undefined;
}

/** Whether everything came over as it was. */
export function isWhole({ imported, problems, bans }: Report): boolean {
  const { notes, jails, filters, refused } = imported;
  return [...jails, ...filters].every(({ notes }) => notes.length === 0) &&
    notes.length + refused.length + problems.length + (bans?.left.length ?? 0) === 0;
}

/** The report as `--json` prints it. */
export function toJson({ out, imported, problems, bans }: Report) {
  const { files, notes, jails, filters, refused } = imported;
  return {
    out,
    files: [...files.keys()],
    notes,
    jails,
    filters,
    refused,
    problems,
    bans: bans === undefined
      ? null
      : { live: bans.live, remembered: bans.remembered, left: bans.left },
  };
}

/** All notes, what was left out, and the totals, for people. */
export function describeReport({ out, imported, problems, bans }: Report): string {
  const { files, notes, jails, filters, refused } = imported;
  const noted = jails.filter(({ notes }) => notes.length > 0).length;
  const enabled = jails.filter(({ enabled }) => enabled).length;
  return [
    ...describeNotes("[DEFAULT]", notes),
    ...jails.flatMap(({ name, notes }) => describeNotes(`jail ${name}`, notes)),
    ...filters.flatMap(({ name, notes }) => describeNotes(`filter ${name}`, notes)),
    ...refused.length > 0 ? [style.bold("Not imported")] : [],
    ...refused.map(({ name, place, message }) =>
      style.bad(printable(`  jail ${name}: ${formatPlace(place)}: ${message}`))
    ),
    ...problems.map((problem) => style.warn(formatProblem(problem))),
    ...(bans?.left ?? []).flatMap(({ jail, id, message, advice }) => [
      style.warn(printable(`The ban of ${id} by ${jail} did not come over: ${message}`)),
      style.dim(printable(`    ${advice}`)),
    ]),
    ...bans === undefined ? [] : [
      `${count(bans.live, "ban")} in force taken over, ${
        count(bans.remembered, "past ban")
      } remembered.`,
    ],
    `${count(jails.length, "jail")} imported to ${
      printable(out)
    }, ${enabled} of them enabled, ${noted} with notes; ` +
    `${count(filters.length, "filter")}; ${refused.length} not imported; ${
      count(files.size, "file")
    } written.`,
    `Next: banjo check --config ${printable(out)}`,
  ].join("\n");
}

function describeNotes(what: string, notes: readonly Note[]): string[] {
  if (notes.length === 0) return [];
  return [
    style.bold(printable(what)),
    ...notes.flatMap(({ place, message, advice }) => [
      printable(`  ${formatPlace(place)}: ${message}`),
      style.dim(printable(`    ${advice}`)),
    ]),
  ];
}
