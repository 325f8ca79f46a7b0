import { ConfError, type Place } from "./place.ts";

/** A filter or action with its options: `name[a=b, c="d"][e='f']`. */
export interface Reference {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Reads `name[a=b, c="d"][e='f']`. @throws {ConfError} where the brackets hold something else. */
export function parseReference(text: string, place: Place): Reference {
  const [, name, list] = /^([^[]+)(?:\[(.*)\])?\s*$/s.exec(text.trim()) ?? [];
  if (name === undefined) {
    throw new ConfError(place, `expected NAME or NAME[option=value]: received ${quote(text)}`);
  }
  return { name: name.trim(), options: parseOptions(list ?? "", place) };
}

/** Splits a list of references, which blanks and line breaks part unless they stand in brackets. */
export function parseReferences(text: string, place: Place): Reference[] {
  return (text.match(REFERENCE) ?? []).map((one) => parseReference(one, place));
}

/** A name, and brackets in which quotes may hold anything. */
const REFERENCE = /[^\s[]+(?:\s*\[(?:"[^"]*"|'[^']*'|[^\]"'])*\])*|\S+/g;

const OPTION =
  /\s*([\w.-]+(?:\?\w+=\w+)?)=(?:\s*"([^"]*)"\s*|\s*'([^']*)'\s*|([^,\]]*))(?:,|\]\s*\[|$)/y;

function parseOptions(list: string, place: Place): Map<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; list.slice(at).trim() !== "";) {
    OPTION.lastIndex = at;
    const match = OPTION.exec(list);
    if (match === null) {
      throw new ConfError(
        place,
        `expected option=value, with quotes around a value that has , or ]: received ${
          quote(list.slice(at))
        }`,
      );
    }
    const [, name, double, single, bare] = match;
    options.set(name!, (double ?? single ?? bare!).trim());
    at = OPTION.lastIndex;
  }
  return options;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
