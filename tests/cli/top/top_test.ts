/** `banjo top` in a real terminal: what it shows, what its keys do, and how it leaves the terminal. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../../agent.ts";
import { banjoCommandWith } from "../../banjo.ts";
import { testAsRoot } from "../../root.ts";
import { Tmux } from "../../tmux.ts";

const config = {
  "banjo.toml": '[defaults]\nfirewall = "dry-run"\nmaxretry = 1\nbantime = "2h"\n',
};

/** An agent with 30 bans, of one network and of somebody who calls himself what a terminal would obey. */
async function startAgent(): Promise<TestAgent> {
  const agent = await TestAgent.create({ config });
  await Deno.writeTextFile(`${agent.folder}/test.log`, "");
  await agent.configure({
    "jails/test.toml": `[door]
enabled = true
files = ["${agent.folder}/test.log"]
failregex = ['^ failed <ADDR>', '^ name <F-ID>.+</F-ID>$']
`,
  });
  await agent.run();
  await log(agent, "name \x1b[2J\u202e", 0);
  for (let host = 1; host <= 29; host++) await log(agent, `failed 198.51.100.${host}`, host);
  await agent.waitFor("30 bans", async () => (await agent.query("bans")).length === 30);
  return agent;
}

/** A line of a minute ago and so many seconds later. */
async function log(agent: TestAgent, text: string, seconds: number): Promise<void> {
  const time = new Date(Date.now() - 60_000 + seconds * 1000).toISOString();
  await Deno.writeTextFile(`${agent.folder}/test.log`, `${time} ${text}\n`, { append: true });
}

/** `banjo top` in a terminal; when it has ended, the terminal says with which code and whether it is in order. */
async function startTop(
  agent: TestAgent,
  [columns, rows]: readonly [number, number],
  environment: readonly string[] = [],
): Promise<Tmux> {
  const words = await banjoCommandWith(environment, "top", "--runtime", agent.runtime);
  const command = `sh -c 'echo $$ >${agent.folder}/pid; exec "$@"' sh ${words.join(" ")}`;
  return await Tmux.start(
    `${command}; echo "left $?" $(stty -a | grep -oE -- "-?(icanon|echo)\\b")`,
    columns,
    rows,
  );
}

async function assertLeft(tmux: Tmux, code: number): Promise<string> {
  const screen = await tmux.shows(/^left \d+/m);
  assertStringIncludes(screen, `left ${code} icanon echo\n`);
  assertEquals([await tmux.knows("alternate_on"), await tmux.knows("cursor_flag")], ["0", "1"]);
  return screen;
}

testAsRoot(
  "top shows who was banned last, explains and unbans",
  { programs: ["tmux"] },
  async () => {
    await using agent = await startAgent();
    await using tmux = await startTop(agent, [80, 24]);
    const screen = await tmux.shows("198.51.100.29");
    assertMatch(screen, /^banjo \S+ {2}healthy/);
    assertMatch(screen, /30 banned/);
    assertMatch(screen, /^> 198\.51\.100\.29 +door +\d+s +\d hours? +1$/m);
    assertMatch(screen, /^198\.51\.100\.0\/24 +29$/m);

    // What the agent learns is seen without a key.
    await log(agent, "failed 203.0.113.7", 60);
    await tmux.shows(/^> 203\.0\.113\.7 /m);

    await tmux.type("Down", "j");
    await tmux.shows(/^> 198\.51\.100\.28 /m);
    await tmux.type("Enter");
    await tmux.shows("198.51.100.28 would be banned by door");
    await tmux.type("Escape");
    await tmux.shows("LATEST BANS");

    await tmux.type("u");
    await tmux.shows("Unban 198.51.100.28 in every jail? y/n");
    await tmux.type("n");
    await tmux.shows("q quit");
    await tmux.type("u", "y");
    await tmux.shows("Unbanned 198.51.100.28 in door");
    const banned = await agent.banned();
    assert(!banned.includes("198.51.100.28") && banned.includes("198.51.100.29"));

    // The last one is the one with a name.
    await tmux.type("End");
    assertStringIncludes(
      await tmux.shows(/^> id:/m),
      String.raw`id:\x1b[2J\u{202e}`,
    );
    await tmux.type("q");
    await assertLeft(tmux, 0);
  },
);

