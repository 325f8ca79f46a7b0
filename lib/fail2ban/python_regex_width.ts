import { type Node, partsOf } from "./python_regex_ast.ts";

/** How many characters a node takes at least and at most. */
export interface Width {
  readonly min: number;
  readonly max: number;
}

/** `widthOfGroup` tells the width of a group that a backreference names. */
export function widthOf(node: Node, widthOfGroup: (index: number) => Width): Width {
  const of = (part: Node) => widthOf(part, widthOfGroup);
  switch (node.kind) {
    case "char":
    case "class":
      return { min: 1, max: 1 };
    case "assertion":
    case "look":
    case "never":
      return { min: 0, max: 0 };
    case "tag":
      return { min: 0, max: Infinity };
    case "backreference":
      return widthOfGroup(node.to);
    case "group":
    case "capture":
    case "atomic":
      return of(node.body);
    case "quantifier": {
      const { min, max } = of(node.body);
      return { min: min * node.min, max: max === 0 || node.max === 0 ? 0 : max * node.max };
    }
    case "sequence": {
      const widths = node.items.map(of);
      return { min: sum(widths.map(({ min }) => min)), max: sum(widths.map(({ max }) => max)) };
    }
    case "alternation":
    case "conditional": {
      const widths = partsOf(node).map(of);
      return {
        min: Math.min(...widths.map(({ min }) => min)),
        max: Math.max(...widths.map(({ max }) => max)),
      };
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
