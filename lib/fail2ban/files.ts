import { Conf } from "./conf.ts";
import { parseIni, type Section } from "./ini.ts";
import { ConfError, type Place } from "./place.ts";

/** So many files may belong to one configuration: those that include each other could be endless. */
const MOST_FILES = 500;

/** A larger file is a mistake. In bytes. */
const LARGEST = 4 * 1024 * 1024;

/**
 * Reads the configuration called `name` below `base`, such as `jail` or `filter.d/sshd`: NAME.conf, NAME.d/*.conf,
 * NAME.local and NAME.d/*.local, each with what it includes. Later ones win, option by option.
 *
 * @throws {ConfError} if there is none of these files, unless that is allowed, or one of them cannot be read or understood.
 */
export function readConf(base: string, name: string, { isOptional = false } = {}): Conf {
  const stem = `${base}/${name}`;
  const files = [
    `${stem}.conf`,
    ...filesIn(`${stem}.d`, ".conf"),
    `${stem}.local`,
    ...filesIn(`${stem}.d`, ".local"),
  ].filter(isFile);
  if (files.length > 0 || isOptional) return new Conf(new Inclusion().readAll(files));
  throw new ConfError({ file: `${stem}.conf`, line: 0 }, "there is no such file: correct the name");
}

/** Reads files with what they include, each file's text once. */
class Inclusion {
  readonly #parsed = new Map<string, ReadonlyMap<string, Section>>();
  #count = 0;

  /** The files in the order in which they are merged. `open`: the files that are including these. */
  readAll(files: readonly string[], open: readonly string[] = []): ReadonlyMap<string, Section>[] {
    return withLocals(files).flatMap((file) => this.#read(file, open));
  }

  #read(file: string, open: readonly string[]): ReadonlyMap<string, Section>[] {
    if (!isFile(file)) return []; // As fail2ban does: `after = common.local` is for administrators who want one.
    const path = Deno.realPathSync(file);
    if (open.includes(path)) return []; // A circle ends where it began.
    if (++this.#count > MOST_FILES) {
      throw new ConfError({ file, line: 0 }, `more than ${MOST_FILES} files include each other`);
    }
    const sections = this.#parsed.get(file) ?? parseIni(file, readText(file));
    this.#parsed.set(file, sections);
    const included = (option: "before" | "after") =>
      this.readAll(includesOf(file, sections, option), [...open, path]);
    return [...included("before"), withoutIncludes(sections), ...included("after")];
  }
}

const INCLUDES = "INCLUDES";

/** The paths that a file includes. */
function includesOf(
  file: string,
  sections: ReadonlyMap<string, Section>,
  option: "before" | "after",
): string[] {
  const value = new Conf([sections]).get(INCLUDES, option);
  const folder = file.replace(/[^/]*$/, "");
  return (value?.text ?? "").split("\n").filter((path) => path !== "")
    .map((path) => path.startsWith("/") ? path : folder + path);
}

function withoutIncludes(sections: ReadonlyMap<string, Section>): ReadonlyMap<string, Section> {
  return new Map([...sections].filter(([name]) => name !== INCLUDES));
}

/** X.conf is followed by X.local, unless that has a place of its own. */
function withLocals(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const local = file.replace(/\.[^./]*$/, "") + ".local";
    return local !== file && !files.includes(local) && isFile(local) ? [file, local] : [file];
  });
}

function readText(file: string): string {
  const place: Place = { file, line: 0 };
  let bytes: Uint8Array;
  try {
    const { size } = Deno.statSync(file);
    if (size > LARGEST) throw new ConfError(place, `it has ${size} bytes, more than ${LARGEST}`);
    bytes = Deno.readFileSync(file);
  } catch (error) {
    if (error instanceof ConfError) throw error;
    throw new ConfError(place, `it cannot be read: ${(error as Error).message}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = lineOfBadByte(bytes);
    throw new ConfError({ file, line }, "the file is not UTF-8: save it as such");
  }
}

/** The first line that is no UTF-8, counted from 1. */
function lineOfBadByte(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1;; line++) {
    const end = bytes.indexOf(0x0a, start);
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(
        bytes.subarray(start, end < 0 ? bytes.length : end),
      );
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}

function filesIn(folder: string, suffix: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(suffix) && !name.startsWith("."))
      .sort().map((name) => `${folder}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw new ConfError(
      { file: folder, line: 0 },
      `it cannot be read: ${(error as Error).message}`,
    );
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw new ConfError({ file: path, line: 0 }, `it cannot be read: ${(error as Error).message}`);
  }
}
