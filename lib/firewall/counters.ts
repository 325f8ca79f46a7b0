/** What the rules of one thing have stopped, together. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * The counters of a table's rules in what `nft -j list` prints (libnftables-json(5)), added up by what `keyOf` makes of the
 * name of the set that a rule looks addresses up in; undefined: its rule does not count.
 */
export function countersBy(
  json: string,
  table: string,
  keyOf: (set: string) => string | undefined,
): ReadonlyMap<string, Counter> {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly rule?: JsonRule }[] };
  const counters = new Map<string, Counter>();
  for (const { rule } of nftables) {
    if (rule?.table !== table) continue;
    const set = rule.expr.map(({ match }) => match?.right).find((right) =>
      typeof right === "string"
    );
    const counter = rule.expr.find((each) => each.counter !== undefined)?.counter;
    const key = set === undefined ? undefined : keyOf(set.slice(1));
    if (key === undefined || counter === undefined) continue;
    const { packets = 0, bytes = 0 } = counters.get(key) ?? {};
    counters.set(key, { packets: packets + counter.packets, bytes: bytes + counter.bytes });
  }
  return counters;
}

interface JsonRule {
  readonly table: string;
  readonly expr: readonly {
    /** `right` is `@SET` where a set is looked up. */
    readonly match?: { readonly right: unknown };
    readonly counter?: Counter;
  }[];
}
