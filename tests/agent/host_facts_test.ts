import { assert, assertEquals } from "@std/assert";
import { HostFactsReader } from "../../lib/agent/host_facts.ts";
import { settingsOf } from "../jail/settings.ts";

Deno.test("however many host names ignoreip has, all are looked up, and few at once", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `friend-${index}.example.org`);
  let running = 0;
  let most = 0;
  const reader = new HostFactsReader(async (name) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return [`192.0.2.${name.match(/\d+/)}`];
  });
  const { lookedUp } = await reader.read([settingsOf({ ignoreLookups: names })]);
  assertEquals(
    [...lookedUp],
    names.map((name, index) => [name, [`192.0.2.${index}`]]),
  );
  assertEquals(reader.problems, []);
  assert(most <= 8, `${most} at once`);
});

Deno.test("a host name of ignoreip that cannot be looked up keeps no other from counting", async () => {
  const reader = new HostFactsReader((name) =>
    name === "lost.example.org"
      ? Promise.reject(new Deno.errors.NotFound("no getent"))
      : Promise.resolve(["192.0.2.7"])
  );
  const ignoreLookups = ["lost.example.org", "friend.example.org"];
  const { lookedUp } = await reader.read([settingsOf({ ignoreLookups })]);
  assertEquals([...lookedUp], [["friend.example.org", ["192.0.2.7"]]]);
  assertEquals(reader.problems, ["ignoreip: lost.example.org has no address just now"]);
});
