import { assertEquals } from "@std/assert";
import { nearest } from "../lib/nearest.ts";

Deno.test("nearest finds the name that was meant", () => {
  const names = ["files", "ports", "findtime", "bantime", "maxretry"];
  assertEquals(nearest("maxretri", names), "maxretry");
  assertEquals(nearest("bnatime", names), "bantime");
  assertEquals(nearest("FILES", names), "files");
  assertEquals(nearest("port", names), "ports");
});

Deno.test("nearest prefers a name that begins like the word", () => {
  assertEquals(nearest("htp", ["ftp", "ntp", "http"]), "http");
  assertEquals(nearest("tp", ["ftp"]), "ftp");
});

Deno.test("nearest names nothing where nothing is close", () => {
  assertEquals(nearest("colour", ["files", "ports"]), undefined);
  assertEquals(nearest("x", []), undefined);
  assertEquals(nearest("f".repeat(1_000_000), ["files"]), undefined);
});
