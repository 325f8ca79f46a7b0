import { assertEquals, assertStringIncludes } from "@std/assert";
import { pictureOf } from "../../packaging/documents/picture.ts";

Deno.test("a picture has each piece of text at its column, in its colour, and escaped", () => {
  const picture = pictureOf("\x1b[1mA<b\x1b[0m  \x1b[31mred\x1b[39m\n\x1b[7mx\x1b[27m\n", "t");
  assertStringIncludes(picture, 'fill="#ffffff" font-weight="bold">A&lt;b</text>');
  assertStringIncludes(picture, '<text x="62.0" y="51" textLength="25.2" fill="#ff7b72">red<');
  assertStringIncludes(picture, 'fill="#16181d">x</text>');
  assertEquals(picture.match(/<text /g)?.length, 3);
});
