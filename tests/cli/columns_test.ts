import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cut, fold, pad, widthOf } from "../../lib/cli/columns.ts";
import { table } from "../../lib/cli/render.ts";
import { printable } from "../../lib/printable.ts";
import { anyText } from "../any_text.ts";
import { testAsRoot } from "../root.ts";
import { Tmux } from "../tmux.ts";

Deno.test("text is folded or cut to a width, and to none where there is no end to it", () => {
  assertEquals(fold("abcdefg", 3), ["abc", "def", "g"]);
  assertEquals(fold("abcdefg", Infinity), ["abcdefg"]);
  assertEquals(fold("", 3), [""]);
  assertEquals([cut("漢字漢", 5), cut("漢字漢", 4), cut("漢字", 2)], ["漢字…", "漢…", "…"]);
  assertEquals(fold("漢字e\u0301x", 3), ["漢", "字e\u0301", "x"]);
});

Deno.test("whatever is folded, cut or padded keeps its characters and to its width", () => {
  const texts = fc.oneof(
    anyText({ maxLength: 80 }),
    fc.stringMatching(/^[a漢🪕\u0301ｶ한]{0,80}$/u),
  );
  fc.assert(fc.property(texts.map(printable), fc.integer({ min: 2, max: 60 }), (text, width) => {
    const lines = fold(text, width);
    assertEquals(lines.join(""), text);
    for (const line of lines) assert(widthOf(line) <= width, line);
    assert(widthOf(cut(text, width)) <= width);
    assertEquals(widthOf(pad(cut(text, width), width)), width);
  }));
});

Deno.test("rows stay in their columns, whatever characters are in them", () => {
  assertEquals(
    table([{ head: "USER" }, { head: "N", align: "right" }], [["漢字漢", 7], ["e\u0301", 12]]),
    "USER     N\n漢字漢   7\ne\u0301       12",
  );
});

testAsRoot("a text is as wide as a terminal shows it", { programs: ["tmux"] }, async () => {
  const texts = [
    "plain",
    "Größe",
    "漢字",
    "ｶﾅ",
    "カナ",
    "한글",
    "ＡＢ",
    "e\u0301",
    "🪕",
    "㍿",
    "、。",
    "𠀀",
    "…",
  ];
  for (const text of texts) {
    await using tmux = await Tmux.start(`printf %s ${text}`, 80, 5);
    await tmux.shows(text);
    assertEquals(Number(await tmux.knows("cursor_x")), widthOf(text), text);
  }
});
