import type { Pattern } from "../filter/filter.ts";
import type { Range } from "../filter/char_ranges.ts";
import type { Node } from "../filter/regex_ast.ts";

/** A part of the lines that a pattern matches. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** The address. */
  | { readonly kind: "host" }
  /** As much text as one likes, of a certain kind. */
  | Field
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** A repeat of words, without a bound that matters: what somebody else may have written. */
export interface Field {
  readonly kind: "field";
  /** The pattern's part, tags expanded. */
  readonly source: string;
  /** A short text that it takes. */
  readonly text: string;
  /** Whether the whole of a text can stand here. */
  accepts(text: string): boolean;
}

/** One way through a pattern: its pieces in order. */
export type Form = readonly Piece[];

/** Takes any text: what stands before or behind a match where nothing says that the line begins or ends there. */
export const ANYTHING: Field = { kind: "field", source: "", text: "", accepts: () => true };

/**
 * Ways through a pattern, each alternative and each optional part taken at least once, but not each with each other: the
 * first way takes all that is optional, the last one nothing of it. `content` stands in place of `<F-CONTENT>`.
 */
export function formsOf(pattern: Pattern, content?: Form): readonly Form[] {
  return new Walk(pattern.expanded, content).of(pattern.root);
}

/** The text of a form with that address in it. */
export function render(form: Form, host: string): string {
  return form.map((piece) => {
    switch (piece.kind) {
      case "text":
      case "field":
        return piece.text;
      case "host":
        return host;
      case "start":
      case "end":
        return "";
    }
  }).join("");
}

const MAX_FORMS = 64;
/** A repeat that may take more than this is a field. */
const MAX_FIXED = 8;
/** The groups that tags for an address become. */
const HOSTS: ReadonlySet<string | undefined> = new Set(["addr", "ip4", "ip6", "fid"]);

class Walk {
  readonly #source: string;
  readonly #content: Form | undefined;

  constructor(source: string, content: Form | undefined) {
    this.#source = source;
    this.#content = content;
  }

  of(node: Node): readonly Form[] {
    switch (node.kind) {
      case "char":
        return [textOf(String.fromCharCode(node.code))];
      case "class":
        return [textOf(exampleOf(node.ranges))];
      case "assertion":
        return node.source === "^"
          ? [[{ kind: "start" }]]
          : node.source === "$"
          ? [[{ kind: "end" }]]
          : [[]];
      case "look":
      case "backreference":
        return [[]];
      case "group":
        if (HOSTS.has(node.name)) return [[{ kind: "host" }]];
        if (node.name === "content" && this.#content !== undefined) return [this.#content];
        return this.of(node.body);
      case "quantifier":
        return this.#ofQuantifier(node);
      case "sequence":
        return joined(node.items.map((item) => this.of(item)));
      case "alternation":
        return node.branches.flatMap((branch) => this.of(branch)).slice(0, MAX_FORMS);
    }
  }

  #ofQuantifier(node: Extract<Node, { kind: "quantifier" }>): readonly Form[] {
    const { min, max, body } = node;
    const once = this.of(body);
    const field = max > MAX_FIXED && !once.some(hasHost)
      ? this.#fieldOf(node, once[0] ?? [])
      : undefined;
    if (field !== undefined) return isOneCharacter(body) ? [[field]] : [[field], ...once];
    if (min > 0) return once.map((form) => Array.from({ length: min }, () => form).flat());
    return isOneCharacter(body) ? [[]] : [...once, []];
  }

  /** The repeat as a field, unless it takes numbers, fields of JSON or the like: nobody can write words into those. */
  #fieldOf(
    { start, end, min }: Extract<Node, { kind: "quantifier" }>,
    once: Form,
  ): Field | undefined {
    const source = this.#source.slice(start, end);
    // One that refers to a group elsewhere takes nothing by itself.
    const whole = tryCompile(`^(?:${source})$`);
    if (whole === undefined || !WORDS.some((words) => whole.test(words))) return undefined;
    const text = whole.test("x") ? "x" : render(once, "").repeat(min);
    return { kind: "field", source, text, accepts: (other) => whole.test(other) };
  }
}

const WORDS = ["x", "xx", "x y", " x y", "x y "];

/** Forms of a sequence: all first choices, all last ones, and each choice once among first ones. */
function joined(items: readonly (readonly Form[])[]): readonly Form[] {
  const pick = (choose: (forms: readonly Form[], item: number) => Form | undefined) =>
    merged(items.flatMap((forms, item) => choose(forms, item) ?? []));
  const first = pick((forms) => forms[0]);
  const others = items.flatMap((forms, varied) =>
    forms.slice(1).map((form) => pick((all, item) => item === varied ? form : all[0]))
  );
  const last = others.length > 1 ? [pick((forms) => forms.at(-1))] : [];
  return [first, ...others.slice(0, MAX_FORMS), ...last];
}

/** The same form with neighbouring texts as one. */
function merged(form: Form): Form {
  const pieces: Piece[] = [];
  for (const piece of form) {
    const before = pieces.at(-1);
    if (piece.kind === "text" && before?.kind === "text") {
      pieces[pieces.length - 1] = { kind: "text", text: before.text + piece.text };
    } else {
      pieces.push(piece);
    }
  }
  return pieces;
}

function hasHost(form: Form): boolean {
  return form.some(({ kind }) => kind === "host");
}

function isOneCharacter(node: Node): boolean {
  return node.kind === "char" || node.kind === "class";
}

function textOf(text: string): Form {
  return text === "" ? [] : [{ kind: "text", text }];
}

/** A character out of these, a harmless one if possible. */
function exampleOf(ranges: readonly Range[]): string {
  const codes = Array.from("x1 -", (character) => character.charCodeAt(0));
  const code = codes.find((code) => ranges.some(([from, to]) => code >= from && code <= to)) ??
    ranges[0]?.[0];
  return code === undefined ? "" : String.fromCharCode(code);
}

function tryCompile(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "s");
  } catch {
    return undefined;
  }
}
