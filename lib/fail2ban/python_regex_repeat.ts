/**
 * A group in a repetition keeps what it took last in Python. ECMAScript forgets it when the next round begins, so that the user
 * of `(?:user=(?<user>\w+) |\w+=\w+ )*` is lost once another field follows. Such a repetition is written as any rounds, the
 * last one in which the group takes part, and rounds in which it does not.
 */
import {
  type Capture,
  type Node,
  nodesOf,
  participation,
  partsOf,
  type Quantifier,
  withParts,
} from "./python_regex_ast.ts";
import type { Source } from "./python_regex_source.ts";
import { widthOf } from "./python_regex_width.ts";

/** Rewrites repetitions that would lose what banjo asks for, and notes where that cannot be done. */
export function keepLastTaken(root: Node, source: Source): Node {
  const budget = { nodes: MAX_NODES };
  const rewrite = (node: Node): Node => {
    const rewritten = withParts(node, partsOf(node).map(rewrite));
    if (rewritten.kind !== "quantifier" || rewritten.max <= 1) return rewritten;
    const lost = lostIn(rewritten);
    if (lost.length === 0) return rewritten;
    const split = splitRounds(rewritten, new Set(lost.map(({ index }) => index)));
    // Repetitions in repetitions multiply.
    if (split !== undefined) { for (const _ of nodesOf(split)) budget.nodes--; }
    const isKept = split !== undefined && budget.nodes >= 0;
    for (const { open, offset } of lost) {
      if (isKept) {
        source.note(open, offset, "its repetition is written so that it keeps what it took last");
      } else {
        const text = "it stands in a repetition, and keeps nothing once another round follows";
        source.note(open, offset, text, "differs");
      }
    }
    return isKept ? split : rewritten;
  };
  return rewrite(root);
}

const MAX_NODES = 20_000;

/** The groups that mean something to a filter. Others are for fail2ban's actions only. */
const ASKED_FOR =
  /^(?:(?:alt|tuple)_)?(?:f?id|ip4|ip6|dns|cidr|user|mlf(?:id|forget|gained)|nofail|content)(?:_?\d+)?$/;

/** The groups that may hold nothing behind the last round though they took something in one before. */
function lostIn({ body }: Quantifier): Capture[] {
  const asked = [...nodesOf(body)].filter((node) => node.kind === "capture")
    .filter(({ name }) => name !== undefined && ASKED_FOR.test(name));
  if (asked.length === 0) return [];
  const isEmpty = widthOf(body, () => ({ min: 0, max: Infinity })).min === 0;
  return asked.filter(({ index }) => isEmpty || participation(body, index) !== "always");
}

/** Undefined where it cannot be told in which rounds the groups take part. */
function splitRounds(loop: Quantifier, groups: ReadonlySet<number>): Node | undefined {
  const { body, min, max, mode, offset } = loop;
  if (mode !== "greedy" || min > 1 || max !== Infinity) return undefined;
  const taking = part(body, groups, true);
  const others = part(body, groups, false);
  if (taking === "unknown" || others === "unknown" || taking === undefined) return undefined;
  const any: Node = { ...loop, min: 0, text: "*", body: withoutCaptures(body) };
  const rest: readonly Node[] = others === undefined ? [] : [
    { ...loop, min: 0, text: "*", body: withoutCaptures(others) },
  ];
  const never: Node[] = others === undefined
    ? min === 0 ? [{ kind: "sequence", offset, items: [] }] : []
    : [{ ...loop, body: withoutCaptures(others) }];
  const last: Node = { kind: "sequence", offset, items: [any, grouped(taking), ...rest] };
  return grouped({ kind: "alternation", offset, branches: [last, ...never] });
}

/** The cases of a node in which one of the groups takes part, or none; undefined where there are none. */
function part(
  node: Node,
  groups: ReadonlySet<number>,
  taking: boolean,
): Node | undefined | "unknown" {
  if (!holds(node, groups)) return taking ? undefined : node;
  switch (node.kind) {
    case "capture":
      if (groups.has(node.index)) return taking ? node : undefined;
      return around(node, part(node.body, groups, taking));
    case "group":
      return around(node, part(node.body, groups, taking));
    case "alternation": {
      const branches = node.branches.map((branch) => part(branch, groups, taking));
      if (branches.includes("unknown")) return "unknown";
      const left = branches.filter((branch) => branch !== undefined && branch !== "unknown");
      return left.length < 2 ? left[0] : { ...node, branches: left };
    }
    case "sequence": {
      const at = node.items.findIndex((item) => holds(item, groups));
      if (node.items.slice(at + 1).some((item) => holds(item, groups))) return "unknown";
      const item = part(node.items[at]!, groups, taking);
      if (item === undefined || item === "unknown") return item;
      return { ...node, items: node.items.with(at, grouped(item)) };
    }
    default:
      return "unknown";
  }
}

function around(node: Node, body: Node | undefined | "unknown"): Node | undefined | "unknown" {
  if (body === undefined || body === "unknown") return body;
  const isNeeded = node.kind !== "group" || node.open !== "(?:" || body.kind === "alternation";
  return isNeeded ? withParts(node, [body]) : body;
}

function holds(node: Node, groups: ReadonlySet<number>): boolean {
  return [...nodesOf(node)].some((one) => one.kind === "capture" && groups.has(one.index));
}

function withoutCaptures(node: Node): Node {
  const bare = withParts(node, partsOf(node).map(withoutCaptures));
  return bare.kind === "capture" ? grouped(bare.body) : bare;
}

function grouped(node: Node): Node {
  if (node.kind !== "alternation") return node;
  return { kind: "group", offset: node.offset, open: "(?:", body: node };
}
