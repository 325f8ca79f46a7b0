import { folderOf } from "./glob.ts";

/**
 * Whether nobody but root and syslog can put something into a folder, or something else in its place: on Ubuntu /var/log is
 * syslog's to write in, and syslog's logs say what it wants anyway. In a sticky one such as /tmp nobody can move what is
 * another's. `groups`: the file of group(5).
 */
export function isClosedToOthers(folder: string, groups = "/etc/group"): boolean {
  try {
    const absolute = folder.startsWith("/") ? folder : `${Deno.cwd()}/${folder}`;
    const isTrusted = (path: string) => isClosed(path, groups);
    return [absolute, Deno.realPathSync(absolute)].every((path) =>
      isTrusted(path) && foldersAbove(path).every((above) => isTrusted(above) || isSticky(above))
    );
  } catch {
    return false;
  }
}

/** Under an ACL the bits of the group say what anybody named there may do at most. */
function isClosed(folder: string, groups: string): boolean {
  const { uid, gid, mode } = Deno.statSync(folder);
  if (uid !== 0 || (mode! & 0o002) !== 0) return false;
  return (mode! & 0o020) === 0 || gid === syslogIn(groups);
}

function isSticky(folder: string): boolean {
  const { uid, mode } = Deno.statSync(folder);
  return uid === 0 && (mode! & 0o1000) !== 0;
}

/** The number of the group that the system's logger is in; undefined: there is none, as on Debian. */
function syslogIn(groups: string): number | undefined {
  const [, gid] = /^syslog:[^:]*:(\d+):/m.exec(Deno.readTextFileSync(groups)) ?? [];
  return gid === undefined ? undefined : Number(gid);
}

/** All folders above a path, up to `/`. */
function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path; at !== "/";) above.push(at = folderOf(at));
  return above;
}
