/**
 * File name patterns: `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, all within a path's part; `**`
 * as a whole part is any number of folders. As in a shell, only a part that itself begins with a dot takes hidden names.
 */

import { identify } from "./identity.ts";

/** What a pattern finds. */
export interface Expansion {
  /** Paths that match; that of a pattern without wildcards even where there is nothing. */
  readonly paths: readonly string[];
  /** Folders in which a match can appear, or the next existing one above. */
  readonly folders: readonly string[];
  /** Folders that could not be read, and why. */
  readonly problems: readonly string[];
}

/** Whether a path matches a pattern. @throws {SyntaxError} where it is none. */
export function matchesGlob(path: string, pattern: string): boolean {
  return path === pattern || (isGlob(pattern) && compile(pattern).test(path));
}

/** Whether a pattern has wildcards. */
function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Finds the files that match a pattern now. @throws {SyntaxError} where it is none. */
export function expandGlob(pattern: string): Expansion {
  if (!isGlob(pattern)) {
    return { paths: [pattern], folders: [existingFolder(folderOf(pattern))], problems: [] };
  }
  const paths: string[] = [];
  const folders = new Set<string>();
  const problems: string[] = [];
  walk("", partsOf(pattern));
  return { paths, folders: [...folders], problems };

  /** Follows a pattern's parts below a path, which ends in `/` or is empty. */
  function walk(base: string, parts: readonly string[]): void {
    const wild = parts.findIndex(isGlob);
    if (wild < 0) {
      const path = base + parts.join("/");
      folders.add(existingFolder(folderOf(path)));
      if (kindOf(path) === "other") paths.push(path);
      return;
    }
    const folder = base + parts.slice(0, wild).map((part) => `${part}/`).join("");
    const part = parts[wild]!;
    const rest = parts.slice(wild + 1);
    folders.add(existingFolder(folder || "."));
    if (part === "**") {
      walk(folder, rest);
      for (const { name, isDirectory } of list(folder)) {
        if (isDirectory && !name.startsWith(".")) walk(`${folder}${name}/`, parts.slice(wild));
      }
      return;
    }
    const matcher = compile(part);
    for (const { name } of list(folder)) {
      if (!matcher.test(name)) continue;
      const path = folder + name;
      const kind = kindOf(path);
      if (rest.length === 0 && kind === "other") paths.push(path);
      else if (rest.length > 0 && kind === "folder") walk(`${path}/`, rest);
    }
  }

  function list(folder: string): Deno.DirEntry[] {
    try {
      const entries = [...Deno.readDirSync(folder || ".")];
      return entries.sort((a, b) => a.name < b.name ? -1 : 1);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
        problems.push(`Cannot list ${folder || "."}: ${(error as Error).message}`);
      }
      return [];
    }
  }
}

/** Whether a pattern leads to nothing yet. Of one whose folders cannot be read that is not known. @throws {SyntaxError} where it is none. */
export function matchesNothing(pattern: string): boolean {
  const { paths, problems } = expandGlob(pattern);
  return problems.length === 0 && paths.every((path) => identify(path).kind === "missing");
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

/** A folder, or the nearest above it that exists. */
function existingFolder(folder: string): string {
  while (kindOf(folder) !== "folder" && folder !== "/" && folder !== ".") {
    folder = folderOf(folder.replace(/\/+$/, ""));
  }
  return folder === "/" ? folder : folder.replace(/\/+$/, "");
}

function kindOf(path: string): "folder" | "other" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "other";
  } catch {
    return undefined;
  }
}

const compiled = new Map<string, RegExp>();

function compile(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    const parts = partsOf(pattern).map((part) =>
      part === "**" ? ANY_FOLDERS : `${sourceOf(part)}/`
    );
    try {
      regex = new RegExp(`^${parts.join("").slice(0, -1)}$`, "su");
    } catch {
      throw new SyntaxError(
        `Cannot read the file pattern: a set in [] is wrong: received ${pattern}`,
      );
    }
    compiled.set(pattern, regex);
  }
  return regex;
}

/** A pattern's parts. `**` at the end stands for the files in all these folders. */
function partsOf(pattern: string): string[] {
  const parts = pattern.split("/");
  return parts.at(-1) === "**" ? [...parts, "*"] : parts;
}

const ANY_FOLDERS = "(?:(?!\\.)[^/]+/)*";

function sourceOf(part: string): string {
  const source = part.replace(TOKEN, (token, set?: string) => {
    if (token.startsWith("*")) return "[^/]*";
    if (token === "?") return "[^/]";
    if (set === undefined) return token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    const negated = /^[!^]/.test(set);
    const characters = (negated ? set.slice(1) : set).replace(/[\\^[\]&~]/g, "\\$&");
    return `(?!/)[${negated ? "^" : ""}${characters}]`;
  });
  return /^[*?[]/.test(part) ? `(?!\\.)${source}` : source;
}

/** A wildcard, a set, or one plain character. */
const TOKEN = /\*+|\?|\[([!^]?\]?[^\]/]*)\]|./gsu;
