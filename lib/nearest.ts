import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * The candidate that was probably meant by a word that is none of them: the one with the fewest letters to change,
 * upper and lower case alike, and of several one that begins alike: the first letter is seldom wrong. Undefined where none
 * is close enough to be worth naming.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const changes = distance(wanted, known);
    const allowed = Math.max(1, Math.round(Math.max(word.length, candidate.length) * 0.4));
    const unlikeness = changes + (known[0] === wanted[0] ? 0 : 0.5);
    if (changes <= allowed && unlikeness < least) [best, least] = [candidate, unlikeness];
  }
  return best;
}

/** No name is longer, and the time of a comparison grows with the square. */
const LONGEST = 64;

/** The npm edition carries no types. */
const distance = levenshteinDistance as (one: string, other: string) => number;
