import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Leads from the top of a document to a value: names of keys, and indices of arrays from 0. */
export type Path = readonly (string | number)[];

/** A TOML 1.0 document that remembers where everything stood. */
export interface Toml {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where the key or the value at `path` is written; if nothing is there, its nearest ancestor. */
  locate(path: Path, what?: "key" | "value"): Position;
}

/** The text is no TOML; the message says why, without the place. */
export class TomlError extends SyntaxError {
  override readonly name = "TomlError";
  constructor(message: string, readonly position: Position) {
    super(message);
  }
}

/** Parses a TOML 1.0 document. @throws {TomlError} */
export function parseToml(text: string): Toml {
  const program = parse(text);
  const places = new Map<string, Places>();
  for (const node of program.body[0].body) collect(node, [], places);
  return {
    value: getStaticTOMLValue(program),
    locate(path, what = "value") {
      for (let length = path.length; length > 0; length--) {
        const found = places.get(JSON.stringify(path.slice(0, length)));
        if (found !== undefined) return found[what];
      }
      return START;
    },
  };
}

interface Places {
  readonly key: Position;
  readonly value: Position;
}

const START: Position = { line: 1, column: 1 };

/** No configuration goes deeper, and deeper ones could exhaust the stack of what walks them. */
const DEEPEST = 32;

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text.replace(/^\uFEFF/, ""), { tomlVersion: "1.0" });
  } catch (error) {
    if (error instanceof ParseError) {
      const position = { line: error.lineNumber, column: error.column + 1 };
      throw new TomlError(`Cannot read TOML: ${inOwnWords(error.message)}`, position);
    }
    // The parser recurses over nested values, and spreads long strings onto the stack.
    if (error instanceof RangeError) {
      throw new TomlError("Cannot read TOML: nested too deeply, or a string is too long", START);
    }
    throw error;
  }
}

/** What the parser says of the usual mistakes, as somebody can use it who does not know TOML. */
function inOwnWords(message: string): string {
  const words: Readonly<Record<string, string>> = {
    "Must be a newline": 'something follows the value: text must stand in quotes, such as "10m"',
    "Unspecified values are invalid":
      'the value is missing: text must stand in quotes, such as "10m"',
    "Unexpected character":
      "this cannot stand here: expected KEY = VALUE, and as the value true, false, a number or text in quotes",
    "Unexpected token": 'this is no value: text must stand in quotes, such as "10m"',
    "Invalid character in escape sequence":
      "no backslash can stand here: write patterns between single quotes, which leave it alone",
    "Defining a key multiple times is invalid":
      "it is written for the second time: keep one, and one heading for each table",
    "The key, equals sign, and value must be on the same line":
      "the line before is not finished: expected KEY = VALUE, or a heading such as [sshd]",
    "Unterminated string constant": "the text has no closing quote",
    "Unterminated array": "the list has no closing ]",
    "Unterminated table-key": "the heading has no closing ]",
    "Expected equal (=) token": "expected KEY = VALUE, or a heading such as [sshd]",
    "Expected comma (,) token": "a comma is missing",
  };
  return words[message] ?? message;
}

type Node = AST.TOMLTable | AST.TOMLKeyValue | AST.TOMLContentNode;

/** Notes where `node`, found below `path`, and all in it stand. */
function collect(node: Node, path: Path, places: Map<string, Places>): void {
  if (path.length > DEEPEST) {
    throw new TomlError(`Cannot read TOML: nested more than ${DEEPEST} deep`, startOf(node));
  }
  switch (node.type) {
    case "TOMLTable":
      noteKeys(node.key, node.resolvedKey, node, places);
      for (const pair of node.body) collect(pair, node.resolvedKey, places);
      break;
    case "TOMLKeyValue": {
      const names = node.key.keys.map((key) => key.type === "TOMLBare" ? key.name : key.value);
      const whole = [...path, ...names];
      noteKeys(node.key, whole, node.value, places);
      collect(node.value, whole, places);
      break;
    }
    case "TOMLArray":
      for (const [index, element] of node.elements.entries()) {
        const place = startOf(element);
        places.set(JSON.stringify([...path, index]), { key: place, value: place });
        collect(element, [...path, index], places);
      }
      break;
    case "TOMLInlineTable":
      for (const pair of node.body) collect(pair, path, places);
      break;
  }
}

/** Notes a dotted key: each part is a key of its own, and stays where it was first written. */
function noteKeys(key: AST.TOMLKey, whole: Path, value: Node, places: Map<string, Places>): void {
  if (whole.length > DEEPEST) {
    throw new TomlError(`Cannot read TOML: nested more than ${DEEPEST} deep`, startOf(key));
  }
  const parts = key.keys.map(startOf);
  let part = parts.length - 1;
  for (let length = whole.length; length > 0 && part >= 0; length--) {
    const id = JSON.stringify(whole.slice(0, length));
    const place = parts[part]!;
    const isEnd = length === whole.length;
    if (!places.has(id)) {
      places.set(id, {
        key: place,
        value: isEnd && value.type !== "TOMLTable" ? startOf(value) : place,
      });
    }
    // An index in the path belongs to the key before it.
    if (typeof whole[length - 1] === "string") part--;
  }
}

function startOf({ loc }: AST.HasLocs): Position {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
