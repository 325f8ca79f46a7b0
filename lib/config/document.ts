import type { Problem, Report } from "./problem.ts";
import { parseToml, type Path, type Position, TomlError } from "./toml.ts";

/** A file of the configuration, parsed. */
export interface Document {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  locate(path: Path, what?: "key" | "value"): Position;
}

/** A larger file is a mistake. In bytes. */
const LARGEST = 1024 * 1024;

/**
 * Reads and parses a file. What is wrong with it is reported, and then there is no document. `ofAnyone`: whether it may be
 * a file that everyone can write, for nothing but a trial comes of it.
 */
export async function readDocument(
  file: string,
  report: Report,
  ofAnyone = false,
): Promise<Document | undefined> {
  const refuse = (why: string) => report(problemAt(file, `Cannot read ${file}: ${why}`));
  try {
    const { isFile, size, mode } = await Deno.stat(file);
    if (!isFile) return void refuse("it is no regular file");
    if (size > LARGEST) return void refuse(`it has ${size} bytes, more than ${LARGEST}`);
    if (!ofAnyone && isWritableByAll(mode)) return void refuse(WRITABLE);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(file));
    return parseDocument(file, text, report);
  } catch (error) {
    if (error instanceof TypeError) return void refuse("it is not UTF-8");
    return void refuse(error instanceof Error ? error.message : String(error));
  }
}

/** Parses a file's text. What is wrong with it is reported, and then there is no document. */
export function parseDocument(file: string, text: string, report: Report): Document | undefined {
  try {
    return { file, ...parseToml(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return void report(problemAt(file, error.message, error.position));
  }
}

/** Whoever can write the configuration decides who is banned, and who never is. */
export function isWritableByAll(mode: number | null): boolean {
  return mode !== null && (mode & 0o002) !== 0;
}

/** What is wrong with a file or folder that everyone can write. */
export const WRITABLE = "everyone can write it: run `chmod o-w` on it";

/** An error in a file; without a position, about the whole of it. */
export function problemAt(
  file: string,
  message: string,
  { line, column }: Position = { line: 1, column: 1 },
): Problem {
  return { severity: "error", file, line, column, message };
}
