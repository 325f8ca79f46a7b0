/**
 * A pattern in the dialect of Python's `re`, with fail2ban's tags, as a tree. Every node keeps the text it was written as, so
 * that what means the same in ECMAScript is printed as it was.
 */

/** A part of a pattern, or all of it. */
export type Node =
  /** One character, as it is to be written in ECMAScript. */
  | Placed & { readonly kind: "char"; readonly text: string; readonly isLineFeed: boolean }
  /** One character out of several: `\s`, `[...]`, or `.`. */
  | Placed & { readonly kind: "class"; readonly text: string; readonly takesLineFeed: boolean }
  | Placed & { readonly kind: "assertion"; readonly which: Assertion }
  | Placed & {
    readonly kind: "look";
    readonly open: "(?=" | "(?!" | "(?<=" | "(?<!";
    readonly body: Node;
  }
  /** `(?:...)`, or with flags that change in it. */
  | Placed & { readonly kind: "group"; readonly open: string; readonly body: Node }
  | Capture
  | Placed & { readonly kind: "atomic"; readonly body: Node }
  | Placed & { readonly kind: "backreference"; readonly to: number }
  | Placed & {
    readonly kind: "conditional";
    readonly to: number;
    readonly yes: Node;
    readonly no: Node;
  }
  | Quantifier
  | Placed & { readonly kind: "sequence"; readonly items: readonly Node[] }
  | Placed & { readonly kind: "alternation"; readonly branches: readonly Node[] }
  /** A tag of fail2ban that stands alone: `<HOST>`, `<F-ID/>`. */
  | Placed & { readonly kind: "tag"; readonly text: string }
  /** What no text matches: a backreference to a group that took no part. */
  | Placed & { readonly kind: "never" };

/** What has a place in the pattern. */
export interface Placed {
  /** Where it begins in the pattern, in UTF-16 code units. */
  readonly offset: number;
}

/** `start` and `end` are those of the whole text, `lineStart` and `lineEnd` those of any line. */
export type Assertion = "start" | "lineStart" | "end" | "lineEnd" | "veryEnd" | "\\b" | "\\B";

/** A group that captures. */
export interface Capture extends Placed {
  readonly kind: "capture";
  /** Python's number of the group. */
  readonly index: number;
  readonly name: string | undefined;
  /** `(`, `(?P<name>` or `<F-NAME>`, in ECMAScript. */
  readonly open: string;
  readonly close: string;
  readonly body: Node;
}

/** A repeat. */
export interface Quantifier extends Placed {
  readonly kind: "quantifier";
  readonly min: number;
  readonly max: number;
  readonly mode: "greedy" | "lazy" | "possessive";
  /** As it is to be written in ECMAScript, without a mode. */
  readonly text: string;
  readonly body: Node;
}

/** The parts of which a node consists. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "sequence":
      return node.items;
    case "alternation":
      return node.branches;
    case "conditional":
      return [node.yes, node.no];
    case "look":
    case "group":
    case "capture":
    case "atomic":
    case "quantifier":
      return [node.body];
    default:
      return [];
  }
}

/** The same node with other parts, as many as it has. */
export function withParts(node: Node, parts: readonly Node[]): Node {
  switch (node.kind) {
    case "sequence":
      return { ...node, items: parts };
    case "alternation":
      return { ...node, branches: parts };
    case "conditional":
      return { ...node, yes: parts[0]!, no: parts[1]! };
    case "look":
    case "group":
    case "capture":
    case "atomic":
    case "quantifier":
      return { ...node, body: parts[0]! };
    default:
      return node;
  }
}

/** All nodes of a tree, each before its parts. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const part of partsOf(node)) yield* nodesOf(part);
}

/** How surely a group has taken part. */
export type Participation = "always" | "sometimes" | "never";

/** Whether a group, by its number, has taken part once a node has matched. */
export function participation(node: Node, group: number): Participation {
  switch (node.kind) {
    case "capture":
      return node.index === group ? "always" : participation(node.body, group);
    case "group":
    case "atomic":
      return participation(node.body, group);
    case "look":
      return node.open.endsWith("!") ? "never" : participation(node.body, group);
    case "sequence": {
      const all = node.items.map((item) => participation(item, group));
      return all.includes("always") ? "always" : all.includes("sometimes") ? "sometimes" : "never";
    }
    case "alternation":
    case "conditional": {
      const all = partsOf(node).map((part) => participation(part, group));
      return all.every((one) => one === all[0]) ? all[0]! : "sometimes";
    }
    case "quantifier": {
      const body = participation(node.body, group);
      return body === "always" && node.min === 0 ? "sometimes" : body;
    }
    default:
      return "never";
  }
}

/** Whether a node can match without taking a character, at the end of a text that follows a line feed. */
export function canBeEmptyAtEnd(node: Node): boolean {
  switch (node.kind) {
    case "char":
    case "class":
    case "tag":
    case "never":
      return false;
    case "assertion":
      return node.which !== "start" && node.which !== "\\b";
    case "look":
      return node.open !== "(?=" || canBeEmptyAtEnd(node.body);
    case "backreference":
      return true;
    case "group":
    case "capture":
    case "atomic":
      return canBeEmptyAtEnd(node.body);
    case "quantifier":
      return node.min === 0 || canBeEmptyAtEnd(node.body);
    case "sequence":
      return node.items.every(canBeEmptyAtEnd);
    case "alternation":
    case "conditional":
      return partsOf(node).some(canBeEmptyAtEnd);
  }
}
