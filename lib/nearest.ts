import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * The candidate that was probably meant by a word that is none of them: the one with the fewest letters to change,
 * upper and lower case alike. Undefined where none is close enough to be worth naming.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const changes = distance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.round(Math.max(word.length, candidate.length) * 0.4));
    if (changes <= allowed && changes < fewest) [best, fewest] = [candidate, changes];
  }
  return best;
}

/** No name is longer, and the time of a comparison grows with the square. */
const LONGEST = 64;

/** The npm edition carries no types. */
const distance = levenshteinDistance as (one: string, other: string) => number;
