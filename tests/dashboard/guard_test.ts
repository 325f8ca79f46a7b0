import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { objectionTo } from "../../lib/dashboard/guard.ts";

const isRefused = (method: string, headers: Record<string, string>) =>
  objectionTo({ method, headers }) !== undefined;

Deno.test("only who asks for this machine by its own names is answered", () => {
  for (const host of ["localhost", "localhost:9", "127.0.0.1:8070", "127.1.2.3", "[::1]:8070"]) {
    assertEquals(isRefused("GET", { host }), false, host);
  }
  const others = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:8070",
    "127.0.0.1.evil.example",
    "192.0.2.7",
    "localhost:8070@evil.example",
    "[::2]",
    "localhost,evil",
    "",
  ];
  for (const host of others) assertEquals(isRefused("GET", { host }), true, host);
  assertEquals(isRefused("GET", {}), true);
  fc.assert(
    fc.property(fc.domain(), (host) => isRefused("GET", { host }) || host === "localhost"),
  );
});

Deno.test("what changes something is only taken from the page itself, or from no browser", () => {
  const host = "localhost:8070";
  assertEquals(isRefused("POST", { host }), false);
  assertEquals(
    isRefused("POST", { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }),
    false,
  );
  for (
    const origin of ["null", "http://localhost", "https://localhost:8070", "http://evil.example"]
  ) {
    assertEquals(isRefused("POST", { host, origin }), true, origin);
  }
  for (const site of ["cross-site", "same-site", "none"]) {
    assertEquals(isRefused("POST", { host, "sec-fetch-site": site }), true, site);
  }
});
