/** Blocklists in a real kernel, and from a real server. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { addresses, Network } from "../network.ts";
import { TestRelay } from "../relay.ts";
import { usualOrLong } from "../long.ts";
import { testAsRoot } from "../root.ts";

const { attacker, neighbour, innocent, server } = addresses;
const needs = { programs: ["nft"] };

testAsRoot("a list keeps out whom it names, but nobody who is never banned", needs, async () => {
  await using network = await Network.create();
  await using agent = await TestAgent.create({
    config: {
      "banjo.toml": `[defaults]\nignoreip = ["${neighbour.ipv4}"]\n[agent]\non_stop = "remove"\n`,
    },
    place: (...command) => network.on("server", ...command),
  });
  await agent.run();
  await network.listen("server", 22);
  const isListed = async (host: string) =>
    (await network.must("server", ["nft", "list", "table", "inet", "banjo-lists"])).includes(host);
  const probe = (host: "attacker" | "neighbour" | "innocent", family: "ipv4" | "ipv6") =>
    network.probe(host, server[family], 22);
  const list = `${agent.folder}/bad.txt`;
  // A whole network with one in it who is never banned, and the server itself.
  await Deno.writeTextFile(
    list,
    `# bad ones\n198.51.100.0/24 ; SBL1\n${attacker.ipv6}\n${server.ipv4}\n10.0.0.0/8\n`,
  );
  assertStringIncludes(
    (await agent.cli("blocklist", "add", list)).stdout,
    "Added bad: 3 addresses kept out; 1 left out",
  );
  assertEquals(await probe("attacker", "ipv4"), "silent");
  assertEquals(await probe("attacker", "ipv6"), "silent");
  assertEquals(await probe("neighbour", "ipv4"), "open");
  assertEquals(await probe("innocent", "ipv4"), "open");
  const [report] = await agent.query("blocklist", "list");
  assert(report.stopped.packets >= 2, JSON.stringify(report));

  // Bans go on beside it, and a restart, a crash and a flush change nothing.
  await agent.query("ban", innocent.ipv4);
  await agent.waitForBan(innocent.ipv4);
  await agent.query("unban", innocent.ipv4);
  await agent.kill9();
  assert(await isListed("198.51.100.0"));
  // The file is gone; what was in it is known.
  const text = await Deno.readTextFile(list);
  await Deno.remove(list);
  await agent.run();
  await network.must("server", ["nft", "flush", "ruleset"]);
  await agent.waitFor("the list", async () => {
    const { stdout } = await network.exec("server", ["nft", "list", "ruleset"]);
    return stdout.includes("198.51.100.0");
  });
  assertEquals(await probe("attacker", "ipv4"), "silent");
  assertEquals(await probe("neighbour", "ipv4"), "open");
  assert((await agent.query("status"))[0].health.includes("Cannot read the blocklist bad"));

  // A list that is damaged does not replace one that is not; one that has changed does.
  await Deno.writeTextFile(list, "<html>404 not found</html>\n");
  await agent.query("blocklist", "refresh");
  assert(await isListed("198.51.100.0"));
  await Deno.writeTextFile(list, text.replace("198.51.100.0/24", "203.0.113.0/24"));
  await agent.query("blocklist", "refresh");
  assertEquals(await probe("attacker", "ipv4"), "open");
  assert(await isListed("203.0.113.0"));
  assertStringIncludes(
    (await agent.cli("explain", "203.0.113.9")).stdout,
    "203.0.113.9 is kept out by the blocklist bad, which names 203.0.113.0/24.",
  );
  for (const { host, listed } of await agent.query("explain", neighbour.ipv4)) {
    assertEquals([host, listed], [neighbour.ipv4, []]);
  }
  await agent.waitFor(
    "health",
    async () => (await agent.query("status"))[0].health === "healthy",
  );

  // Whoever is put on the ignore list is let through.
  await agent.configure({ "banjo.toml": `[defaults]\nignoreip = ["${innocent.ipv4}"]\n` });
  await agent.query("reload");
  await agent.query("blocklist", "refresh");
  assertEquals(await probe("innocent", "ipv4"), "open");

  assertEquals((await agent.cli("blocklist", "remove", "bad")).stdout, "Removed bad\n");
  assertEquals(await probe("attacker", "ipv6"), "open");
  assertEquals(await agent.query("blocklist", "list"), []);
  for (const words of [["add", "/nowhere/x"], ["remove", "bad"], ["refresh", "bad"], ["add"]]) {
    const { code, stderr } = await agent.cli("blocklist", ...words);
    assert(code !== 0 && stderr !== "", words.join(" "));
  }
  assertEquals(await agent.query("blocklist", "list"), []);
  const told = (await agent.query("events")).filter(({ about }) => about === "blocklist x");
  assertEquals(told, [], "whoever mistypes is told, and nobody else");
});

testAsRoot("lists outlive the file that says which there are", needs, async () => {
  await using network = await Network.create();
  await using agent = await TestAgent.create({
    config: {},
    place: (...command) => network.on("server", ...command),
  });
  const registry = `${agent.state}/blocklists.json`;
  const isListed = async (host: string) =>
    (await network.must("server", ["nft", "list", "ruleset"])).includes(host);
  const lists = [`${agent.folder}/one.txt`, `${agent.folder}/two.txt`];
  await Deno.writeTextFile(lists[0]!, "198.51.100.0/24\n");
  await Deno.writeTextFile(lists[1]!, "203.0.113.0/24\n");
  await agent.run();
  await agent.query("blocklist", "add", lists[0]!);
  const before = await Deno.readTextFile(registry);
  const damages: readonly (() => Promise<unknown>)[] = [
    () => Deno.truncate(registry, 20),
    () => Deno.writeTextFile(registry, '[{"name": "../one"}]'),
    async () => {
      await Deno.rename(registry, `${agent.folder}/elsewhere`);
      await Deno.symlink(`${agent.folder}/elsewhere`, registry);
    },
    async () => {
      await Deno.remove(registry);
      await network.must("server", ["mkfifo", registry]);
    },
  ];
  for (const damage of damages) {
    await agent.stop();
    await damage();
    await agent.run();
    assert(await isListed("198.51.100.0"), agent.said);
    const words = "blocklists of which there are copies: one";
    await agent.waitFor("the lists to be found again", () => agent.said.includes(words));
    assert(await isListed("198.51.100.0"), agent.said);
    assertEquals((await agent.query("status"))[0].health, "healthy");
    assertEquals(
      (await agent.query("blocklist", "list")).map(({ name, source }) => [name, source]),
      [["one", lists[0]]],
    );
  }
  const aside = [...Deno.readDirSync(agent.state)].filter(({ name }) =>
    name.startsWith("blocklists.json.damaged-")
  );
  assertEquals(aside.length, damages.length);
  assertEquals(
    await Deno.readTextFile(`${agent.folder}/elsewhere`),
    before.replace(/(?<="requested": ?)\d+/, "0"),
  );

  await agent.query("blocklist", "add", lists[1]!);
  assert(await isListed("198.51.100.0") && await isListed("203.0.113.0"));
  await agent.query("blocklist", "remove", "one");
  await agent.restart();
  assert(!await isListed("198.51.100.0") && await isListed("203.0.113.0"));
});

testAsRoot(
  "many listed networks slow no ban down, and are gone with the agent",
  needs,
  async () => {
    await using network = await Network.create();
    await using agent = await TestAgent.create({
      config: { "banjo.toml": '[agent]\non_stop = "remove"\n' },
      place: (...command) => network.on("server", ...command),
    });
    await agent.run();
    const list = `${agent.folder}/many`;
    const hosts = Array.from(
      { length: usualOrLong(20_000, 100_000) },
      (_, index) =>
        `20.${index >> 16}.${(index >> 8) & 255}.${index & 255}${index % 7 === 0 ? "/31" : ""}`,
    );
    await Deno.writeTextFile(list, hosts.join("\n"));
    await agent.cli("blocklist", "add", list);
    const [{ entries }] = await agent.query("blocklist", "list");
    assertEquals(entries, new Set(hosts).size);
    // What a ban costs nft is looked at rather than timed: it reads back interval sets alone.
    const sets = await network.must("server", [
      "nft",
      "-t",
      "list",
      "table",
      "inet",
      "banjo-lists",
    ]);
    assert(!sets.includes("interval"), sets);
    await agent.query("ban", attacker.ipv4);
    await agent.stop();
    assertEquals(await network.must("server", ["nft", "list", "tables"]), "");
  },
);

Deno.test("the relay fetches lists, asks whether they have changed, and takes nothing else for one", async () => {
  const asked: { readonly path: string; readonly headers: Headers }[] = [];
  const answers = new Map<string, () => Response>();
  await using http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const path = new URL(request.url).pathname.slice(1);
    asked.push({ path, headers: request.headers });
    return answers.get(path)!();
  });
  const url = `http://127.0.0.1:${http.addr.port}`;
  await using agent = await TestAgent.start({
    config: { "banjo.toml": '[defaults]\nfirewall = "dry-run"\n' },
  });
  const entriesOf = async (name: string) =>
    (await agent.query("blocklist", "list")).find((list) => list.name === name)?.entries;
  const etag = { etag: '"one"', "last-modified": "Mon, 23 Nov 2026 10:00:00 GMT" };
  const two = "198.51.100.7\n203.0.113.0/24\n";
  const bad: Readonly<Record<string, readonly [() => Response, string]>> = {
    page: [() => new Response("<html>Sorry</html>"), "is no list"],
    moved: [
      () => new Response(null, { status: 302, headers: { location: "http://other.example/" } }),
      "leads to http://other.example/",
    ],
    gone: [() => new Response("gone \x1b[2J", { status: 410 }), "answers with 410"],
    large: [() => new Response("198.51.100.1\n".repeat(1_500_000)), "has more than"],
  };
  answers.set("drop.txt", () => new Response(two, { headers: etag }));
  answers.set("other.txt", () => new Response(two));
  for (const [name, [response]] of Object.entries(bad)) answers.set(name, response);
  for (const path of ["drop.txt", "other.txt", ...Object.keys(bad)]) {
    assertEquals((await agent.cli("blocklist", "add", `${url}/${path}`)).code, 0);
  }
  await using relay = await TestRelay.start(agent);
  await agent.waitFor(
    "the lists",
    async () => await entriesOf("drop") === 2 && await entriesOf("other") === 2,
  );
  for (const [, words] of Object.values(bad)) {
    await agent.waitFor(words, () => relay.said.includes(words));
  }
  assert(!relay.said.includes("\x1b"), relay.said);
  const problemOf = async (name: string) =>
    (await agent.query("blocklist", "list")).find((list) => list.name === name)?.problem;
  for (const [name, [, words]] of Object.entries(bad)) {
    assertStringIncludes(await problemOf(name), `Cannot fetch the blocklist ${name}: `);
    assertStringIncludes(await problemOf(name), words);
  }
  answers.set("gone", () => new Response(two));
  await agent.query("blocklist", "refresh", "gone");
  await agent.waitFor("the end of a problem", async () => await problemOf("gone") === null);

  answers.set("drop.txt", () => new Response(null, { status: 304 }));
  answers.set("other.txt", () => new Response("<html>Sorry</html>"));
  const before = asked.length;
  await agent.query("blocklist", "refresh");
  await agent.waitFor("requests", () => asked.length >= before + 6);
  const [again] = asked.slice(before).filter(({ path }) => path === "drop.txt");
  assertEquals(again!.headers.get("if-none-match"), '"one"');
  assertEquals(again!.headers.get("if-modified-since"), etag["last-modified"]);

  answers.set("drop.txt", () => new Response(`${two}198.51.100.9\n`));
  await agent.query("blocklist", "refresh", "drop");
  await agent.waitFor("the new list", async () => await entriesOf("drop") === 3);
  assertEquals(await entriesOf("other"), 2);
  // They are there over a restart, without the relay.
  assertEquals(await relay.stop(), 0);
  await agent.restart();
  await agent.waitFor(
    "the lists again",
    async () => await entriesOf("drop") === 3 && await entriesOf("other") === 2,
  );

  // Another publisher's list of that name has nothing of it, though the relay has not seen it go.
  await agent.query("blocklist", "remove", "drop");
  const { stdout } = await agent.cli("blocklist", "add", `${url}/elsewhere/drop.txt`);
  assertStringIncludes(stdout, "Added drop: banjo-relay fetches it");
  assertEquals(await entriesOf("drop"), null);
  const [{ listed }] = await agent.query("explain", "198.51.100.9");
  assertEquals(listed, []);
  await agent.query("blocklist", "remove", "drop");
  assertStringIncludes(
    (await agent.cli("blocklist", "add", `${url}/drop.txt`)).stdout,
    "Added drop: 3 addresses",
  );
});
