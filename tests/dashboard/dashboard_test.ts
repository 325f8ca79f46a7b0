import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";
import { Browser, chromium } from "../chromium.ts";
import { run } from "../network.ts";
import { weekConfig, writeWeek } from "../report/week.ts";
import { testAsRoot } from "../root.ts";
import { startDashboard } from "./running.ts";

const TOKEN = "correct-horse-battery-staple";

/** An agent with a past. */
async function startAgent(): Promise<TestAgent> {
  const agent = await TestAgent.create({ config: weekConfig });
  const week = { seed: 6, bans: 120, end: Date.now() };
  await writeWeek(`${agent.state}/history.jsonl`, week);
  await agent.run();
  return agent;
}

async function giveToken(agent: TestAgent, text = TOKEN, mode = 0o600): Promise<void> {
  const path = `${agent.config}/dashboard.token`;
  await Deno.remove(path).catch(() => {});
  await Deno.writeTextFile(path, `${text}\n`, { mode });
  await Deno.chmod(path, mode);
}

/** Asks with headers that fetch would not send. */
async function ask(url: string, ...words: readonly string[]) {
  const { stdout } = await run(["curl", "--silent", "--include", ...words, url]);
  const [head, ...body] = stdout.split("\r\n\r\n");
  return { status: Number(head!.split(" ")[1]), head: head!, body: body.join("\r\n\r\n") };
}

const unbanning = (host: string, ...words: readonly string[]) => [
  "--request",
  "POST",
  "--data",
  JSON.stringify({ host }),
  ...words,
];

Deno.test("the dashboard serves the page and the metrics under strict headers, and nothing else", async () => {
  await using agent = await startAgent();
  await using dashboard = await startDashboard(agent);
  const page = await ask(`${dashboard.url}/`);
  assertEquals(page.status, 200);
  assertStringIncludes(page.body, "Bans over time");
  assertMatch(page.head, /^content-security-policy: default-src 'none';.*frame-ancestors 'none'/im);
  assertEquals(/unsafe|\*/.test(page.head.match(/^content-security-policy.*$/im)![0]), false);
  for (
    const header of [
      "x-content-type-options: nosniff",
      "cache-control: no-store",
      "x-frame-options: deny",
    ]
  ) {
    assertStringIncludes(page.head.toLowerCase(), header);
  }
  const [, tag] = /^etag: (.*)$/im.exec(page.head)!;
  const again = await ask(`${dashboard.url}/`, "--header", `If-None-Match: ${tag}`);
  assert(again.status === 304 || again.body !== page.body);

  const metrics = await ask(`${dashboard.url}/metrics`);
  assertEquals([metrics.status, metrics.body], [200, (await agent.cli("metrics")).stdout]);

  for (const [path, ...words] of [["/x"], ["/../etc/passwd", "--path-as-is"], ["/?a=b"]]) {
    assertEquals((await ask(dashboard.url + path, ...words)).status, 404, path);
  }
  assertEquals((await ask(`${dashboard.url}/`, "--request", "DELETE")).status, 405);
  for (const path of ["/", "/metrics"]) {
    const rebound = await ask(dashboard.url + path, "--header", "Host: evil.example");
    assertEquals(rebound.status, 403);
    assertEquals(rebound.body.includes("sshd"), false);
  }

  await agent.stop();
  assertMatch(await fetch(`${dashboard.url}/metrics`).then((each) => each.text()), /banjo_up [01]/);
  await agent.waitFor(
    "word that the agent is gone",
    async () =>
      (await ask(`${dashboard.url}/`)).status === 503 &&
      (await ask(`${dashboard.url}/metrics`)).body.includes("\nbanjo_up 0\n"),
  );
});

testAsRoot(
  "what the dashboard tells Prometheus is what promtool takes",
  { programs: ["promtool"] },
  async () => {
    await using agent = await startAgent();
    await using dashboard = await startDashboard(agent);
    const { body } = await ask(`${dashboard.url}/metrics`);
    const { code, stdout, stderr } = await run(["promtool", "check", "metrics"], body);
    assertEquals([code, stdout, stderr], [0, "", ""]);
  },
);

