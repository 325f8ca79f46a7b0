/** The agent as a whole, with a log file that the test writes: what it does when things around it go wrong. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { addresses, end, must, Network } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { writeJournal } from "../sources/journal_file.ts";

const needs = { programs: ["nft"] };
const { attacker } = addresses;
const HOUR = 3_600_000;

testAsRoot("bans and figures are printed for scripts as documented", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  assertEquals(await agent.query("bans"), []);
  const now = await server.fails(attacker.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  await server.fails("192.0.2.77", 1);
  await agent.waitFor("the third failure", async () => await failedOf(agent) === 3);
  const [permanent] = await agent.query(
    "ban",
    "2001:db8:1:2:3::4",
    "--jail",
    "test",
    "--for",
    "-1",
  );

  const bans = [
    {
      jail: "test",
      host: attacker.ipv4,
      enforceable: true,
      since: iso(now),
      until: iso(now + HOUR),
      failures: 2,
    },
    {
      jail: "test",
      host: "2001:db8:1:2::/64",
      enforceable: true,
      since: permanent.since,
      until: null,
      failures: 0,
    },
  ];
  assertEquals(await agent.query("bans"), bans);
  assertEquals(await agent.query("bans", "--jail", "manual"), []);
  const jail = {
    jail: "test",
    enabled: true,
    sources: [server.log],
    missing: [],
    failed: { now: 1, total: 3 },
    banned: { now: 2, total: 2 },
    held: 0,
  };
  const hosts = bans.map(({ host }) => host);
  const settings = {
    maxretry: 2,
    findtime: 3600,
    bantime: 3600,
    grows: false,
    ignoreip: [],
    firewall: "nftables",
    ports: ["22"],
    protocol: "tcp",
  };
  assertEquals(await agent.query("status", "test"), [
    { ...jail, banned: { ...jail.banned, hosts }, settings },
  ]);
  const [{ version, ...rest }] = await agent.query("status");
  assertMatch(version, /^\d+\.\d+\.\d+$/);
  assertEquals(rest, {
    health: "healthy",
    jails: [jail],
    pending: 0,
    problems: [],
    spared: [],
  });

  const table = await agent.cli("bans");
  assertMatch(table.stdout, /^HOST +JAIL +SINCE +LEFT +FAILURES\n198\.51\.100\.66 +test .* 2\n/);
  assertMatch((await agent.cli("status", "test")).stdout, /Hosts +198\.51\.100\.66\n/);
  assert(!table.stdout.includes("\x1b"), "colour where there is no terminal");
});

Deno.test("what is no address is banned on record only, over a restart too", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/app.log`;
  await agent.configure({
    "jails/users.toml": `[users]
enabled = true
files = ["${log}"]
failregex = ['^ login <F-ID>.*</F-ID> failed$']
maxretry = 2
bantime = "1h"
firewall = "dry-run"
`,
  });
  const at = iso(Date.now());
  const lines = ["bob\x1b[2J", "bob\x1b[2J", "192.0.2.7", "192.0.2.7"];
  await Deno.writeTextFile(log, lines.map((id) => `${at} login ${id} failed\n`).join(""));
  await agent.run();
  await agent.waitForBan("192.0.2.7");
  const [address, id] = await agent.query("bans");
  assertEquals([id.host, id.enforceable], ["id:bob\x1b[2J", false]);
  assertEquals([address.host, address.enforceable], ["192.0.2.7", true]);
  assertMatch((await agent.cli("bans")).stdout, /^id:bob\\x1b\[2J \(on record only\) +users /m);
  assertStringIncludes(agent.said, "no address, so it is only on record");
  assert(!agent.said.includes("would ban id:"), agent.said);

  await agent.stop();
  await agent.run();
  assertEquals(await agent.query("bans"), [address, id]);
  await agent.query("unban", "id:bob\x1b[2J");
  assertEquals(await agent.query("bans"), [address]);
});

Deno.test("patterns written for the kernel's lines in syslog match the journal", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const journal = `${agent.folder}/journal`;
  await Deno.mkdir(journal);
  const message = "REFUSED IN=eth0 SRC=192.0.2.7 DST=192.0.2.1";
  const entry = (index: number, ...fields: (readonly [string, string])[]) => ({
    realtime: Date.now() * 1000 + index,
    monotonic: 7_000_000 + index,
    boot: "0".repeat(31) + "1",
    fields: [["SYSLOG_IDENTIFIER", "kernel"], ["_HOSTNAME", "server"], ...fields] as const,
  });
  await writeJournal(`${journal}/test.journal`, [
    // What calls itself the kernel is told by its process.
    entry(0, ["_TRANSPORT", "syslog"], ["_PID", "7"], [
      "MESSAGE",
      message.replace("192.0.2.7", "203.0.113.1"),
    ]),
    entry(1, ["_TRANSPORT", "kernel"], ["_SOURCE_MONOTONIC_TIMESTAMP", "6543210"], [
      "MESSAGE",
      message,
    ]),
    entry(2, ["_TRANSPORT", "kernel"], ["MESSAGE", message]),
  ]);
  await agent.configure({
    "banjo.toml":
      `[defaults]\nfirewall = "dry-run"\n[agent]\njournal = { directory = "${journal}" }\n`,
    "filters/refused.toml": `
failregex = ['^server kernel: \\[ +\\d+\\.\\d+\\] REFUSED IN=\\w+ SRC=<ADDR> ']
journal_text = "syslog"
journalmatch = ["_TRANSPORT=kernel", "+", "_TRANSPORT=syslog"]
`,
    "jails/refused.toml": "[refused]\nenabled = true\nmaxretry = 2\n",
  });
  await agent.run();
  await agent.waitForBan("192.0.2.7");
  assertEquals(await agent.banned(), ["192.0.2.7"]);
  const { stdout } = await agent.cli("explain", "192.0.2.7");
  for (const stamp of ["[    6.543210]", "[    7.000002]"]) {
    assertStringIncludes(stdout, `server kernel: ${stamp} ${message}`);
  }
  assertStringIncludes(stdout, "REFUSED IN=\\w+ SRC=<ADDR>");
});

Deno.test("patterns written for syslog's lines match the journal, and no message passes for another program's", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const journal = `${agent.folder}/journal`;
  await Deno.mkdir(journal);
  const failed = "sshd[1]: Failed login from";
  const logged: readonly (readonly [identifier: string, message: string])[] = [
    ["cron", `${failed} 203.0.113.1`],
    ["x: sshd", "Failed login from 203.0.113.2"],
    ["cron", `\nserver ${failed} 203.0.113.3`],
    ["sshd", "Failed login from 192.0.2.7"],
  ];
  await writeJournal(
    `${journal}/test.journal`,
    logged.map(([identifier, message], index) => ({
      realtime: Date.now() * 1000 + index,
      monotonic: 1000 + index,
      boot: "0".repeat(31) + "1",
      fields: [
        ["MESSAGE", message],
        ["SYSLOG_IDENTIFIER", identifier],
        ["_PID", "7"],
        ["_HOSTNAME", "server"],
        ["_UID", "0"],
      ],
    })),
  );
  await agent.configure({
    "banjo.toml":
      `[defaults]\nfirewall = "dry-run"\n[agent]\njournal = { directory = "${journal}" }\n`,
    "filters/glued.toml": `
failregex = ['^server sshd(?:\\[\\d+\\])?: Failed login from <ADDR>$']
journal_text = "syslog"
journalmatch = "_UID=0"
`,
    "jails/glued.toml": '[glued]\nenabled = true\nmaxretry = 1\nfirewall = "dry-run"\n',
  });
  await agent.run();
  await agent.waitForBan("192.0.2.7");
  assertEquals(await agent.banned(), ["192.0.2.7"]);
});

testAsRoot("a user without rights gets a dry run that says so", needs, async () => {
  const nobody = 65534;
  const drop = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  await using server = await newServer({ drop, owner: nobody });
  const { agent, network } = server;
  const time = await server.fails(attacker.ipv4, 2);
  const words = `would ban ${attacker.ipv4} from tcp port 22 until ${iso(time + HOUR)} (test)`;
  await agent.waitFor(words, () => agent.said.includes(words));
  assertStringIncludes(agent.said, "nothing can be banned: this is a dry run");
  assertEquals(await agent.banned(), [attacker.ipv4]);
  await agent.query("unban", attacker.ipv4);
  await agent.waitFor("the unban", () => agent.said.includes(`would unban ${attacker.ipv4}`));
  assertEquals(await network.must("server", ["nft", "list", "tables"]), "");
});

for (
  const [what, damage] of [
    ["cut short", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["of other content", () => '{"version":1,"jails":[]}\n'],
    ["no text", () => "\0\xff\0".repeat(100)],
  ] as const
) {
  testAsRoot(`a state file that is ${what} is set aside, and no ban is lost`, needs, async () => {
    await using server = await newServer();
    const { agent } = server;
    await server.fails(attacker.ipv4, 2);
    await agent.waitForBan(attacker.ipv4);
    await agent.query("ban", "203.0.113.9", "--for", "2h");
    const before = await agent.query("bans");
    await agent.stop();
    const file = `${agent.state}/state.json`;
    const damaged = damage(await Deno.readTextFile(file));
    await Deno.writeTextFile(file, damaged);

    await agent.run();
    const [, copy] = /The state cannot be used \(.+\) and is now (\S+);/.exec(agent.said) ?? [];
    assertEquals(await Deno.readTextFile(copy!), damaged);
    const ends = (bans: typeof before) => bans.map(({ jail, host }) => `${jail} ${host}`).sort();
    const after = await agent.query("bans");
    assertEquals(ends(after), ends(before));
    for (const { host, until } of after) {
      const expected = before.find((ban) => ban.host === host).until;
      // The kernel counts in whole seconds, from when it was told.
      assert(Math.abs(Date.parse(until) - Date.parse(expected)) < 30_000, `${host}: ${until}`);
    }
    assertEquals(await server.kernel(), [attacker.ipv4, "203.0.113.9"]);
  });
}

testAsRoot("what nft refuses is told, and tried again until it works", needs, async () => {
  await using server = await newServer({ isStarted: false });
  const { agent, network } = server;
  // A table that its owner alone may change, until it lets go of it.
  const owner = network.spawn("server", ["nft", "-i"], { stdin: "piped" });
  await using _ = { [Symbol.asyncDispose]: () => end(owner) };
  const writer = owner.stdin.getWriter();
  await writer.write(new TextEncoder().encode("add table inet banjo { flags owner; }\n"));
  await agent.waitFor("the table", async () => (await tables(network)).includes("banjo"));

  await agent.run();
  await server.fails(attacker.ipv4, 2);
  await agent.waitFor("the ban", async () => (await agent.banned()).length === 1);
  const [{ health, pending, problems }] = await agent.query("status");
  assertEquals(pending, 1);
  assertMatch(health, /^degraded: 1 change not yet in the firewall; Cannot /);
  const shown = await agent.cli("status");
  assertEquals([shown.code, shown.stdout.split("\n")[0]], [1, health]);
  assertMatch(problems.join(), /nft says: Could not process rule: Operation not permitted/);
  assertStringIncludes(agent.said, problems[0]);

  await writer.close();
  await agent.waitFor("the ban in the kernel", async () => {
    const [{ pending }] = await agent.query("status");
    return pending === 0;
  });
  assertEquals((await agent.query("status"))[0].problems, []);
  const { code, stdout } = await agent.cli("status");
  assertEquals([code, stdout.split("\n")[0]], [0, "healthy"]);
  assertEquals(await server.kernel(), [attacker.ipv4]);
  assertStringIncludes(agent.said, "nftables works again");
});

testAsRoot("where nft is missing it is asked for, and used once it is there", needs, async () => {
  await using network = await Network.create();
  const holder = network.spawn("server", ["unshare", "--mount", "sh", "-euc", WITHOUT_NFT], {
    stdout: "piped",
  });
  const reader = holder.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const place = (...command: readonly string[]) =>
    network.on("server", "nsenter", "-t", `${holder.pid}`, "-m", "--", ...command);
  await using server = await newServer({ network, place });
  const { agent } = server;

  await server.fails(attacker.ipv4, 2);
  await agent.waitFor("the ban", async () => (await agent.banned()).length === 1);
  const [{ pending, problems }] = await agent.query("status");
  assertEquals(pending, 1);
  assertMatch(problems.join(), /Cannot run nft: not found .*apt-get install nftables/);
  await must(place("cp", "-p", "/mnt/nft", "/usr/sbin/nft"));
  await agent.waitFor("the ban in the kernel", async () => {
    const [{ pending }] = await agent.query("status");
    return pending === 0;
  });
  assertEquals(await server.kernel(), [attacker.ipv4]);
});

testAsRoot(
  "bans that somebody takes away are put back, and told once each time",
  needs,
  async () => {
    await using server = await newServer();
    const { agent, network } = server;
    await server.fails(attacker.ipv4, 2);
    await agent.waitForBan(attacker.ipv4);
    const file = `${agent.folder}/nftables.conf`;
    await Deno.writeTextFile(
      file,
      "flush ruleset\ntable inet filter {\n chain input { type filter hook input priority 0; }\n}\n",
    );
    const nft = (...words: readonly string[]) => network.must("server", ["nft", ...words]);
    const rest = async () => {
      // Docker and firewalld make, flush and take away tables of their own.
      for (const table of ["docker", "firewalld"]) {
        await nft("add", "table", "inet", table);
        await nft("add", "chain", "inet", table, "x");
        await nft("add", "rule", "inet", table, "x", "drop");
        await nft("flush", "table", "inet", table);
        await nft("delete", "table", "inet", table);
      }
    };
    const told = () => agent.said.split("Somebody changed the bans in nftables").length - 1;
    const changes = [
      () => nft("flush", "ruleset"),
      () => nft("-f", file),
      () => nft("delete", "table", "inet", "banjo"),
      () => nft("flush", "table", "inet", "banjo"),
      // One rule, as an administrator may take away by hand.
      () => nft("flush", "chain", "inet", "banjo", "banned"),
    ];
    const before = await nft("-s", "list", "table", "inet", "banjo");
    for (const [index, change] of changes.entries()) {
      await rest();
      await change();
      await agent.waitFor("the ban", async () => {
        const { stdout } = await network.exec("server", [
          "nft",
          "-s",
          "list",
          "table",
          "inet",
          "banjo",
        ]);
        return plain(stdout) === plain(before);
      }, 30_000);
      await agent.waitFor("the word of it", () => told() > index);
      assertEquals([told(), await server.kernel()], [index + 1, [attacker.ipv4]]);
      assertEquals((await agent.query("status"))[0].health, "healthy");
    }
    await rest();
    assertStringIncludes(await tables(network), "inet filter", "what is others' stays");
    await agent.query("unban", "--all");
    assertEquals([await server.kernel(), told()], [[], changes.length]);
  },
);

testAsRoot(
  "the gateway, a list and a name are never banned, and only by force by hand",
  needs,
  async () => {
    await using network = await Network.create();
    const list = await Deno.makeTempFile({ prefix: "banjo-list-" });
    await using _ = { [Symbol.asyncDispose]: () => Deno.remove(list) };
    await Deno.writeTextFile(list, "# friends\n203.0.113.0/28 # all of them\n");
    const route = `route replace default via ${addresses.innocent.ipv4} dev eth0 onlink`;
    await network.must("server", ["ip", ...route.split(" ")]);
    const jail = { ignoreip: [`file:${list}`, "localhost"], max_bans_per_minute: 2 };
    await using server = await newServer({ network, jail });
    const { agent } = server;
    await server.fails(addresses.innocent.ipv4, 2);
    await server.fails("203.0.113.9", 2);
    await server.fails(attacker.ipv4, 2);
    await agent.waitForBan(attacker.ipv4);
    assertEquals(await agent.banned(), [attacker.ipv4]);

    for (
      const [host, why] of [
        [addresses.innocent.ipv4, "a default gateway of this host"],
        ["203.0.113.9", `203.0.113.0/28 is in ignoreip, as file:${list}`],
        ["127.0.0.1", "never banned"],
        ["203.0.0.0/16", "never banned"],
        ["240.0.0.0/8", "wider than /16"],
      ] as const
    ) {
      const { code, stderr } = await agent.cli("ban", host, "--jail", "test");
      assertEquals(code, 1, host);
      assertStringIncludes(stderr, why);
      assertStringIncludes(stderr, "add --force");
    }
    const [forced] = await agent.query("ban", "203.0.113.9", "--jail", "test", "--force");
    assertEquals(forced.host, "203.0.113.9");

    await Deno.writeTextFile(list, "198.51.100.0/24\n");
    await agent.waitFor(
      "the unban",
      async () => !(await agent.banned()).includes(attacker.ipv4),
      30_000,
    );
    assertEquals(await agent.banned(), ["203.0.113.9"], "what was ordered stands");
  },
);

testAsRoot("the fuse holds a flood of bans, and the alarm ends with it", needs, async () => {
  await using server = await newServer({ jail: { max_bans_per_minute: 3 } });
  const { agent } = server;
  for (let i = 1; i <= 8; i++) await server.fails(`198.51.100.${i}`, 2);
  await agent.waitFor("the alarm", async () => (await agent.query("status", "test"))[0].held === 5);
  assertEquals((await agent.banned()).length, 3);
  const [{ health, problems }] = await agent.query("status");
  assertMatch(health, /^degraded: test: the fuse holds bans/);
  assertMatch(problems.join(), /5 so far$/);
  assertEquals((await agent.cli("status")).code, 1);
  const [held] = await agent.query("explain", "198.51.100.8");
  assertEquals(held.jails.map(({ fuse }: { fuse: boolean }) => fuse), [false, true]);
  assertEquals(await server.kernel(), ["198.51.100.1", "198.51.100.2", "198.51.100.3"]);
});

testAsRoot("links in place of the agent's folders are refused", needs, async () => {
  for (const name of ["state", "runtime"] as const) {
    await using server = await newServer({ isStarted: false });
    const { agent } = server;
    await Deno.rename(agent[name], `${agent.folder}/elsewhere`);
    await Deno.symlink(`${agent.folder}/elsewhere`, agent[name]);
    const { code, said } = await agent.runToEnd();
    assertEquals(code, 1, said);
    assertStringIncludes(said, `${agent[name]}: it is a symbolic link`);
    assertEquals(await tables(server.network), "", "nothing was touched");
  }
});

testAsRoot("on_stop decides whether the bans outlive the agent", needs, async () => {
  await using server = await newServer();
  const { agent, network } = server;
  await server.fails(attacker.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  assertEquals((await agent.stop()).code, 0);
  assertEquals(await server.kernel(), [attacker.ipv4]);

  await agent.configure({ "banjo.toml": '[agent]\non_stop = "remove"\n' });
  await agent.run();
  assertEquals(await agent.banned(), [attacker.ipv4]);
  const { code, stdout } = await agent.cli("stop");
  assertEquals([code, stdout], [0, "Stopped.\n"]);
  assertEquals(await tables(network), "");
  assertEquals((await agent.stop()).code, 0);

  await agent.run();
  await agent.waitForBan(attacker.ipv4);
  assertEquals(await server.kernel(), [attacker.ipv4]);
});

testAsRoot("an agent that cannot save its state says so and ends all the same", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await server.fails(attacker.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  await agent.waitFor("a save", () => exists(`${agent.state}/state.json`));
  // A folder cannot be replaced by a file, not even by root.
  await Deno.remove(`${agent.state}/state.json`);
  await Deno.mkdir(`${agent.state}/state.json`);
  const { code, stderr } = await agent.cli("stop");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "state.json: it is no plain file");
  await agent.waitFor("its end", () => agent.hasEnded);
  assertEquals(await server.kernel(), [attacker.ipv4]);
});

testAsRoot("a reload with a faulty configuration changes nothing", needs, async () => {
  await using server = await newServer();
  const { agent } = server;
  await server.fails(attacker.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  const good = await Deno.readTextFile(`${agent.config}/jails/test.toml`);
  for (
    const [file, text, complaint] of [
      ["jails/test.toml", good.replace("maxretry", "maxretries"), /did you mean `maxretry`/],
      ["jails/test.toml", good + "[other\n", /test\.toml:\d+:\d+: /],
      ["jails/more.toml", "[sshd]\nenabled = 'yes'\n", /more\.toml:2:11: .*enabled/],
      ["banjo.toml", "[agent]\non_stop = 'never'\n", /banjo\.toml:2:11: .*on_stop/],
    ] as const
  ) {
    await agent.configure({ [file]: text });
    const { code, stderr } = await agent.cli("reload");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Nothing was reloaded");
    assertMatch(stderr, complaint);
    await Deno.remove(`${agent.config}/${file}`);
    await agent.configure({ "jails/test.toml": good });
  }
  assertEquals(await agent.banned(), [attacker.ipv4]);
  await server.fails("192.0.2.77", 2);
  await agent.waitForBan("192.0.2.77");

  await agent.configure({ "jails/test.toml": "[test]\nfiles = 3\n" });
  agent.signal("SIGHUP");
  await agent.waitFor("the refusal", () => agent.said.includes("Reload failed: Nothing was"));
  assertEquals((await agent.query("status"))[0].jails.length, 1);
});

testAsRoot("a reload takes new jails and settings, and keeps bans and counts", needs, async () => {
  await using server = await newServer();
  const { agent, network, jail } = server;
  await server.fails(attacker.ipv4, 2);
  await server.fails("192.0.2.77", 1);
  await agent.waitForBan(attacker.ipv4);
  await agent.waitFor("the third failure", async () => await failedOf(agent) === 3);
  const bans = await agent.query("bans");

  await agent.configure({
    "jails/test.toml": jail.replace('"22"', '"22", "2222"'),
    "jails/more.toml": jail.replace("[test]", "[more]").replace("maxretry = 2", "maxretry = 1"),
  });
  const { code, stdout } = await agent.cli("reload");
  assertEquals([code, stdout], [0, "Reloaded, 2 jails running\n"]);
  assertEquals(await agent.query("bans"), bans);
  await network.listen("server", 22, 2222, 2223);
  for (const [port, outcome] of [[22, "silent"], [2222, "silent"], [2223, "open"]] as const) {
    const probe = await network.probe("attacker", addresses.server.ipv4, port);
    assertEquals(probe, outcome, `${port}`);
  }
  // One failure is enough for the new jail; the other one goes on with its count.
  await server.fails("192.0.2.77", 1);
  await agent.waitFor("two more bans", async () => (await agent.query("bans")).length === 3);
  assertEquals((await agent.query("status", "more"))[0].banned.hosts, ["192.0.2.77"]);

  await Deno.remove(`${agent.config}/jails/more.toml`);
  assertEquals((await agent.cli("reload", "more")).code, 0);
  assertEquals((await agent.query("bans")).map(({ jail }) => jail), ["test", "test"]);
  const unknown = await agent.cli("reload", "mor");
  assertEquals(unknown.code, 1);
});

testAsRoot(
  "only the owner and the group may command an agent, and there is one",
  needs,
  async () => {
    await using server = await newServer();
    const { agent, place } = server;
    await agent.query("ban", "203.0.113.9");
    const socket = await Deno.stat(`${agent.runtime}/control.sock`);
    assertEquals(socket.mode! & 0o777, 0o660);
    const state = `${agent.state}/state.json`;
    await agent.waitFor("a save", () => exists(state));
    assertEquals((await Deno.stat(state)).mode! & 0o777, 0o600);
    const second = (state: string, runtime: string) =>
      banjo(
        ["run", "--config", agent.config, "--state", state, "--runtime", runtime],
        { place },
      );
    for (
      const [state, runtime, complaint] of [
        [`${agent.folder}/other`, agent.runtime, "another agent answers there"],
        [agent.state, `${agent.folder}/other`, "another banjo is using it"],
      ] as const
    ) {
      const { code, stderr } = await second(state, runtime);
      assertEquals(code, 1);
      assertStringIncludes(stderr, complaint);
    }
    assertEquals((await agent.cli("status")).code, 0);
  },
);

testAsRoot(
  "what was ordered by hand outlives a crash the moment it is acknowledged",
  needs,
  async () => {
    await using server = await newServer();
    const { agent } = server;
    for (const host of ["203.0.113.9", "2001:db8:7::/48"]) {
      const [ban] = await agent.query("ban", host, "--for", "1d");
      assertEquals(ban.jail, "manual");
      assertEquals(await server.kernel(), [host]);
      await agent.kill9();
      await agent.run();
      assertEquals(await agent.query("bans"), [ban]);
      assertEquals(await server.kernel(), [host]);

      const lifted = await agent.query("unban", host);
      assertEquals(lifted, [ban]);
      assertEquals(await server.kernel(), []);
      await agent.kill9();
      await agent.run();
      assertEquals(await agent.query("bans"), []);
      assertEquals(await server.kernel(), []);
    }
    const own = await agent.cli("ban", addresses.server.ipv4);
    assertEquals(own.code, 1);
    assertStringIncludes(own.stderr, "never banned");
    const none = await agent.cli("unban", "203.0.113.9");
    assertEquals([none.code, none.stderr], [0, "None of these was banned.\n"]);
  },
);

testAsRoot("who is banned again and again is banned by recidive", needs, async () => {
  await using server = await newServer({
    jail: { bantime: "10s", maxretry: 1 },
    more: '[recidive]\nenabled = true\nmaxretry = 3\nfindtime = "1h"\nbantime = "1w"\n',
  });
  const { agent } = server;
  const now = Date.now();
  await server.fails(attacker.ipv4, 1, now - 300_000);
  await server.fails(attacker.ipv4, 1, now - 200_000);
  const third = await server.fails(attacker.ipv4, 1, now - 100_000);
  await agent.waitForBan(attacker.ipv4);
  const bans = [{
    jail: "recidive",
    host: attacker.ipv4,
    enforceable: true,
    since: iso(third),
    until: iso(third + 7 * 24 * HOUR),
    failures: 3,
  }];
  assertEquals(await agent.query("bans"), bans);
  await agent.restart();
  await agent.kill9();
  await agent.run();
  assertEquals(await agent.query("bans"), bans);
  assertEquals(await server.kernel(), [attacker.ipv4]);
  assertEquals((await agent.query("status", "test"))[0].banned, { now: 0, total: 3, hosts: [] });
});

testAsRoot("bans grow for who comes back, over a restart too", needs, async () => {
  await using server = await newServer({
    jail: { bantime: "10s", maxretry: 1, bantime_increment: true },
  });
  const { agent } = server;
  const now = Date.now();
  await server.fails(attacker.ipv4, 1, now - 200_000);
  await server.fails(attacker.ipv4, 1, now - 100_000);
  await agent.waitFor("both bans", async () => await failedOf(agent) === 2);
  await agent.restart();
  const third = await server.fails(attacker.ipv4, 1, now);
  await agent.waitForBan(attacker.ipv4);
  const [{ since, until }] = await agent.query("bans");
  assertEquals([since, until], [iso(third), iso(third + 40_000)]);
});

testAsRoot("one faulty jail does not keep the others from running", needs, async () => {
  await using server = await newServer({ more: "[broken]\nenabled = true\nmaxretry = 0\n" });
  const { agent } = server;
  assertMatch(agent.said, /more\.toml:3:12: .*maxretry/);
  assertEquals((await agent.query("status"))[0].jails.map(({ jail }: { jail: string }) => jail), [
    "test",
  ]);
});

for (
  const [what, breakJail] of [
    ["has errors", (jail: string) => jail.replace("maxretry = 2", 'maxretry = "two"')],
    ["has a pattern that is none", (jail: string) => jail.replace("<ADDR>$", "<ADDR>(")],
    ["is in a file that is no TOML", (jail: string) => jail.replace("[test]", "[test")],
    ["has lost its heading", (jail: string) => jail.replace("[test]", "")],
  ] as const
) {
  testAsRoot(`a jail that ${what} at a start keeps its bans and all it knows`, needs, async () => {
    await using server = await newServer({ more: OTHER });
    const { agent, jail, network } = server;
    const forever = "203.0.113.50";
    await server.fails(attacker.ipv4, 2);
    await agent.waitForBan(attacker.ipv4);
    await agent.query("ban", forever, "--jail", "test", "--for", "forever");
    await server.fails("192.0.2.77", 1);
    await agent.waitFor("the third failure", async () => await failedOf(agent) === 3);
    const bans = await agent.query("bans");
    await agent.stop();

    await agent.configure({ "jails/test.toml": breakJail(jail) });
    await network.listen("server", 22, 2222);
    for (let starts = 0; starts < 2; starts++) {
      await agent.run();
      assertEquals(await agent.query("bans"), bans);
      await agent.waitFor(
        "the firewall",
        async () => (await agent.query("status"))[0].pending === 0,
      );
      assertEquals(await server.kernel(), [attacker.ipv4, forever]);
      for (const [port, outcome] of [[22, "silent"], [2222, "open"]] as const) {
        const probe = await network.probe("attacker", addresses.server.ipv4, port);
        assertEquals(probe, outcome, `${port}`);
      }
      const [{ health, jails }] = await agent.query("status");
      assertMatch(health, /^degraded: .*keep their bans and read nothing: test$/);
      assertEquals(
        jails.map(({ jail, enabled }: { jail: string; enabled: boolean }) => [jail, enabled]),
        [["other", true], ["test", false]],
      );
      await agent.stop();
    }

    // What is logged meanwhile is read when the jail runs again.
    await server.fails("192.0.2.77", 1);
    await agent.run();
    await agent.query("unban", attacker.ipv4);
    const [ordered] = await agent.query("ban", "203.0.113.51", "--jail", "test", "--for", "1d");
    assertEquals(await server.kernel(), [forever, ordered.host]);
    await agent.kill9();
    await agent.run();
    assertEquals(await agent.banned(), [forever, ordered.host]);
    assertEquals(await failedOf(agent), 3);

    await agent.configure({ "jails/test.toml": jail });
    assertEquals((await agent.cli("reload", "test")).code, 0);
    await agent.waitForBan("192.0.2.77");
    assertEquals((await agent.banned()).toSorted(), ["192.0.2.77", forever, ordered.host]);
    assertEquals(await failedOf(agent), 4);
    assertEquals((await agent.query("status"))[0].health, "healthy");
    await agent.restart();
    assertEquals(await server.kernel(), ["192.0.2.77", forever, ordered.host]);
  });
}

testAsRoot("a jail that is switched off or gone loses its bans at a start", needs, async () => {
  for (const text of ["[test]\nenabled = false\nmaxretry = 0\n", ""]) {
    await using server = await newServer();
    const { agent } = server;
    await agent.query("ban", attacker.ipv4, "--jail", "test");
    await agent.stop();
    await agent.configure({ "jails/test.toml": text });
    await agent.run();
    assertEquals([await agent.banned(), await server.kernel()], [[], []]);
  }
});

testAsRoot("a jail with errors keeps its bans where the state is lost as well", needs, async () => {
  await using server = await newServer({ more: OTHER });
  const { agent } = server;
  await server.fails(attacker.ipv4, 2);
  await agent.waitForBan(attacker.ipv4);
  await agent.stop();
  await Deno.truncate(`${agent.state}/state.json`, 20);
  await agent.configure({ "jails/test.toml": server.jail.replace("maxretry = 2", "maxretry = 0") });
  await agent.run();
  assertEquals([await agent.banned(), await server.kernel()], [[attacker.ipv4], [attacker.ipv4]]);
});

Deno.test("a configuration that cannot be used is exit code 2, and says where", async () => {
  await using agent = await TestAgent.create({
    config: { "banjo.toml": "[defaults]\nmaxretry = 0\n" },
  });
  const { code, said } = await agent.runToEnd();
  assertEquals(code, 2);
  assertMatch(said, /banjo\.toml:2:12: .*maxretry/);
  await Deno.remove(agent.config, { recursive: true });
  const missing = await agent.runToEnd();
  assertEquals(missing.code, 2);
  assertStringIncludes(missing.said, `${agent.config}: there is no such folder`);
});

Deno.test("words that make no sense are exit code 2, and the nearest that does is named", async () => {
  for (
    const [words, complaint] of [
      [["statsu"], /did you mean `banjo status`\?/],
      [["frobnicate"], /no such command; `banjo --help` lists them/],
      [["bans", "--jsn"], /did you mean --json\?/],
      [["ban"], /something is missing; usage: banjo ban IP\.\.\./],
      [["ban", "example.org"], /give an address such as/],
      [["ban", "192.0.2.7", "--for", "soon"], /--for/],
      [["ban", "192.0.2.7", "--for", "0"], /--for: expected a duration longer than nothing/],
      [["unban"], /give addresses, or --all/],
      [["stop", "now"], /there is too much/],
    ] as const
  ) {
    const { code, stdout, stderr } = await banjo(words);
    assertEquals([code, stdout], [2, ""], words.join(" "));
    assertMatch(stderr, complaint);
  }
  assertEquals((await banjo([])).code, 2);
  assertEquals((await banjo(["--help"])).code, 0);
  assertMatch((await banjo(["ban", "--help"])).stdout, /Usage: banjo ban IP\.\.\. \[FLAGS\]/);
});

Deno.test("without an agent every client says how to start one", async () => {
  for (
    const words of [["status"], ["bans"], ["ban", "192.0.2.7"], ["unban", "--all"], ["reload"], [
      "stop",
    ]]
  ) {
    const { code, stderr } = await banjo([...words, "--runtime", "/nowhere"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "nothing listens on /nowhere/control.sock; start it with");
  }
});

/** A host with an agent whose jail `test` reads a log file: two failures in an hour are a ban of an hour. */
interface TestServer extends AsyncDisposable {
  readonly network: Network;
  readonly agent: TestAgent;
  readonly place: (...command: readonly string[]) => readonly string[];
  readonly log: string;
  /** The jail, as configured. */
  readonly jail: string;
  /** Logs failures of a host, all at one time; returns that time to the second, in milliseconds since the epoch. */
  fails(host: string, times: number, time?: number): Promise<number>;
  /** The hosts that the kernel keeps out, sorted. */
  kernel(): Promise<readonly string[]>;
}

