import { type FileIdentity, isSameFile } from "./identity.ts";
import { folderOf } from "./glob.ts";
import type { FilePosition } from "./position.ts";
import { Tail } from "./tail.ts";

/**
 * Finds the file that a path named when a position was saved, or a copy that was made of it before it was truncated,
 * opened to go on there. A copy that is followed for itself does not count. undefined: it is deleted, or compressed.
 */
export function openRotated(
  path: string,
  position: FilePosition,
  isFollowed: (path: string) => boolean,
): Tail | undefined {
  const siblings = siblingsOf(path);
  const itself = siblings.filter(({ inode }) => inode === position.inode);
  // Any file is a copy of nothing.
  const copies = position.offset === 0 ? [] : siblings.filter((one) => !isFollowed(one.path));
  for (const sibling of [...itself, ...copies]) {
    const tail = tryOpen(sibling.path);
    if (ifThere(() => tail?.resume(position))) return tail;
    tail?.close();
  }
  return undefined;
}

/**
 * Finds the files that had a path after `file` and were renamed in their turn, the oldest first: with several
 * rotations since the last look there are some that were never seen under the path itself. Without those followed for
 * themselves.
 */
export function openNewer(
  path: string,
  file: FileIdentity,
  isFollowed: (path: string) => boolean,
): Tail[] {
  const siblings = siblingsOf(path);
  const newer = siblings.slice(0, Math.max(0, siblings.findIndex((one) => isSameFile(one, file))));
  return newer.filter((one) => !isFollowed(one.path)).reverse()
    .flatMap((one) => tryOpen(one.path) ?? []);
}

interface Sibling extends FileIdentity {
  readonly path: string;
}

/**
 * The files to which logrotate and its like rename a log, the newest first: `NAME.1` before `NAME.2`,
 * `NAME-20261121` before `NAME-20261120`. Compressed ones cannot be read on.
 */
function siblingsOf(path: string): Sibling[] {
  const folder = folderOf(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const suffixes = namesIn(folder)
    .filter((other) => other.startsWith(name))
    .map((other) => other.slice(name.length))
    .filter((suffix) => /^[.-]\d[\d.T:_-]*$/.test(suffix));
  return suffixes.sort(newestFirst).flatMap((suffix) => {
    const sibling = `${folder}/${name}${suffix}`;
    const info = ifThere(() => Deno.lstatSync(sibling));
    return info?.isFile ? [{ path: sibling, device: info.dev, inode: info.ino ?? 0 }] : [];
  });
}

function newestFirst(a: string, b: string): number {
  const numbered = /^\.\d{1,5}$/;
  if (numbered.test(a) && numbered.test(b)) return Number(a.slice(1)) - Number(b.slice(1));
  return a < b ? 1 : -1;
}

function namesIn(folder: string): string[] {
  return ifThere(() => [...Deno.readDirSync(folder)])?.map(({ name }) => name) ?? [];
}

function tryOpen(path: string): Tail | undefined {
  return ifThere(() => Tail.open(path));
}

/** What is not there, or not for us, was not found; nor is anything in what is no folder any more. */
function ifThere<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
