/** A filter as a jail names it, with the options that it sets. */
export interface FilterChoice {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Reads `NAME` or `NAME[OPTION=VALUE, OPTION="VALUE"]`. Undefined where it is neither, and so may be anything else.
 * A value in double or single quotes may hold commas and brackets, but not its own quote.
 */
export function parseFilterWord(word: string): FilterChoice | undefined {
  const [, name, list = ""] = /^\s*([\w./-]+)\s*((?:\[[^]*\])?)\s*$/.exec(word) ?? [];
  if (name === undefined) return undefined;
  const options: Record<string, string> = {};
  let at = 0;
  while (at < list.length) {
    ITEM.lastIndex = at;
    const item = ITEM.exec(list);
    if (item === null) return undefined;
    at = ITEM.lastIndex;
    const [, option, quoted, single, bare] = item;
    if (option !== undefined) options[option] = quoted ?? single ?? bare!.trim();
  }
  return { name, options };
}

/** What may follow in a list of options: `[` or `,` with an option behind it, or a bracket alone. */
const ITEM =
  /\s*(?:[[,]\s*([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,\]"'][^,\]]*|))\s*(?=[,\]])|\]\s*(?=\[|$)|\[\s*(?=\]))/y;
