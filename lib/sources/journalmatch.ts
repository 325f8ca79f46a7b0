/** The terms of one match, `FIELD=value` each: AND between fields, OR within a field. */
export type MatchGroup = readonly string[];

/**
 * Reads a `journalmatch`: terms `FIELD=value`, with `+` between groups of which one must match. Each string of the
 * list may hold several terms parted by blanks; a value with blanks stands in quotes (`'_EXE=/a b'`, `_EXE="/a b"`).
 *
 * @example
 * ```ts
 * parseJournalmatch(["_SYSTEMD_UNIT=ssh.service", "+", "_COMM=sshd"]);
 * // [["_SYSTEMD_UNIT=ssh.service"], ["_COMM=sshd"]]
 * ```
 *
 * @throws {SyntaxError} where it is no journalmatch.
 */
export function parseJournalmatch(list: readonly string[]): string[][] {
  const groups: string[][] = [[]];
  for (const word of list.flatMap(splitWords)) {
    if (word === "+") {
      groups.push([]);
      continue;
    }
    if (!TERM.test(word)) {
      const unit = /^[\w@.-]+\.(?:service|socket)$/.test(word)
        ? `: did you mean _SYSTEMD_UNIT=${word}?`
        : "";
      throw new SyntaxError(
        `Cannot read the journalmatch: a term is FIELD=value, with the field's name in capitals: received ` +
          JSON.stringify(word) + unit,
      );
    }
    groups.at(-1)!.push(word);
  }
  if (groups.some((group) => group.length === 0)) {
    throw new SyntaxError(
      `Cannot read the journalmatch: there must be terms before and after each "+": received ${
        JSON.stringify(list)
      }`,
    );
  }
  return groups;
}

/** Whether an entry's fields satisfy one of the groups, by journalctl's own rules. */
export function matchesGroups(
  { fields }: { readonly fields: Readonly<Record<string, string>> },
  groups: readonly MatchGroup[],
): boolean {
  let known = knownGroups.get(groups);
  if (known === undefined) {
    const byField = groups.map((group) => [...valuesByField(group)]);
    known = { byField, fields: undefined, isMatch: false };
    knownGroups.set(groups, known);
  }
  if (fields !== known.fields) {
    known.fields = fields;
    known.isMatch = known.byField.some((group) =>
      group.every(([field, values]) => {
        const value = fields[field];
        return value !== undefined && values.has(value);
      })
    );
  }
  return known.isMatch;
}

/** Groups as they are looked up in, and what came of the last fields: entries that have the same ones share them. */
interface KnownGroups {
  readonly byField: readonly [field: string, Set<string>][][];
  fields: Readonly<Record<string, string>> | undefined;
  isMatch: boolean;
}

/** Entries are many and groups are few and do not change: each is prepared once. */
const knownGroups = new WeakMap<readonly MatchGroup[], KnownGroups>();

/** The names of the fields that groups look at. */
export function fieldsOf(groups: readonly MatchGroup[]): string[] {
  return [...new Set(groups.flat().map((term) => term.slice(0, term.indexOf("="))))];
}

/** sd-journal(3) allows capitals, digits and underscores, and no digit in front. */
const TERM = /^[A-Z_][A-Z0-9_]*=/;

function valuesByField(group: MatchGroup): Map<string, Set<string>> {
  const byField = new Map<string, Set<string>>();
  for (const term of group) {
    const at = term.indexOf("=");
    const field = term.slice(0, at);
    const values = byField.get(field) ?? new Set();
    byField.set(field, values.add(term.slice(at + 1)));
  }
  return byField;
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const word = WORD.exec(rest)?.[0];
    if (word === undefined) {
      throw new SyntaxError(
        `Cannot read the journalmatch: a quote is not closed: received ${text}`,
      );
    }
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}

/** A run of plain characters and quoted parts. */
const WORD = /^(?:[^\s"']|"[^"]*"|'[^']*')+(?=\s|$)/;
