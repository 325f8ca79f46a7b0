import { folderOf } from "./glob.ts";

/**
 * Whether nobody but root can put something into a folder, or something else in its place. In a sticky one such as /tmp
 * nobody can move what is another's.
 */
export function isRootsAlone(folder: string): boolean {
  try {
    const absolute = folder.startsWith("/") ? folder : `${Deno.cwd()}/${folder}`;
    return [absolute, Deno.realPathSync(absolute)].every((path) =>
      isClosed(path) && foldersAbove(path).every((above) => isClosed(above) || isSticky(above))
    );
  } catch {
    return false;
  }
}

/** Under an ACL the bits of the group say what anybody named there may do at most. */
function isClosed(folder: string): boolean {
  const { uid, mode } = Deno.statSync(folder);
  return uid === 0 && (mode! & 0o022) === 0;
}

function isSticky(folder: string): boolean {
  const { uid, mode } = Deno.statSync(folder);
  return uid === 0 && (mode! & 0o1000) !== 0;
}

/** All folders above a path, up to `/`. */
function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path; at !== "/";) above.push(at = folderOf(at));
  return above;
}