interface ServerOptions {
  readonly network?: Network;
  readonly place?: TestServer["place"];
  /** What gives rights up before the agent starts, and who it then is. */
  readonly drop?: readonly string[];
  readonly owner?: number;
  readonly isStarted?: boolean;
  /** Settings of the jail that are other ones. */
  readonly jail?: Readonly<Record<string, unknown>>;
  /** The text of another file of jails. */
  readonly more?: string;
}

async function newServer(options: ServerOptions = {}): Promise<TestServer> {
  await using parts = new AsyncDisposableStack();
  const network = options.network ?? parts.use(await Network.create());
  const place = options.place ??
    ((...command: readonly string[]) => network.on("server", ...options.drop ?? [], ...command));
  const agent = parts.use(
    await TestAgent.create({
      config: options.more === undefined ? {} : { "jails/more.toml": options.more },
      place,
      ...(options.owner === undefined ? {} : { owner: options.owner }),
    }),
  );
  const log = `${agent.folder}/test.log`;
  await Deno.writeTextFile(log, "");
  const settings = {
    enabled: true,
    files: [log],
    failregex: ["^ failed <ADDR>$"],
    ports: ["22"],
    maxretry: 2,
    findtime: "1h",
    bantime: "1h",
    ...options.jail,
  };
  const jail = ["[test]", ...Object.entries(settings).map(toml), ""].join("\n");
  await agent.configure({ "jails/test.toml": jail });
  if (options.isStarted !== false) await agent.run();
  const owned = parts.move();
  return {
    network,
    agent,
    place,
    log,
    jail,
    async fails(host, times, time = Date.now()) {
      // Dates in logs are taken to the second.
      const second = Math.floor(time / 1000) * 1000;
      const line = `${iso(second)} failed ${host}\n`;
      await Deno.writeTextFile(log, line.repeat(times), { append: true });
      return second;
    },
    async kernel() {
      const listing = ["nft", "-j", "list", "table", "inet", "banjo"];
      const { code, stdout } = await network.exec("server", listing);
      if (code !== 0) return [];
      // deno-lint-ignore no-explicit-any
      const sets: any[] = JSON.parse(stdout).nftables.flatMap((item: any) => item.set ?? []);
      return sets.flatMap(({ name, elem = [] }) =>
        // deno-lint-ignore no-explicit-any
        elem.map((element: any) => {
          const length = name.split("/")[1];
          const address = element.elem?.val ?? element;
          return ["32", "128"].includes(length) ? address : `${address}/${length}`;
        })
      ).sort();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toml([key, value]: readonly [string, unknown]): string {
  return `${key} = ${JSON.stringify(value)}`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

async function failedOf(agent: TestAgent): Promise<number> {
  return (await agent.query("status", "test"))[0].failed.total;
}

function tables(network: Network): Promise<string> {
  return network.must("server", ["nft", "list", "tables"]);
}

/** Another jail, for which nothing is wrong. */
const OTHER = `[other]
enabled = true
files = ["/var/log/no-such.log"]
failregex = ['^ refused <ADDR>$']
`;

/** A table without what counts up or down in it. */
function plain(listing: string): string {
  return listing.replace(/ (?:timeout|expires) [\dhms]+| packets \d+| bytes \d+/g, "");
}

/** Hides nft in a mount namespace, keeps a copy, and stays to keep the namespace. */
const WITHOUT_NFT = `
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
cp -p /usr/sbin/nft /mnt/nft
mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=/mnt/upper,workdir=/mnt/work /usr/sbin
rm /usr/sbin/nft
echo ready
exec sleep infinity
`;
