import type { Change, Rule } from "./firewall.ts";

/** What a batch comes to: the rules that are to be in force after it, and those that are not. */
export interface Outcome {
  readonly wanted: readonly Rule[];
  readonly unwanted: readonly Rule[];
}

/** The last change of each jail's host is the one that counts. */
export function collapse(changes: readonly Change[]): Outcome {
  const last = [...new Map(changes.map((change) => [ruleKey(change.rule), change])).values()];
  return {
    wanted: last.filter(({ kind }) => kind === "ban").map(({ rule }) => rule),
    unwanted: last.filter(({ kind }) => kind !== "ban").map(({ rule }) => rule),
  };
}

/** Each jail's hosts once; where a rule stands twice, the later one counts. */
export function lastOfEach(rules: readonly Rule[]): readonly Rule[] {
  return [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()];
}

/** Names a rule: two with the same key replace each other. */
export function ruleKey({ jail, host }: Rule): string {
  return `${jail} ${host}`;
}
