import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { weekConfig, writeWeek } from "../report/week.ts";

Deno.test("a report is made of the agent's history: a page for its owner alone, or its figures", async () => {
  await using agent = await TestAgent.create({ config: weekConfig });
  const end = Date.now();
  await writeWeek(`${agent.state}/history.jsonl`, { seed: 6, bans: 4000, end });
  await agent.run();
  await agent.query("ban", "203.0.113.9");

  const words = ["report", "--config", agent.config] as const;
  const [summary] = await agent.query(...words);
  const history = await agent.query("history");
  const bans = history.filter(({ event, jail }) => event === "ban" && jail !== "");
  // A second or two of the week's beginning have gone by between the two.
  assert(Math.abs(summary.totals.bans - bans.length) <= 3, `${summary.totals.bans}`);
  assert(summary.totals.bans > 1000);
  assertEquals(summary.bans[0].host, "203.0.113.9");
  assertEquals(summary.bans[0].isManual, true);
  assertEquals(summary.names[0].name, "root");
  assertEquals(summary.jails.map(({ jail }: { jail: string }) => jail).includes("sshd"), true);

  const path = `${agent.folder}/report.html`;
  await Deno.symlink("/etc/hostname", `${path}.new`);
  assertEquals(await agent.cli(...words, "--html", path), {
    code: 0,
    stdout: "",
    stderr: "",
    json: [],
  });
  const text = await Deno.readTextFile(path);
  assertStringIncludes(text, "203.0.113.9");
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);

  const { stdout } = await agent.cli(...words, "--json", "--since", "1d");
  const day = JSON.parse(stdout);
  assert(day.totals.bans < summary.totals.bans / 2);
  assertEquals(Date.parse(day.to) - Date.parse(day.from), 86_400_000);
});

Deno.test("a report needs to know where to, and an agent", async () => {
  const nowhere = await banjo(["report"]);
  assertEquals(nowhere.code, 2);
  assertStringIncludes(nowhere.stderr, "--html FILE");
  const alone = await banjo(["report", "--json", "--runtime", "/nowhere"]);
  assertEquals(alone.code, 1);
  assertStringIncludes(alone.stderr, "Cannot reach the agent");
});
