import type { Node } from "../filter/regex_ast.ts";

/** Why no line can match a pattern, and what to do; undefined where one may. */
export function whyImpossible(root: Node): string | undefined {
  return fault(root, { before: 0, behind: 0 });
}

/** How many characters at least stand in front of a node and behind it. */
interface Around {
  readonly before: number;
  readonly behind: number;
}

function fault(node: Node, around: Around): string | undefined {
  switch (node.kind) {
    case "char":
      return node.code === LINE_END ? NO_LINE_END : undefined;
    case "class":
      if (node.ranges.length === 0) return "[] takes no character at all: leave it out";
      return node.ranges.every(([from, to]) => from === LINE_END && to === LINE_END)
        ? NO_LINE_END
        : undefined;
    case "assertion":
      if (node.source === "^" && around.before > 0) {
        return "^ is the line's start, and something must stand in front of it: write \\^ for the character";
      }
      return node.source === "$" && around.behind > 0
        ? "$ is the line's end, and something must stand behind it: write \\$ for the character"
        : undefined;
    case "look":
    case "backreference":
      return undefined;
    case "group":
      return fault(node.body, around);
    case "quantifier":
      return node.min === 0 ? undefined : fault(node.body, around);
    case "alternation": {
      const faults = node.branches.map((branch) => fault(branch, around));
      return faults.includes(undefined) ? undefined : faults[0];
    }
    case "sequence":
      return faultOfSequence(node.items, around);
  }
}

function faultOfSequence(items: readonly Node[], { before, behind }: Around): string | undefined {
  const lengths = items.map(leastLength);
  const sum = (some: readonly number[]) => some.reduce((total, length) => total + length, 0);
  for (const [index, item] of items.entries()) {
    const found = fault(item, {
      before: before + sum(lengths.slice(0, index)),
      behind: behind + sum(lengths.slice(index + 1)),
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The length of the shortest text that a node takes. */
function leastLength(node: Node): number {
  switch (node.kind) {
    case "char":
    case "class":
      return 1;
    case "assertion":
    case "look":
    case "backreference":
      return 0;
    case "group":
      return leastLength(node.body);
    case "quantifier":
      return node.min * leastLength(node.body);
    case "sequence":
      return node.items.reduce((total, item) => total + leastLength(item), 0);
    case "alternation":
      return Math.min(...node.branches.map(leastLength));
  }
}

const LINE_END = 0x0a;
const NO_LINE_END =
  "it needs a line end, and patterns see one line at a time (in the journal, a line break is the two characters \\n): " +
  "match each line by itself";
