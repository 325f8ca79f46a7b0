import { FilterError } from "./filter_error.ts";

/** What the tags of a pattern depend on. */
export interface TagContext {
  /** Whether `<HOST>` takes host names too. */
  readonly usedns: boolean;
  /** Whether the pattern sees several lines, so that `<SKIPLINES>` has some to skip. */
  readonly seesLines: boolean;
}

/**
 * Replaces the tags of a pattern (`<HOST>`, `<F-USER>...</F-USER>`) by named groups. The groups' shapes are loose and
 * quick; whether what they took is an address is decided afterwards.
 *
 * Throws {@linkcode FilterError} on a tag that cannot stand there.
 */
export function expandTags(pattern: string, { usedns, seesLines }: TagContext): string {
  let skips = 0;
  return pattern.replace(
    /\\[^]|(?<!\(\?)<(\/?)([A-Z][A-Z0-9_-]*)(\/?)>/g,
    (text, closing, name, empty) => {
      if (name === undefined) return text;
      if (closing) return name.startsWith("F-") && pattern.includes(`<${name}>`) ? ")" : text;
      if (name === "SKIPLINES") {
        if (seesLines) return String.raw`\n(?<skiplines${++skips}>(?:[^\n]*\n)*?)`;
        throw new FilterError("<SKIPLINES> needs several lines: set maxlines to how many");
      }
      if (!empty && pattern.includes(`</${name}>`)) return opening(name);
      return standing(name.replace(/^F-(?=(?:IP4|IP6|DNS|ADDR|CIDR|SUBNET)$)/, ""), usedns) ?? text;
    },
  );
}

const IPV4 = String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}`;
const HEX = String.raw`[\da-fA-F]`;
const HEXES = String.raw`[\da-fA-F:]{0,16}[\da-fA-F:]{0,16}`;
// Two colons at least; it ends in a group of digits, perhaps with the last 32 bits in dotted decimal (RFC 4291, 2.2), or
// in "::"; a zone id may follow (RFC 4007, 11). Without lookaround and without repeats of repeats or beyond 16, which the
// linear-time engine refuses; yet with bounds, so that a long run of digits costs little where nothing is anchored.
const IPV6 = String.raw`(?:${HEX}{0,4}:${HEX}{0,4}:${HEXES}${HEX}(?:\.\d{1,3}\.\d{1,3}\.\d{1,3})?` +
  String.raw`|${HEX}{0,4}:(?:${HEXES}:)?:)(?:%[\w.~-]{1,15})?`;
const ADDRESS = `(?<addr>${IPV4}|${IPV6})`;
const DNS = String.raw`(?<dns>[\w\-.^]*\w)`;
const CIDR = String.raw`(?<cidr>\d+)`;

function standing(name: string, usedns: boolean): string | undefined {
  switch (name) {
    case "HOST":
      return usedns ? String.raw`(?:\[?${ADDRESS}\]?|${DNS})` : String.raw`(?:\[?${ADDRESS}\]?)`;
    case "ADDR":
      return String.raw`(?:\[?${ADDRESS}\]?)`;
    case "IP4":
      return `(?<ip4>${IPV4})`;
    case "IP6":
      return `(?<ip6>${IPV6})`;
    case "SUBNET":
      return String.raw`(?:\[?${ADDRESS}(?:/${CIDR})?\]?)`;
    case "DNS":
      return DNS;
    case "CIDR":
      return CIDR;
    case "F-ID":
      return String.raw`(?<fid>\S+)`;
    case "F-PORT":
      return String.raw`(?<fport>\w+)`;
    default:
      return undefined;
  }
}

function opening(tag: string): string {
  const name = tag.replace(/^F-/, "");
  if (name === tag) throw new FilterError(`<${tag}> has no closing form: write <${tag}> alone`);
  if (name.includes("-")) {
    throw new FilterError(`<${tag}> is no name for a group: use letters, digits and _`);
  }
  const special: Readonly<Record<string, string>> = { ID: "fid", PORT: "fport" };
  return `(?<${special[name] ?? name.toLowerCase()}>`;
}
