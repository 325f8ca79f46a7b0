import { assertEquals, assertThrows } from "@std/assert";
import { parseListening } from "../../lib/dashboard/mod.ts";

Deno.test("the dashboard listens on loopback and nowhere else", () => {
  assertEquals(parseListening("127.0.0.1:8070"), {
    kind: "address",
    host: "127.0.0.1",
    port: 8070,
  });
  assertEquals(parseListening("[::1]:80"), { kind: "address", host: "::1", port: 80 });
  for (const text of ["0.0.0.0:80", "192.0.2.1:80", "[::]:80", "[2001:db8::1]:80"]) {
    assertThrows(() => parseListening(text), SyntaxError, "can be reached from other machines");
  }
  for (
    const text of [
      "",
      "80",
      ":80",
      "127.0.0.1",
      "127.0.0.1:65536",
      "localhost:80",
      "127.0.0.1:80:80",
    ]
  ) {
    assertThrows(() => parseListening(text), SyntaxError, "is not such as");
  }
});
