import { loadConfig, type LoadedConfig } from "../config/mod.ts";
import {
  ConfError,
  databaseOf,
  type Import,
  importConf,
  readBans,
  type SavedBans,
  takeBans,
} from "../fail2ban/mod.ts";
import { expandGlob } from "../sources/mod.ts";
import { Store } from "../state/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { describeReport, isWhole, type Report, toJson } from "./import_output.ts";
import { print } from "./pager.ts";
import { printableJson } from "../printable.ts";
import { reasonOf } from "../system_error.ts";

/** `banjo import` */
export const importCommand: Command = {
  name: "import",
  operands: "[DIR]",
  offers: "folders",
  summary: "Bring a fail2ban configuration along",
  details:
    "Reads DIR (default /etc/fail2ban), which stays as it is, and writes jails and filters to\n" +
    "another folder. Jails come over that are switched on, or that anything but fail2ban's own\n" +
    "jail.conf speaks of. Exit code 0 if all came over as it was, 3 if something is noted or left out.",
  flags: {
    out: { value: "DIR", offers: "folders", about: "where to write; no file there is replaced" },
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
      const bans = saved && store && await keepBans(saved, imported, config, store);
      if (bans !== undefined) await giveToOwner(dirOf(words, "state"));
      const report: Report = { out, imported, problems: config.problems, bans };
      if (words.has("json")) console.log(printableJson(toJson(report)));
      else await print(describeReport(report));
      return isWhole(report) ? 0 : 3;
    } finally {
      await store?.close();
    }
  },
};

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

async function keepBans(
  saved: SavedBans,
  imported: Import,
  { jails }: LoadedConfig,
  store: Store,
) {
  const originals = new Map(imported.jails.map(({ name, original }) => [name, original]));
  const enabled = new Map(
    [...jails].filter(([, { enabled }]) => enabled)
      .map(([name, settings]) => [originals.get(name) ?? name, settings]),
  );
  const taken = takeBans(saved, enabled, Date.now());
  store.appendHistory(taken.events);
  await store.save(() => taken.instant);
  return taken;
}

/** The state is the agent's, whose user owns the folder, also where root has imported it. */
async function giveToOwner(folder: string): Promise<void> {
  const { uid, gid } = await Deno.stat(folder);
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isFile && (await Deno.lstat(path)).uid !== uid) await Deno.chown(path, uid, gid);
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
    throw new UsageError(`Cannot import to ${path}: ${reasonOf(error as Error)}`);
  }
}
