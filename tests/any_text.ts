import fc from "fast-check";

/**
 * Any text without halves of surrogate pairs. fast-check has a unit of strings for that, "binary", for which it lists all of
 * Unicode first: more than a second of processor time for each file of tests.
 */
export function anyText(
  length: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ ...length, unit: character });
}

const character = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
  fc.integer({ min: 0x80, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
).map((code) => String.fromCodePoint(code));
