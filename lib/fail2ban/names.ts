/** Names that banjo takes for jails and filters, in place of those that it does not. */
import { faultOfName } from "../config/mod.ts";

/** The jails' names by those that they had: as they were where that will do, and no two alike. */
export function jailNames(originals: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map(originals.filter(isJailName).map((name) => [name, name]));
  const taken = new Set(names.values());
  for (const original of originals) {
    if (names.has(original)) continue;
    const cleaned = cleanedOf(original, /[^\w-]+/g).slice(0, LONGEST - SPARE);
    const stem = isJailName(cleaned) ? cleaned : `jail-${cleaned}`.replace(/-$/, "");
    const name = [stem, ...Array.from(originals, (_, index) => `${stem}-${index + 2}`)]
      .find((name) => !taken.has(name))!;
    names.set(original, name);
    taken.add(name);
  }
  return names;
}

/** A filter's name as the name of its file. */
export function filterName(original: string): string {
  return cleanedOf(original, /[^\w.-]+/g) || "filter";
}

function cleanedOf(original: string, others: RegExp): string {
  return original.replaceAll(others, "-").replace(/^-+|-+$/g, "");
}

function isJailName(name: string): boolean {
  return faultOfName(name, {}) === undefined;
}

const LONGEST = 64;
/** Room for `jail-` or a number. */
const SPARE = 8;
