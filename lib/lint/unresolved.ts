/**
 * What is wrong with a pattern, options filled in, that still has the name of an option in it, mistyped: it stands for itself
 * then. Undefined where nothing is: any other `<text>`, as in HTML, may be meant.
 */
export function whyUnresolved(pattern: string, options: readonly string[]): string | undefined {
  for (const [tag, head] of pattern.matchAll(REFERENCE)) {
    const alike = options.filter((name) => name.startsWith(head!));
    if (alike.length === 0) continue;
    return `${tag} is no option of the filter and stands for itself: there ${
      alike.length === 1 ? "is" : "are"
    } ${alike.map((name) => `<${name}>`).join(", ")}`;
  }
  return undefined;
}

/** `<list-strict>`, of which other options may have the beginning; no name of a group as in `(?<name>` and `\k<name>`. */
const REFERENCE = /(?<!\(\?|\\)<([a-z_][\w.\/-]*-)[\w.\/]+>/g;
