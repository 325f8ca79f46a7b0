import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";

const config = {
  "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
  "jails/test.toml":
    '[other]\nenabled = true\nfiles = ["/nowhere/a.log"]\nfailregex = "^ <ADDR>"\n',
};

Deno.test("unban of an address says which wider network still keeps it out, and fails", async () => {
  await using agent = await TestAgent.start({ config });
  await agent.query("ban", "198.51.100.0/24", "--jail", "other");
  await agent.query("ban", "198.51.100.7", "2001:db8::1");
  const { code, stdout, stderr } = await agent.cli("unban", "198.51.100.7", "2001:db8::1");
  assertEquals([code, stdout], [
    1,
    "Unbanned 198.51.100.7 in manual\nUnbanned 2001:db8::/64 in manual\n",
  ]);
  assertEquals(
    stderr,
    "198.51.100.7 is within 198.51.100.0/24, which other has banned: " +
      "`banjo unban 198.51.100.0/24` lifts that.\n",
  );
  assertEquals((await agent.cli("unban", "198.51.100.8")).code, 1);
  assertEquals(await agent.cli("unban", "198.51.100.0/24").then(({ code }) => code), 0);
  const none = await agent.cli("unban", "198.51.100.7");
  assertEquals([none.code, none.stderr], [0, "None of these was banned.\n"]);
});

Deno.test("bans are listed in the order and the choice that is asked for, as JSON too", async () => {
  await using agent = await TestAgent.start({ config });
  await agent.query("ban", "192.0.2.10", "--for", "2h");
  await agent.query("ban", "192.0.2.9", "--for", "forever");
  await agent.query("ban", "2001:db8::/64", "--for", "90m", "--jail", "other");

  const hosts = async (...words: readonly string[]) =>
    (await agent.query("bans", ...words)).map(({ host }) => host);
  const [four, five, six] = ["192.0.2.9", "192.0.2.10", "2001:db8::/64"];
  assertEquals(await hosts(), [five, four, six]);
  assertEquals(await hosts("--sort", "host"), [four, five, six]);
  assertEquals(await hosts("--sort", "left"), [six, five, four]);
  assertEquals(await hosts("--sort", "jail"), [five, four, six]);
  assertEquals(await hosts("--jail", "other"), [six]);
  assertEquals(await hosts("--since", "1h"), [five, four, six]);
  assertEquals(await hosts("--since", "0"), []);
  const [ban] = await agent.query("bans", "--jail", "other");
  assertEquals(Object.keys(ban), ["jail", "host", "enforceable", "since", "until", "failures"]);

  const narrow = (await agent.cli("bans")).stdout;
  assertMatch(narrow, /^192\.0\.2\.10 +manual +\d{4}-\d\d-\d\d \d\d:\d\d +2 hours +0$/m);
  assertMatch(narrow, /^192\.0\.2\.9 +manual .* for ever +0$/m);
  assert(narrow.split("\n").every((line) => line.length <= 80), narrow);
  const wide = (await agent.cli("bans", "--wide")).stdout;
  assertMatch(wide, /^2001:db8::\/64 +other .*:\d\d +1 hour (29|30) minutes +0$/m);

  const { code, stderr } = await agent.cli("bans", "--sort", "fialures");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "did you mean failures?");
});
