/**
 * ECMAScript has no `(?(group)yes|no)`, and a backreference to a group that took no part matches there, but not in Python.
 * Where a pattern leaves open whether a group takes part, it is split into one alternative for each case, in the order in
 * which Python tries them; in each, the answer is known.
 */
import {
  type Node,
  nodesOf,
  type Participation,
  participation,
  withParts,
} from "./python_regex_ast.ts";
import { partsOf } from "./python_regex_ast.ts";
import { Refusal } from "./python_regex_source.ts";

/** Resolves every conditional, and every backreference to a group that may have taken no part. Throws {@linkcode Refusal}. */
export function resolvePaths(root: Node): Node {
  return new Resolver().resolve(root, () => "never");
}

type Reference = Extract<Node, { kind: "conditional" | "backreference" }>;

/** What is known of a group; `earlier`: a repetition before this one may have set it. */
type Knowledge = Participation | "earlier";
type Before = (group: number) => Knowledge;

/** Thrown up to the sequence that holds the group. */
class Unclear {
  readonly reference: Reference;

  constructor(reference: Reference) {
    this.reference = reference;
  }
}

const MAX_NODES = 20_000;

class Resolver {
  /** How many nodes were made by splitting. */
  #made = 0;

  resolve(node: Node, before: Before): Node {
    switch (node.kind) {
      case "sequence":
        return this.#sequence(node.offset, node.items, before);
      case "conditional":
        return this.resolve(this.#knows(node, before) ? node.yes : node.no, before);
      case "backreference":
        return this.#knows(node, before) ? node : { kind: "never", offset: node.offset };
      case "quantifier": {
        const { body } = node;
        return { ...node, body: this.resolve(body, node.max > 1 ? within(body, before) : before) };
      }
      default:
        return withParts(node, partsOf(node).map((part) => this.resolve(part, before)));
    }
  }

  #knows(reference: Reference, before: Before): boolean {
    const knowledge = before(reference.to);
    if (knowledge === "sometimes") throw new Unclear(reference);
    if (knowledge === "earlier") {
      throw refusal(
        reference,
        "it may refer to what an earlier repetition took, which cannot be had",
      );
    }
    return knowledge === "always";
  }

  #sequence(offset: number, items: readonly Node[], before: Before): Node {
    const resolved: Node[] = [];
    for (const item of items) {
      try {
        resolved.push(this.resolve(item, after(resolved, before)));
      } catch (error) {
        if (!(error instanceof Unclear)) throw error;
        const rest = items.slice(resolved.length);
        return this.#settle(offset, resolved, rest, error, before);
      }
    }
    return { kind: "sequence", offset, items: resolved };
  }

  /** Splits a sequence where the group is set that the first item of its rest depends on. */
  #settle(
    offset: number,
    resolved: readonly Node[],
    rest: readonly Node[],
    unclear: Unclear,
    before: Before,
  ): Node {
    const { reference } = unclear;
    const at = resolved.findIndex((one) => participation(one, reference.to) === "sometimes");
    if (at < 0) throw unclear;
    const head = resolved.slice(0, at);
    const tail = [...resolved.slice(at), ...rest];
    try {
      const choice = this.#split(tail, reference, after(head, before));
      return { kind: "sequence", offset, items: [...head, choice] };
    } catch (error) {
      if (!(error instanceof Unclear)) throw error;
      // Something further on depends on a group before this one.
      return this.#settle(offset, head, tail, error, before);
    }
  }

  /** Splits a sequence whose first item may set the group. */
  #split([item, ...rest]: readonly Node[], reference: Reference, before: Before): Node {
    const offset = item!.offset;
    const cases = casesOf(item!, reference).map((items) => [...items, ...rest]);
    for (const items of cases) {
      for (const one of items) this.#made += [...nodesOf(one)].length;
    }
    if (this.#made > MAX_NODES) {
      throw refusal(reference, "to spell out all cases makes the pattern too long");
    }
    const branches = cases.map((items) => this.#sequence(offset, items, before));
    return { kind: "group", offset, open: "(?:", body: { kind: "alternation", offset, branches } };
  }
}

/** What is known behind these items. */
function after(items: readonly Node[], before: Before): Before {
  return (group) => {
    const all = items.map((item) => participation(item, group));
    if (all.includes("always")) return "always";
    return all.includes("sometimes") ? "sometimes" : before(group);
  };
}

/** What is known within a repetition. */
function within(body: Node, before: Before): Before {
  return (group) => participation(body, group) === "never" ? before(group) : "earlier";
}

/** The ways to match a node, in the order in which they are tried, so that each has another chance to set the group. */
function casesOf(node: Node, reference: Reference): readonly (readonly Node[])[] {
  switch (node.kind) {
    case "sequence":
      return [node.items];
    case "alternation":
      return node.branches.map((branch) => [branch]);
    case "group":
      return node.open === "(?:" ? casesOf(node.body, reference) : wrapped(node, reference);
    case "capture":
      return wrapped(node, reference);
    case "quantifier": {
      const isSet = participation(node.body, reference.to) === "always";
      if (node.mode === "possessive" || (node.max > 1 && !isSet)) {
        throw refusal(reference, "it depends on a group that only some repetitions set");
      }
      const taken: Node = node.max === 1
        ? node.body
        : { ...node, min: 1, text: node.max === Infinity ? "+" : `{1,${node.max}}` };
      return node.mode === "lazy" ? [[], [taken]] : [[taken], []];
    }
    default:
      throw refusal(reference, "it depends on a group in a lookaround or an atomic group");
  }
}

/** A group that cannot take in what follows it: it is written once for each case. */
function wrapped(
  node: Extract<Node, { kind: "group" | "capture" }>,
  reference: Reference,
): readonly (readonly Node[])[] {
  let cases: readonly (readonly Node[])[] = [[node.body]];
  for (;;) {
    const next = cases.flatMap((items) => {
      const at = items.findIndex((item) => participation(item, reference.to) === "sometimes");
      if (at < 0) return [items];
      if (!items.slice(0, at).every(isSingleWay)) {
        throw refusal(
          reference,
          "it depends on a group within another whose beginning can match in several ways",
        );
      }
      return casesOf(items[at]!, reference).map((inner) => [
        ...items.slice(0, at),
        ...inner,
        ...items.slice(at + 1),
      ]);
    });
    if (next.every((items, index) => items === cases[index])) break;
    cases = next;
  }
  return cases.map((items) => [{
    ...node,
    body: { kind: "sequence", offset: node.offset, items } as const,
  }]);
}

/** Whether a node matches a text in one way at most. */
function isSingleWay(node: Node): boolean {
  switch (node.kind) {
    case "alternation":
    case "conditional":
      return false;
    case "quantifier":
      return node.min === node.max && isSingleWay(node.body);
    case "tag":
      return false;
    case "look":
    case "atomic":
      return true;
    default:
      return partsOf(node).every(isSingleWay);
  }
}

function refusal({ kind, to, offset }: Reference, reason: string): Refusal {
  return new Refusal(kind === "conditional" ? `(?(${to})` : `\\${to}`, offset, reason);
}
