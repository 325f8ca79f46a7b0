import { createHash } from "node:crypto";

/**
 * What the file is called into which a list is fetched. What came from one source is never taken for what another has, though
 * that has the list's name now.
 */
export function fetchedName(name: string, source: string): string {
  return `${name}-${createHash("sha256").update(source).digest("hex").slice(0, 16)}`;
}
