import {
  canBeEmptyAtEnd,
  type Node,
  nodesOf,
  participation,
  partsOf,
  type Quantifier,
} from "./python_regex_ast.ts";
import { widthOf } from "./python_regex_width.ts";
import { Refusal, type Source } from "./python_regex_source.ts";

/** Prints a pattern without conditionals for ECMAScript, without flags but `s`. Throws {@linkcode Refusal}. */
export function printPattern(root: Node, source: Source): string {
  return new Printer(root, source).print(root, source.subject === "line");
}

class Printer {
  readonly #source: Source;
  /** Their names. */
  readonly #names = new Map<number, string>();
  /** The groups to which backreferences point. */
  readonly #used: ReadonlySet<number>;
  #atomics = 0;

  constructor(root: Node, source: Source) {
    this.#source = source;
    const nodes = [...nodesOf(root)];
    const captures = nodes.filter((node) => node.kind === "capture");
    const isRenumbered = nodes.some(({ kind }) => kind === "tag" || kind === "atomic") ||
      nodes.some((node) => node.kind === "quantifier" && node.mode === "possessive") ||
      captures.some(({ index }, at) => index !== at + 1);
    for (const { index, name } of captures) {
      if (name !== undefined) this.#names.set(index, name);
      else if (isRenumbered) this.#names.set(index, `group${index}`);
    }
    this.#used = new Set(nodes.flatMap((node) => node.kind === "backreference" ? [node.to] : []));
    for (const node of nodes) {
      if (node.kind === "quantifier" && node.max > 1) checkRepeated(node, this.#used);
    }
    for (const index of this.#names.keys()) if (!this.#used.has(index)) this.#names.delete(index);
  }

  /** `isLast`: nothing but the line feed that ends fail2ban's text need follow what the node takes. */
  print(node: Node, isLast: boolean): string {
    switch (node.kind) {
      case "char":
        return node.isLineFeed && isLast ? this.#orEnd(node.text, node) : node.text;
      case "class":
        return node.takesLineFeed && isLast ? this.#orEnd(node.text, node) : node.text;
      case "tag":
        return node.text;
      case "assertion":
        return this.#assertion(node);
      case "never":
        return "(?!)";
      case "look":
        return `${node.open}${this.print(node.body, this.#isLastInLook(node, isLast))})`;
      case "group":
        return `${node.open}${this.print(node.body, isLast)})`;
      case "capture": {
        const name = node.name === undefined ? this.#names.get(node.index) : undefined;
        const open = name === undefined ? node.open : `(?<${name}>`;
        return `${open}${this.print(node.body, isLast)}${node.close}`;
      }
      case "atomic":
        return this.#atomic(this.print(node.body, isLast), node, "(?>");
      case "backreference": {
        const name = this.#names.get(node.to);
        return name === undefined ? `\\${node.to}` : `\\k<${name}>`;
      }
      case "quantifier":
        return this.#quantifier(node, isLast);
      case "sequence":
        return this.#sequence(node.items, isLast);
      case "alternation": {
        const hasEnd = node.branches.some((one) => one.kind === "assertion" && one.which === "end");
        // As in `(?:\s|$)`: the end is provided for.
        const isMet = (branch: Node) => hasEnd && partsOf(branch).length === 0;
        return node.branches.map((branch) => this.print(branch, isLast && !isMet(branch))).join(
          "|",
        );
      }
      case "conditional":
        throw new TypeError("Cannot print a conditional: resolve it first");
    }
  }

  #sequence(items: readonly Node[], isLast: boolean): string {
    // The last that must take something may take the line feed, and so may all behind it.
    const from = isLast ? items.findLastIndex((item) => !canBeEmptyAtEnd(item)) : Infinity;
    const texts = items.map((item, index) => this.print(item, index >= from));
    return texts.map((text, index) => {
      const isNumber = items[index]!.kind === "backreference" && /\d$/.test(text);
      return isNumber && /^\d/.test(texts[index + 1] ?? "") ? `(?:${text})` : text;
    }).join("");
  }

  #quantifier(node: Quantifier, isLast: boolean): string {
    const { body, min, mode } = node;
    const isSimple = body.kind === "char" || body.kind === "class";
    // The line feed is there once: two rounds that take nothing else cannot both meet the end.
    const isOnce = min < 2 || widthOf(body, () => ({ min: 0, max: Infinity })).min > 1;
    const isInside = isLast && !isSimple && isOnce;
    const one = this.#repeatable(body, isInside);
    const text = `${one}${node.text}${mode === "lazy" ? "?" : ""}`;
    const printed = isLast && isSimple && min > 0 && takesLineFeed(body)
      ? this.#orEnd(text, node, min === 1 ? "" : `${one}{${min - 1}}`)
      : text;
    return mode === "possessive" ? this.#atomic(printed, node, `${node.text}+`) : printed;
  }

