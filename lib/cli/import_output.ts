/** What `banjo import` prints. */
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

/** Prints all notes, what was left out, and the totals. */
export function printReport({ out, imported, problems, bans }: Report): void {
  const { files, notes, jails, filters, refused } = imported;
  printNotes("[DEFAULT]", notes);
  for (const { name, notes } of jails) printNotes(`jail ${name}`, notes);
  for (const { name, notes } of filters) printNotes(`filter ${name}`, notes);
  if (refused.length > 0) {
    console.log(style.bold("Not imported"));
    for (const { name, place, message } of refused) {
      console.log(style.bad(printable(`  jail ${name}: ${formatPlace(place)}: ${message}`)));
    }
  }
  for (const problem of problems) console.log(style.warn(formatProblem(problem)));
  for (const { jail, id, message, advice } of bans?.left ?? []) {
    console.log(style.warn(printable(`The ban of ${id} by ${jail} did not come over: ${message}`)));
    console.log(style.dim(printable(`    ${advice}`)));
  }
  if (bans !== undefined) {
    console.log(
      `${count(bans.live, "ban")} in force taken over, ${
        count(bans.remembered, "past ban")
      } remembered.`,
    );
  }
  const noted = jails.filter(({ notes }) => notes.length > 0).length;
  const enabled = jails.filter(({ enabled }) => enabled).length;
  console.log(
    `${count(jails.length, "jail")} imported to ${
      printable(out)
    }, ${enabled} of them enabled, ${noted} with notes; ` +
      `${count(filters.length, "filter")}; ${refused.length} not imported; ${
        count(files.size, "file")
      } written.`,
  );
  console.log(`Next: banjo check --config ${printable(out)}`);
}

function printNotes(what: string, notes: readonly Note[]): void {
  if (notes.length === 0) return;
  console.log(style.bold(printable(what)));
  for (const { place, message, advice } of notes) {
    console.log(printable(`  ${formatPlace(place)}: ${message}`));
    console.log(style.dim(printable(`    ${advice}`)));
  }
}
