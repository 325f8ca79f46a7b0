import { assertEquals, assertThrows } from "@std/assert";
import { expectOutput, sessionOf } from "./console.ts";

Deno.test("a session is commands with what they printed", () => {
  assertEquals(sessionOf("$ a b\none\n\ntwo\n$ c\n"), [
    { command: "a b", output: ["one", "", "two"] },
    { command: "c", output: [] },
  ]);
  assertThrows(() => sessionOf("one\n$ a"), SyntaxError, "No command");
});

Deno.test("shown output must have been printed in its order; numbers and blanks may differ", () => {
  expectOutput("head\nsshd  12   2 hours\nend\n", ["sshd 3 9 minutes", "end"], "here");
  assertThrows(() => expectOutput("a\nb\n", ["b", "a"], "here"), Error, "here");
  assertThrows(() => expectOutput("nginx 3\n", ["sshd 3"], "here"), Error, "did not print");
});