  /** A body as something that a quantifier can follow. */
  #repeatable(body: Node, isLast: boolean): string {
    const text = this.print(body, isLast);
    const isPair = body.kind === "char" && text.length === 2 && !text.startsWith("\\");
    const isWhole = !isPair && !COMPOSED.has(body.kind);
    return isWhole ? text : `(?:${text})`;
  }

  #assertion({ which, offset }: Extract<Node, { kind: "assertion" }>): string {
    const { subject } = this.#source;
    switch (which) {
      case "start":
        return subject === "lines" ? "(?<![^])" : "^";
      case "lineStart":
        return subject === "block" ? "(?<![^\\n])" : "^";
      case "lineEnd":
        return subject === "block" ? "(?![^\\n])" : "$";
      case "end":
        return subject === "lines" ? "(?=\\n?(?![^]))" : "$";
      case "veryEnd":
        if (subject === "lines" || subject === "block") return "(?![^])";
        if (subject === "line") {
          this.#source.note(
            "\\Z",
            offset,
            "written as $: in fail2ban a line feed follows every line, and \\Z is behind it",
            "differs",
          );
        }
        return "$";
      default:
        return which;
    }
  }

  /** What takes the line feed that ends the text may meet the end of the text instead. */
  #orEnd(text: string, { offset }: Node, before = ""): string {
    const written = `(?:${text}|${before}$)`;
    this.#source.note(
      text,
      offset,
      `written as ${written}: in fail2ban a line feed follows every line, which it takes too`,
    );
    return written;
  }

  #isLastInLook(look: Extract<Node, { kind: "look" }>, isLast: boolean): boolean {
    if (look.open.startsWith("(?<")) return false;
    // What looks at one character sees the line feed only where nothing else need follow.
    const isOne = look.body.kind === "char" || look.body.kind === "class";
    return this.#source.subject === "line" && (isLast || !isOne);
  }

  /** What is found by looking ahead is not tried otherwise once it is taken. */
  #atomic(text: string, { offset }: Node, construct: string): string {
    const name = `atomic${++this.#atomics}`;
    const written = `(?=(?<${name}>${text}))\\k<${name}>`;
    this.#source.note(construct, offset, "written as a lookahead and a backreference");
    return written;
  }
}

/** ECMAScript forgets what a group took when its repetition begins anew, so nothing can be compared with it. */
function checkRepeated({ body }: Quantifier, used: ReadonlySet<number>): void {
  const captures = [...nodesOf(body)].filter((node) => node.kind === "capture")
    .filter(({ index }) => used.has(index));
  if (captures.length === 0) return;
  const isEmpty = widthOf(body, () => ({ min: 0, max: Infinity })).min === 0;
  const lost = captures.find(({ index }) => isEmpty || participation(body, index) !== "always");
  if (lost === undefined) return;
  const reason =
    "it is referred to, and keeps nothing once another round of its repetition follows";
  throw new Refusal(lost.open, lost.offset, reason);
}

/** What a quantifier behind it would not repeat as a whole. */
const COMPOSED: ReadonlySet<Node["kind"]> = new Set([
  "sequence",
  "alternation",
  "quantifier",
  "look",
  "atomic",
  "never",
  "assertion",
]);

function takesLineFeed(node: Node): boolean {
  return node.kind === "char" ? node.isLineFeed : node.kind === "class" && node.takesLineFeed;
}
