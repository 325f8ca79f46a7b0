import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { idHost, isAddress, parseNetwork } from "../../lib/address.ts";
import type { Failure } from "../../lib/filter/failure.ts";
import { scan } from "./definitions.ts";

/** What a failregex finds in a line without a date. */
function find(failregex: string, line: string): Partial<Failure> | undefined {
  const [finding] = scan({ failregex: [failregex], datepattern: ["{NONE}"] }, [line]);
  if (finding?.kind !== "failure") return undefined;
  const { host, address, user } = finding;
  return { host, ...(address && { address }), ...(user && { user }) };
}

Deno.test("<F-ID> that is an address or a network is that", () => {
  assertEquals(find("^<F-ID/>$", "2001:DB8::1"), { host: "2001:db8::1" });
  assertEquals(find("^<F-ID>.*</F-ID>$", "192.0.2.9/24"), { host: "192.0.2.0/24" });
});

Deno.test("<F-ID> that is no address is counted as an id", () => {
  assertEquals(find("^<F-ID/>$", "alice"), { host: "id:alice" });
  assertEquals(find("^<F-ID>.*</F-ID>$", "192.0.2.09"), { host: "id:192.0.2.09" });
  assertEquals(find("^<F-ID>.*</F-ID>$", ""), undefined);
});

Deno.test("an id goes before an address, which stands behind it", () => {
  assertEquals(find("^<F-ID>\\w+</F-ID> <ADDR>$", "alice 192.0.2.7"), {
    host: "id:alice",
    address: "192.0.2.7",
  });
  assertEquals(find("^<F-ID>\\S+</F-ID> <ADDR>$", "192.0.2.7 192.0.2.7"), { host: "192.0.2.7" });
});

Deno.test("whatever <F-ID> takes, no id passes for an address", () => {
  const text = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.ipV4(),
    fc.ipV6(),
    fc.stringMatching(/^[\da-f.:/]{1,20}$/),
  );
  fc.assert(fc.property(text, (id) => {
    const found = find("^<F-ID>[^]*</F-ID>$", id.replaceAll("\n", ""));
    const host = found?.host;
    if (host !== undefined) assertEquals(isAddress(host), parseNetwork(host) === host);
  }));
  assertEquals(isAddress(idHost("192.0.2.1")), false);
});

Deno.test("<F-ALT_USER> fills in where <F-USER> took nothing, the first by name", () => {
  const pattern =
    "^<F-USER>[a-z]*</F-USER>,<F-ALT_USER_2>\\w*</F-ALT_USER_2>,<F-ALT_USER_1>\\w*</F-ALT_USER_1> <ADDR>$";
  const user = (line: string) => find(pattern, `${line} 192.0.2.1`)?.user;
  assertEquals([user("a,b,c"), user(",b,c"), user(",b,"), user(",,")], ["a", "c", "b", undefined]);
});

Deno.test("<F-ALT_ID> fills in where there is no other id", () => {
  const pattern = "^(?:<F-ID>u\\w+</F-ID>|<F-ALT_ID>k\\w+</F-ALT_ID>)$";
  assertEquals(find(pattern, "u1"), { host: "id:u1" });
  assertEquals(find(pattern, "k1"), { host: "id:k1" });
});

Deno.test("<F-TUPLE_...> joins its parts to what they belong to", () => {
  const pattern =
    "^<F-USER>\\w+</F-USER> <F-TUPLE_USER_2>\\w+</F-TUPLE_USER_2> <F-TUPLE_USER_1>\\w+</F-TUPLE_USER_1> <ADDR>$";
  assertEquals(find(pattern, "a b c 192.0.2.1")?.user, "a, c, b");
  assertEquals(find("^<F-TUPLE_ID>\\w+</F-TUPLE_ID> <F-ID/>$", "web 192.0.2.1"), {
    host: "id:192.0.2.1, web",
  });
});
