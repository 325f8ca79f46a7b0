import { reasonOf } from "../system_error.ts";

/** What tells files on one machine apart while they exist: an inode number is used again after a file is deleted. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** Whether two identities are those of one file. */
export function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && b !== undefined && a.inode === b.inode && a.device === b.device;
}

/** What stands under a path. */
export type Found =
  | { readonly kind: "file" } & FileIdentity
  | { readonly kind: "missing" }
  /** It is there but cannot be read, and why. */
  | { readonly kind: "unfit"; readonly problem: string };

/** Looks what stands under a path; symbolic links are followed. */
export function identify(path: string): Found {
  try {
    const info = Deno.statSync(path);
    if (info.isDirectory) return { kind: "unfit", problem: `Cannot read ${path}: it is a folder` };
    if (!info.isFile) {
      return { kind: "unfit", problem: `Cannot read ${path}: it is not a regular file` };
    }
    return { kind: "file", device: info.dev, inode: info.ino ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { kind: "missing" };
    }
    return { kind: "unfit", problem: problemOf(path, error) };
  }
}

/** Whether a path is a symbolic link. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/** Says why a path cannot be read. */
export function problemOf(path: string, error: unknown): string {
  return `Cannot read ${path}: ${error instanceof Error ? reasonOf(error) : error}`;
}