testAsRoot("top follows the terminal's size and NO_COLOR", { programs: ["tmux"] }, async () => {
  await using agent = await startAgent();
  await using tmux = await startTop(agent, [80, 24], ["NO_COLOR=1"]);
  await tmux.shows("WORST NETWORKS");
  await tmux.resize(200, 50);
  await tmux.shows(/LEFT +FAILURES +WORST NETWORKS/);
  await tmux.resize(50, 10);
  await tmux.shows("banjo top needs");
  await tmux.resize(80, 24);
  await tmux.shows(/^WORST NETWORKS/m);
  assert(!(await tmux.screen(true)).includes("\x1b["));
  await tmux.type("C-c");
  await assertLeft(tmux, 0);
});

testAsRoot(
  "top leaves the terminal in order, whatever ends it",
  { programs: ["tmux"] },
  async () => {
    await using agent = await startAgent();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      await using tmux = await startTop(agent, [80, 24]);
      await tmux.shows("LATEST BANS");
      Deno.kill(Number(await Deno.readTextFile(`${agent.folder}/pid`)), signal);
      await assertLeft(tmux, 0);
    }
  },
);

testAsRoot("top waits for an agent that is gone, and says so", { programs: ["tmux"] }, async () => {
  await using agent = await startAgent();
  await using tmux = await startTop(agent, [80, 24]);
  await tmux.shows("LATEST BANS");
  await agent.kill9();
  const screen = await tmux.shows(/^banjo \S+ {2}no answer, this is old: Cannot reach the agent/);
  assertStringIncludes(screen, "> 198.51.100.29");
  await tmux.type("Enter");
  await tmux.type("Down");
  await tmux.shows(/^> 198\.51\.100\.28 /m);
  await agent.run();
  await tmux.shows(/^banjo \S+ {2}healthy/);
  await agent.kill9();
  await tmux.shows("no answer");
  await tmux.type("q");
  await assertLeft(tmux, 0);
});

testAsRoot(
  "an explanation in top is as wide as the terminal is now",
  { programs: ["tmux"] },
  async () => {
    await using agent = await startAgent();
    await log(agent, `failed 203.0.113.7 ${"word ".repeat(10)}end`, 60);
    await agent.waitFor("a ban", async () => (await agent.banned()).includes("203.0.113.7"));
    await using tmux = await startTop(agent, [150, 24]);
    await tmux.shows(/^> 203\.0\.113\.7 /m);
    await tmux.type("Enter");
    const isWhole = /^ {2}log .*end$/m;
    await tmux.shows(isWhole);
    await tmux.resize(70, 24);
    await tmux.shows(/^ {11}.*end$/m);
    await tmux.resize(150, 24);
    await tmux.shows(isWhole);
  },
);

testAsRoot(
  "top leaves the terminal in order when it breaks, and ends with its terminal",
  { programs: ["tmux"] },
  async () => {
    await using agent = await TestAgent.create({ config });
    await Deno.mkdir(agent.runtime, { recursive: true });
    {
      await using _ = speakNonsense(`${agent.runtime}/control.sock`);
      await using tmux = await startTop(agent, [80, 24]);
      assertMatch(await assertLeft(tmux, 1), /^banjo: Cannot read properties of /m);
    }
    await agent.run();
    const tmux = await startTop(agent, [80, 24]);
    await tmux.shows("LATEST BANS");
    const pid = await Deno.readTextFile(`${agent.folder}/pid`);
    await tmux[Symbol.asyncDispose]();
    const isGone = () => Deno.stat(`/proc/${pid.trim()}`).then(() => false, () => true);
    await agent.waitFor("its end", isGone);
  },
);

/** An agent that answers everything with a result that is none: what is made of it breaks. */
function speakNonsense(path: string): AsyncDisposable {
  const listener = Deno.listen({ transport: "unix", path });
  const serving = (async () => {
    for await (const client of listener) {
      await client.read(new Uint8Array(4096));
      await client.write(new TextEncoder().encode('{"jsonrpc": "2.0", "id": 1, "result": {}}\n'));
      client.close();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

Deno.test("top needs a terminal", async () => {
  await using agent = await TestAgent.create({ config });
  const { code, stderr } = await agent.cli("top");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "it needs a terminal");
});
