import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { html } from "../../lib/report/html.ts";
import { anyText } from "../any_text.ts";

/** What HTML could take for markup or for the end of an attribute. */
const DANGEROUS = /[<>"'`]|&(?!#\d+;)/;

Deno.test("whatever is put into a template comes out without markup, controls and hidden direction", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const shown = html`${text}`.toString();
      assertEquals(DANGEROUS.test(shown), false, shown);
      assertEquals(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(shown), false, shown);
    }),
  );
});

Deno.test("markup in markup stays markup, also in lists", () => {
  const items = ["<a>", "b&c"].map((text) => html`<li title="${text}">${text}</li>`);
  assertEquals(
    html`<ul>${items}</ul>`.toString(),
    '<ul><li title="&#60;a&#62;">&#60;a&#62;</li><li title="b&#38;c">b&#38;c</li></ul>',
  );
});

Deno.test("what only looks like markup of ours is text", () => {
  const forged = { toString: () => "<script>", text: "<script>" } as unknown as string;
  assertMatch(`${html`${String(forged)}`}`, /^&#60;script&#62;$/);
});
