/** What the state's folder has of published lists: which there are, and a copy of what was last read of each. */
import * as v from "valibot";
import type { Host } from "../address.ts";
import { log } from "../log.ts";
import { printable } from "../printable.ts";
import {
  asideName,
  isLasting,
  readPlainFile,
  renameFile,
  replaceFile,
  StateError,
} from "../state/mod.ts";
import { REGISTRY_FILE } from "./wanted_blocklists.ts";

/** A list as it is remembered. */
export interface ListEntry {
  readonly name: string;
  /** A URL, which the relay fetches; or a file's path. */
  readonly source: string;
  /** When somebody last asked for it to be fetched, in milliseconds since the epoch. */
  readonly requested: number;
}

const REGISTRY = v.array(v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  source: v.string(),
  requested: v.number(),
}));

/** Which lists there are. One that is damaged is made anew. @throws {Error} where it cannot be read just now. */
export async function readRegistry(stateDir: string): Promise<readonly ListEntry[]> {
  try {
    const text = await readPlainFile(`${stateDir}/${REGISTRY_FILE}`);
    return text === undefined ? [] : parseRegistry(text);
  } catch (error) {
    const isDamaged = error instanceof SyntaxError || error instanceof StateError;
    if (!isDamaged && !isLasting(error as Error)) throw error;
    return await rebuildRegistry(stateDir, error as Error);
  }
}

/** Remembers which lists there are. */
export async function writeRegistry(
  stateDir: string,
  entries: readonly ListEntry[],
): Promise<void> {
  await replaceFile(stateDir, REGISTRY_FILE, [`${JSON.stringify(entries, null, 2)}\n`]);
}

/** What was last read of a list, a host a line; empty where there is nothing that can be used. */
export async function readCopy(stateDir: string, name: string): Promise<string> {
  return await readPlainFile(copyPath(stateDir, name)).catch(() => undefined) ?? "";
}

/** Keeps what was read of a list. */
export async function writeCopy(
  stateDir: string,
  { name, source }: ListEntry,
  hosts: readonly Host[],
): Promise<void> {
  await replaceFile(stateDir, copyName(name), [`# from ${source}\n${hosts.join("\n")}\n`]);
}

/** How a copy begins. */
const SOURCE = /^# from (.+)\n/;

/** Whether a list has ever been read. */
export async function hasCopy(stateDir: string, name: string): Promise<boolean> {
  return await Deno.stat(copyPath(stateDir, name)).then(() => true, () => false);
}

/** Takes a copy away, if there is one. */
export async function removeCopy(stateDir: string, name: string): Promise<void> {
  await Deno.remove(copyPath(stateDir, name)).catch(() => {});
}

function copyPath(stateDir: string, name: string): string {
  return `${stateDir}/${copyName(name)}`;
}

function copyName(name: string): string {
  return `blocklist-${name}.txt`;
}

/** @throws {SyntaxError} */
function parseRegistry(text: string): readonly ListEntry[] {
  const result = v.safeParse(REGISTRY, JSON.parse(text));
  if (result.success) return result.output;
  throw new SyntaxError(result.issues[0].message);
}

/** Where it cannot be used which lists there are, the copies of those that were read tell. */
async function rebuildRegistry(
  stateDir: string,
  { message }: Error,
): Promise<readonly ListEntry[]> {
  const aside = asideName(REGISTRY_FILE, "damaged");
  const entries = await entriesOfCopies(stateDir);
  await renameFile(stateDir, REGISTRY_FILE, aside);
  try {
    await writeRegistry(stateDir, entries);
  } catch (error) {
    // Without one it would look as if there were no lists.
    await renameFile(stateDir, aside, REGISTRY_FILE);
    throw error;
  }
  log.error(
    `${stateDir}/${REGISTRY_FILE} cannot be used (${printable(message)}) and is now ${aside}; ` +
      `blocklists of which there are copies: ${
        entries.map(({ name }) => name).join(", ") || "none"
      }`,
  );
  return entries;
}

/** The lists whose copies say where they are from. */
async function entriesOfCopies(stateDir: string): Promise<readonly ListEntry[]> {
  const entries: ListEntry[] = [];
  for await (const { name: file, isFile } of Deno.readDir(stateDir)) {
    const [, name] = /^blocklist-([A-Za-z0-9_-]{1,64})\.txt$/.exec(file) ?? [];
    if (name === undefined || !isFile) continue;
    const [, source] = SOURCE.exec(await Deno.readTextFile(`${stateDir}/${file}`)) ?? [];
    if (source !== undefined) entries.push({ name, source, requested: 0 });
  }
  return entries;
}
