/** The agent, and a line that is made to keep it busy for ever. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";

/** What banjo check warns of: it backtracks without end, and V8 cannot run it in linear time. */
const FAILREGEX = String.raw`^ <ADDR> (?:(?:\w+)+(?=:): refused|refused)$`;

Deno.test("lines that take too long are given up, counted and logged, and the agent goes on", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/app.log`;
  await agent.configure({
    "jails/app.toml": `[app]
enabled = true
files = ["${log}"]
failregex = ['${FAILREGEX}']
maxretry = 1
bantime = "1h"
firewall = "dry-run"
`,
  });
  const at = new Date().toISOString();
  const slow = `${at} 198.51.100.66 ${"w".repeat(40)} {host} refused\x1b[2J`;
  const lines = ["198.51.100.1 refused", ...Array(5).fill(slow), "198.51.100.2 x: refused"]
    .map((line) => line.startsWith(at) ? line : `${at} ${line}`);
  await Deno.writeTextFile(log, lines.map((line) => `${line}\n`).join(""));
  await agent.run();
  await agent.waitForBan("198.51.100.2");
  assertEquals(await agent.banned(), ["198.51.100.1", "198.51.100.2"]);

  const { code, stdout } = await agent.cli("status");
  assertEquals(code, 1);
  assertMatch(stdout, /^degraded: app: 5 lines were given up, for the pattern .* took too long/);
  assertStringIncludes(stdout, "{host} refused\\x1b[2J");
  assertMatch(agent.said, /app: 5 lines were given up, .* \{host\} refused\\x1b\[2J$/m);

  // Told again when they have become twice as many, not each time.
  const append = (text: string) => Deno.writeTextFile(log, text, { append: true });
  await append(`${slow}\n${at} 198.51.100.3 refused\n`);
  await agent.waitForBan("198.51.100.3");
  assert(!agent.said.includes("6 lines"), agent.said);
  await append(`${slow}\n`.repeat(4));
  await agent.waitFor("the tenth", () => agent.said.includes("10 lines were given up"));

  const config = ["--config", agent.config];
  const simulated = await banjo(["simulate", "app", "--json", ...config]);
  assertEquals(simulated.json.map(({ host }) => host), [
    "198.51.100.1",
    "198.51.100.2",
    "198.51.100.3",
  ]);
  assertStringIncludes(simulated.stderr, "app: 10 lines were given up");
  const tested = await banjo(["test", log, FAILREGEX]);
  assertStringIncludes(tested.stderr, "10 lines were given up");
  assert(!`${simulated.stderr}${tested.stderr}`.includes("\x1b"));
  const explained = await banjo(["test", slow, FAILREGEX, "--explain"]);
  assertMatch(explained.stdout, /line 1 given up: .*\n.*\n.*\n +\[0\] takes too long/);

  // The pattern mended and read anew, nothing is wrong any more.
  await agent.configure({
    "jails/app.toml": (await Deno.readTextFile(`${agent.config}/jails/app.toml`))
      .replace("(?:\\w+)+(?=:)", "\\w+"),
  });
  await agent.query("reload");
  assertEquals((await agent.cli("status")).stdout.split("\n")[0], "healthy");
});
