import { assertEquals } from "@std/assert";
import { parseFilterWord } from "../../lib/config/mod.ts";

Deno.test("a filter's word is a name, perhaps with options", () => {
  assertEquals(parseFilterWord("sshd"), { name: "sshd", options: {} });
  assertEquals(parseFilterWord("sshd[mode=aggressive]"), {
    name: "sshd",
    options: { mode: "aggressive" },
  });
  assertEquals(parseFilterWord(`web[a="x,y]", b='"', c=][d=1]`), {
    name: "web",
    options: { a: "x,y]", b: '"', c: "", d: "1" },
  });
  assertEquals(parseFilterWord("web[\n a = b c,\n d=e\n]"), {
    name: "web",
    options: { a: "b c", d: "e" },
  });
  assertEquals(parseFilterWord("web[]"), { name: "web", options: {} });
});

Deno.test("what is no filter's word is none", () => {
  for (const word of ["", "^<HOST>", "a[b", "a[b]", "a[b=c]d", 'a[b="c]', "a[b=c,]", "a b"]) {
    assertEquals(parseFilterWord(word), undefined);
  }
});
