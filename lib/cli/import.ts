import { formatProblem, loadConfig, type Problem } from "../config/mod.ts";
import { ConfError, formatPlace, type Import, importConf, type Note } from "../fail2ban/mod.ts";
import { printable } from "../printable.ts";
import { expandGlob } from "../sources/mod.ts";
import { type Command, sharedFlags, UsageError, type Words } from "./command.ts";
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
    ...sharedFlags.json,
  },
  arity: [0, 1],
  async run(words) {
    const [base = "/etc/fail2ban"] = words.operands;
    const out = words.value("out");
    if (out === undefined) {
      throw new UsageError("Cannot import: say where to, such as --out /etc/banjo");
    }
    const imported = read(base.replace(/(?<=.)\/+$/, ""), words);
    await write(out, imported);
    const { problems } = await loadConfig(out);
    if (words.has("json")) console.log(JSON.stringify(toJson(out, imported, problems)));
    else printReport(out, imported, problems);
    return isWhole(imported, problems) ? 0 : 3;
  },
};

function read(base: string, words: Words): Import {
  const jails = words.value("jails")?.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  try {
    return importConf(base, { ...(jails === undefined ? {} : { jails }), hasFile });
  } catch (error) {
    if (error instanceof ConfError) throw new UsageError(`Cannot import ${error.message}`);
    throw error;
  }
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

function isWhole(
  { notes, jails, filters, refused }: Import,
  problems: readonly Problem[],
): boolean {
  return [...jails, ...filters].every(({ notes }) => notes.length === 0) &&
    notes.length + refused.length + problems.length === 0;
}

function toJson(
  out: string,
  { files, notes, jails, filters, refused }: Import,
  problems: readonly Problem[],
) {
  return { out, files: [...files.keys()], notes, jails, filters, refused, problems };
}

function printReport(
  out: string,
  { files, notes, jails, filters, refused }: Import,
  problems: readonly Problem[],
): void {
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