Deno.test("a ban is lifted by the token alone, which stays with the agent", async () => {
  await using agent = await startAgent();
  await using dashboard = await startDashboard(agent);
  await agent.query("ban", "203.0.113.9", "203.0.113.10");
  const unban = async (host: string, ...words: readonly string[]) => {
    const { status, body } = await ask(`${dashboard.url}/unban`, ...unbanning(host, ...words));
    return [status, body] as const;
  };
  const withToken = ["--header", `X-Banjo-Token: ${TOKEN}`];

  // Without a file nobody may, and a file that is not safe is none.
  assertStringIncludes((await unban("203.0.113.9", ...withToken))[1], "there is no ");
  await giveToken(agent, TOKEN, 0o640);
  assertStringIncludes((await unban("203.0.113.9", ...withToken))[1], "chmod 600");
  await giveToken(agent, "short");
  assertStringIncludes((await unban("203.0.113.9", ...withToken))[1], "fewer than 20");
  await Deno.rename(`${agent.config}/dashboard.token`, `${agent.config}/else`);
  await Deno.symlink(`${agent.config}/else`, `${agent.config}/dashboard.token`);
  assertStringIncludes((await unban("203.0.113.9", ...withToken))[1], "is no file");
  await giveToken(agent);

  assertEquals(await unban("203.0.113.9"), [403, "There is no token.\n"]);
  for (const wrong of ["", "x", `${TOKEN}x`, TOKEN.slice(1)]) {
    const [status, body] = await unban("203.0.113.9", "--header", `X-Banjo-Token: ${wrong}`);
    assertEquals(status, 403, body);
  }
  assertEquals(
    (await unban("203.0.113.9", ...withToken, "--header", "Origin: http://evil.example"))[0],
    403,
  );
  assertEquals(
    (await unban("203.0.113.9", ...withToken, "--header", "Host: evil.example"))[0],
    403,
  );
  assertEquals((await unban("x".repeat(5000), ...withToken))[0], 400);
  assertEquals(await unban("192.0.2.1", ...withToken), [200, "192.0.2.1 was not banned."]);
  assertStringIncludes((await unban("<script>", ...withToken))[1], "is no address");
  assertEquals((await agent.banned()).includes("203.0.113.9"), true);

  assertEquals(await unban("203.0.113.9", ...withToken), [200, "203.0.113.9 is let in again."]);
  assertEquals((await agent.banned()).includes("203.0.113.9"), false);
  assertEquals((await agent.banned()).includes("203.0.113.10"), true);

  // By its socket nothing else can be changed.
  for (const method of ["ban", "reload", "stop"]) {
    const reply = await readSocketReply(agent, { jsonrpc: "2.0", id: 1, method, params: {} });
    assertStringIncludes(reply, "no such method");
  }
  const all = { method: "unban", params: { hosts: "all", token: TOKEN } };
  assertStringIncludes(await readSocketReply(agent, all), "error");
});

async function readSocketReply(agent: TestAgent, message: unknown): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path: `${agent.runtime}/read.sock` });
  await connection.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
  const buffer = new Uint8Array(4096);
  return new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
}

