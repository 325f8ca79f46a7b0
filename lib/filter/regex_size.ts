import type { Node, Parsed } from "./regex_ast.ts";

/**
 * How large a pattern may be with its counted repeats written out, as V8's engines do that: `(?:a{1000}){1000}` is a million
 * characters, and one more such repeat ends the process for lack of memory.
 */
const LARGEST = 100_000;

/** @throws {SyntaxError} of a pattern that would take too much memory. */
export function assertModest({ root }: Parsed): void {
  const size = sizeOf(root);
  if (size > LARGEST) {
    throw new SyntaxError(
      `its counted repeats make it ${size.toPrecision(3)} characters long, more than ${LARGEST}`,
    );
  }
}

function sizeOf(node: Node): number {
  switch (node.kind) {
    case "look":
    case "group":
      return 1 + sizeOf(node.body);
    case "quantifier":
      return sizeOf(node.body) * Math.max(1, node.max === Infinity ? node.min : node.max);
    case "sequence":
      return node.items.reduce((sum, item) => sum + sizeOf(item), 0);
    case "alternation":
      return node.branches.reduce((sum, branch) => sum + sizeOf(branch), 0);
    default:
      return 1;
  }
}
