import { Refusal } from "./python_regex_source.ts";

/** What a pattern's parts mean, by Python's flags of these letters. */
export interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
  readonly a: boolean;
}

/** Flags switched on or off by their letters. Throws {@linkcode Refusal} on what Python refuses. */
export function flagsNamed(
  letters: string,
  value: boolean,
  construct: string,
  offset: number,
): Partial<Flags> {
  const unknown = /[^aiLmsux]/.exec(letters)?.[0];
  if (unknown !== undefined) {
    throw new Refusal(construct, offset, `${unknown} is no flag of Python's`);
  }
  if (letters.includes("L")) {
    throw new Refusal(
      construct,
      offset,
      "flag L is for patterns of bytes, which fail2ban has none of",
    );
  }
  if (!value && /[au]/.test(letters)) {
    throw new Refusal(construct, offset, "flags a and u cannot be switched off");
  }
  if (letters.includes("a") && letters.includes("u")) {
    throw new Refusal(construct, offset, "flags a and u exclude each other");
  }
  const known = letters.replaceAll("u", "");
  return Object.fromEntries([...known].map((letter) => [letter, value]));
}
