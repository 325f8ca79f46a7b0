import { formatProblem, loadConfig, type LoadedConfig, type Problem } from "../config/mod.ts";
import {
  ConfError,
  databaseOf,
  formatPlace,
  type Import,
  importConf,
  type Note,
  readBans,
  type SavedBans,
  takeBans,
  type TakenBans,
} from "../fail2ban/mod.ts";
import { printable } from "../printable.ts";
import { expandGlob } from "../sources/mod.ts";
import { Store } from "../state/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { count, style } from "./render.ts";

/** `banjo import` */
export const importCommand: Command = {
  name: "import",
  operands: "[DIR]",
  summary: "Bring a fail2ban configuration along",
  details:
    "Reads DIR (default /etc/fail2ban), which stays as it is, and writes jails and filters to\n" +
    "another folder. Jails come over that are switched on, or that anything but fail2ban's own\n" +
    "jail.conf speaks of. Exit code 0 if all came over as it was, 3 if something is noted or left out.",
  flags: {
    out: { value: "DIR", about: "where to write; no file there is replaced" },
    jails: { value: "A,B", about: "only these jails, whether they are switched on or not" },
    "with-bans": {
      about: "also take over the bans in force and the memory of past ones, to a state folder",
    },
    ...sharedFlags.state,
    ...sharedFlags.json,
  },
  arity: [0, 1],
  async run(words) {
    const [base = "/etc/fail2ban"] = words.operands;
    const out = words.value("out");
    if (out === undefined) {
      throw new UsageError("Cannot import: say where to, such as --out /etc/banjo");
    }
    const folder = base.replace(/(?<=.)\/+$/, "");
    const imported = await explained(() => importConf(folder, optionsOf(words)));
    const saved = words.has("with-bans") ? await explained(() => bansOf(folder)) : undefined;
    // Before anything is written: a state that is there already stays, and then nothing is imported.
    const store = saved && await openStore(dirOf(words, "state"));
    try {
      await write(out, imported);
      const config = await loadConfig(out);
      const bans = saved && store && await keepBans(saved, config, store);
      const report: Report = { out, imported, problems: config.problems, bans };
      if (words.has("json")) console.log(JSON.stringify(toJson(report)));
      else printReport(report);
      return isWhole(report) ? 0 : 3;
    } finally {
      await store?.close();
    }
  },
};

/** What came of it all. */
interface Report {
  readonly out: string;
  readonly imported: Import;
  /** What the new configuration's own check says. */
  readonly problems: readonly Problem[];
  readonly bans: TakenBans | undefined;
}

function optionsOf(words: Words) {
  const jails = words.value("jails")?.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  return { ...(jails === undefined ? {} : { jails }), hasFile };
}

/** Runs what reads fail2ban's files: where they make no sense as a whole, the words do not either. */
async function explained<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfError) throw new UsageError(`Cannot import ${error.message}`);
    throw error;
  }
}

function bansOf(base: string): Promise<SavedBans> {
  const path = databaseOf(base);
  if (path !== undefined) return readBans(path);
  throw new ConfError(
    { file: `${base}/fail2ban.conf`, line: 0 },
    "fail2ban keeps no database (dbfile): import without --with-bans",
  );
}

async function openStore(folder: string): Promise<Store> {
  const store = await Store.open(folder);
  const { kind } = await store.load();
  if (kind === "fresh") return store;
  await store.close();
  throw new UsageError(
    `Cannot import bans to ${folder}: banjo has a state there already; name another folder with --state`,
  );
}

async function keepBans(saved: SavedBans, { jails }: LoadedConfig, store: Store) {
  const enabled = new Map([...jails].filter(([, { enabled }]) => enabled));
  const taken = takeBans(saved, enabled, Date.now());
  store.appendHistory(taken.events);
  await store.save(taken.instant);
  return taken;
}

function hasFile(path: string): boolean {
  try {
    return expandGlob(path).paths.some((path) => Deno.statSync(path).isFile);
  } catch {
    return false; // Whatever is wrong with the path, no log is read there now.
  }
}

/** Writes all files or none: what is there already stays. */
async function write(out: string, { files }: Import): Promise<void> {
  for (const name of files.keys()) {
    if (await exists(`${out}/${name}`)) {
      throw new UsageError(
        `Cannot import to ${out}: ${out}/${name} is there already; name a new folder, or move it away`,
      );
    }
  }
  for (const [name, text] of files) {
    await Deno.mkdir(`${out}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${out}/${name}`, text, { createNew: true, mode: 0o644 });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UsageError(`Cannot import to ${path}: ${(error as Error).message}`);
  }
}

function isWhole({ imported, problems, bans }: Report): boolean {
  const { notes, jails, filters, refused } = imported;
  return [...jails, ...filters].every(({ notes }) => notes.length === 0) &&
    notes.length + refused.length + problems.length + (bans?.left.length ?? 0) === 0;
}

function toJson({ out, imported, problems, bans }: Report) {
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

function printReport({ out, imported, problems, bans }: Report): void {
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
  for (const { jail, id } of bans?.left ?? []) {
    console.log(style.warn(printable(`The ban of ${id} by ${jail} did not come over.`)));
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
