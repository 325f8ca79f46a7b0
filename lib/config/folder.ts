import {
  type Document,
  isWritableByAll,
  parseDocument,
  problemAt,
  readDocument,
  WRITABLE,
} from "./document.ts";
import { ConfigError, type Report } from "./problem.ts";

/** A file with the name that it gives its contents, and its document unless it could not be read. */
export interface NamedDocument {
  readonly name: string;
  readonly document: Document | undefined;
}

/** @throws {ConfigError} if `dir` is no folder that can be looked into. */
export async function checkFolder(dir: string): Promise<void> {
  try {
    const { isDirectory, mode } = await Deno.stat(dir);
    if (!isDirectory) throw new ConfigError(`Cannot read the configuration: ${dir} is no folder`);
    if (isWritableByAll(mode)) {
      throw new ConfigError(`Cannot read the configuration in ${dir}: ${WRITABLE}`);
    }
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof Error)) throw error;
    const why = error instanceof Deno.errors.NotFound ? "there is no such folder" : error.message;
    throw new ConfigError(`Cannot read the configuration in ${dir}: ${why}`);
  }
}

/** Whether there is such a file, in whatever state. */
export async function exists(file: string): Promise<boolean> {
  try {
    await Deno.lstat(file);
    return true;
  } catch (error) {
    // What else is wrong with it, reading it will say.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** What stands in front of the name of a file that is part of the program. */
const SHIPPED = "(shipped) ";

/** Whether a document is part of the program. */
export function isShipped({ file }: Document): boolean {
  return file.startsWith(SHIPPED);
}

/** Parses the files of a folder that is part of the program: texts by name. */
export function parseFolder(
  folder: string,
  texts: Readonly<Record<string, string>>,
  report: Report,
): NamedDocument[] {
  return Object.entries(texts).map(([name, text]) => ({
    name,
    document: parseDocument(`${SHIPPED}${folder}/${name}.toml`, text, report),
  }));
}

/** The folder's TOML files in the order of their names; none if there is no such folder. */
export async function readFolder(folder: string, report: Report): Promise<NamedDocument[]> {
  const names: string[] = [];
  try {
    if (isWritableByAll((await Deno.stat(folder)).mode)) {
      report(problemAt(folder, `Cannot read ${folder}: ${WRITABLE}`));
      return [];
    }
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".toml") && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (!(error instanceof Error)) throw error;
    report(problemAt(folder, `Cannot read ${folder}: ${error.message}`));
  }
  const documents: NamedDocument[] = [];
  for (const name of names.sort()) {
    const document = await readDocument(`${folder}/${name}`, report);
    documents.push({ name: name.slice(0, -".toml".length), document });
  }
  return documents;
}