Deno.test("who is slow, or comes with many connections, is turned away, and others are served after", async () => {
  await using agent = await startAgent();
  await using dashboard = await startDashboard(agent);
  const port = Number(new URL(dashboard.url).port);
  const connections = await Promise.all(
    Array.from({ length: 60 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  try {
    const endings = await Promise.all(connections.map(async (connection) => {
      await connection.write(new TextEncoder().encode("GET / HT")).catch(() => {});
      const buffer = new Uint8Array(200);
      const length = await connection.read(buffer).catch(() => null);
      return length === null ? "closed" : new TextDecoder().decode(buffer.subarray(9, 12));
    }));
    assert(endings.filter((each) => each === "closed").length >= 60 - 32, `${endings}`);
    assert(endings.every((each) => each === "closed" || each === "408"), `${endings}`);
  } finally {
    for (const connection of connections) connection.close();
  }
  await agent.waitFor(
    "an answer",
    async () => (await ask(`${dashboard.url}/metrics`)).status === 200,
  );
});

testAsRoot(
  "in Chromium the page keeps up with the agent, and lifts a ban when the token is given",
  { programs: [chromium] },
  async () => {
    await using agent = await startAgent();
    await giveToken(agent);
    await using dashboard = await startDashboard(agent);
    await using browser = await Browser.start();
    await browser.show({ width: 1440 });
    await browser.open(`${dashboard.url}/`);
    await browser.waitFor('document.querySelector("#state").textContent.includes("live")');
    await agent.query("ban", "203.0.113.9");
    const row =
      `[...document.querySelectorAll("#bans tr")].find((row) => row.textContent.includes("203.0.113.9"))`;
    await browser.waitFor(row);

    const button = `${row}.querySelector("button.unban")`;
    const told = `${row}.querySelector(".told").textContent`;
    assertEquals(await browser.evaluate(`${button}.checkVisibility()`), false);
    await browser.evaluate(`{
      document.querySelector("#token").value = "another";
      ${button}.click();
    }`);
    await browser.waitFor(`${told}.includes("That is not the token")`);
    await browser.evaluate(`{
      const token = document.querySelector("#token");
      token.value = ${JSON.stringify(TOKEN)};
      token.dispatchEvent(new Event("input", { bubbles: true }));
    }`);
    assertEquals(await browser.evaluate(`${button}.checkVisibility()`), true);
    assertEquals(await browser.findBarriers(), []);
    await browser.evaluate(`${button}.click()`);
    await browser.waitFor(
      'document.querySelector("#unbanned").textContent.includes("is let in again")',
    );
    assertEquals((await agent.banned()).includes("203.0.113.9"), false);
    await browser.waitFor(`${row}.querySelector("button.unban") === null`);
    // The browser itself reports the refusal.
    assertEquals(browser.complaints.filter((each) => !each.includes("403")), []);
  },
);

testAsRoot(
  "in Chromium whoever comes back becomes one of the most persistent",
  { programs: [chromium] },
  async () => {
    await using agent = await TestAgent.start({ config: {} });
    await agent.query("ban", "203.0.113.9");
    await using dashboard = await startDashboard(agent);
    await using browser = await Browser.start();
    await browser.show({ width: 1440 });
    await browser.open(`${dashboard.url}/`);
    await browser.waitFor('document.querySelector("#state").textContent.includes("live")');
    // What is missing at first can never be renewed.
    const missing = "PARTS.filter((id) => document.getElementById(id) === null)";
    assertEquals(await browser.evaluate(missing), []);
    assertEquals(await browser.evaluate('PARTS.includes("cut")'), true);
    const persistent = 'document.querySelector("#offenders")';
    assertEquals(await browser.evaluate(`${persistent}.checkVisibility()`), false);
    await agent.query("unban", "203.0.113.9");
    await agent.query("ban", "203.0.113.9");
    await browser.waitFor(`${persistent}.textContent.includes("203.0.113.9")`);
    assertEquals(await browser.evaluate(`${persistent}.checkVisibility()`), true);
    assertEquals(browser.complaints, []);
  },
);

Deno.test("a socket is left to no one but its owner and group, and is gone in the end", async () => {
  await using agent = await startAgent();
  const path = `${agent.folder}/http.sock`;
  await Deno.writeTextFile(path, "");
  const occupied = await agent.cli("dashboard", "--socket", path);
  assertEquals(occupied.code, 1);
  assertStringIncludes(occupied.stderr, "something that is no socket is there");
  const wrong = await banjo(["dashboard", "--listen", "0.0.0.0:8070"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "can be reached from other machines");
});
