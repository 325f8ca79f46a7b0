import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseToml } from "../lib/config/toml.ts";
import { printComment, printEntries, printString } from "../lib/toml_text.ts";
import { anyText } from "./any_text.ts";

Deno.test("whatever a string holds, TOML reads back the same", () => {
  fc.assert(fc.property(anyText(), (text) => {
    assertEquals(parseToml(`x = ${printString(text)}`).value, { x: text });
  }));
  const tricky = fc.constantFrom("'", '"', "\\", "\n", "\t", "\x7f", "a", "\u2028", "'''");
  fc.assert(fc.property(fc.array(tricky), (parts) => {
    const text = parts.join("");
    assertEquals(parseToml(`x = ${printString(text)}`).value, { x: text });
  }));
});

Deno.test("patterns stay readable: their backslashes are not doubled", () => {
  assertEquals(printString(String.raw`^\d "x" <HOST>$`), String.raw`'^\d "x" <HOST>$'`);
  assertEquals(printString(String.raw`it's \d`), String.raw`'''it's \d'''`);
  assertEquals(printString("ssh"), '"ssh"');
});

Deno.test("nothing that a terminal could act on is in strings, keys and comments", () => {
  assertEquals(
    printString("login \x1b[31mX\x9bY\u202eZ\u{e0041}\u2028"),
    '"login \\u001b[31mX\\u009bY\\u202eZ\\U000e0041\\u2028"',
  );
  assertEquals(printString("a\tb\\"), "'a\tb\\'");
  fc.assert(fc.property(anyText(), (text) => {
    const printed = printString(text) + printEntries([{ key: text, value: 1, comments: [text] }]);
    assertEquals(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(printed.replaceAll(/[\t\n]/g, "")), null);
  }));
});

Deno.test("comments stay comments, whatever they quote", () => {
  fc.assert(fc.property(anyText(), (text) => {
    assertEquals(parseToml(`${printComment(text)}x = 1`).value, { x: 1 });
  }));
});

Deno.test("keys, lists and tables read back the same", () => {
  const value = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.array(fc.string()));
  fc.assert(fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z_.-]+$/)), value, (keys, value) => {
    const entries = keys.map((key) => ({ key, value, comments: ["why"], items: [["each"]] }));
    assertEquals(
      parseToml(printEntries(entries)).value,
      Object.fromEntries(keys.map((key) => [key, value])),
    );
  }));
});
