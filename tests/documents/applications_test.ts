/** The examples of docs/applications.md, as they stand there, by the interpreters that they are for. */
import { assert, assertEquals } from "@std/assert";
import { loadConfig } from "../../lib/config/mod.ts";
import { TestAgent } from "../agent.ts";
import { banjoCommand } from "../banjo.ts";
import { must } from "../network.ts";
import { testAsRoot } from "../root.ts";

const TEXT = Deno.readTextFileSync(new URL("../../docs/applications.md", import.meta.url));
/** Who calls: banned here, where loopback may be. */
const VISITOR = "127.0.0.1";

const needs = { programs: ["php", "uvicorn", "node", "socat"] };

testAsRoot("the examples report wrong passwords, and take them back", needs, async (t) => {
  await using agent = await newAgent();
  const servers: readonly Example[] = [
    {
      name: "PHP",
      file: "login.php",
      command: (file, port) => ["php", "-S", `127.0.0.1:${port}`, file],
      login: (user, password) => new URLSearchParams({ user, password }),
    },
    {
      name: "FastAPI",
      file: "main.py",
      command: (_, port) => ["uvicorn", "main:app", "--port", `${port}`],
      login: (user, password) => JSON.stringify({ user, password }),
    },
    {
      name: "Node",
      file: "login.mjs",
      command: (file, port) => ["env", `PORT=${port}`, "node", file],
      login: (user, password) => JSON.stringify({ user, password }),
    },
  ];
  for (const example of servers) {
    await t.step(example.name, async () => {
      await using server = await serve(agent, example);
      assertEquals(await server.logIn("alice", "wrong"), 401);
      assertEquals(await server.logIn("alice", "again"), 401);
      assertEquals(await server.logIn("alice", "wonderland"), 200);
      assertEquals(await server.logIn("alice", "wrong"), 401);
      assertEquals(await server.logIn("alice", "again"), 401);
      await agent.waitFor("four failures", () => hasFailed(agent, 4));
      assertEquals(await agent.banned(), []);
      assertEquals(await server.logIn("bob\n\u202e", "x"), 401);
      await agent.waitFor("a ban", async () => (await agent.banned()).includes(VISITOR));
      const { stdout } = await agent.cli("explain", VISITOR);
      assert(stdout.includes("reported: wrong password (user alice)"), stdout);
      assert(stdout.includes("(user bob\\x0a\\u{202e})"), stdout);
    });
    await startAnew(agent);
  }

  await t.step("banjo attempt", async () => {
    const script = await writeExample(agent, "door.sh");
    const path = `${agent.folder}/bin`;
    await Deno.mkdir(path);
    const words = (await banjoCommand()).map((word) => `'${word}'`).join(" ");
    const program = `#!/bin/sh\nexec ${words} "$@" --runtime=${agent.runtime}\n`;
    await Deno.writeTextFile(`${path}/banjo`, program, { mode: 0o755 });
    const door = (pin: string) =>
      must(["env", `PATH=${path}:/usr/bin:/bin`, "sh", script, "192.0.2.7", "al'ice", pin]);
    for (const pin of ["1", "2", "1234", "3", "4"]) await door(pin);
    assertEquals(await agent.banned(), []);
    await door("5");
    assertEquals(await agent.banned(), ["192.0.2.7"]);
  });

  await t.step("socat", async () => {
    const script = await writeExample(agent, "knock.sh");
    for (let knock = 0; knock < 3; knock++) {
      const answer = await must(["sh", script, "2001:db8::7"]);
      assertEquals(JSON.parse(answer), { jsonrpc: "2.0", id: null, result: null });
    }
    assert((await agent.banned()).includes("2001:db8::/64"));
    const refused = JSON.parse(await must(["sh", script, "example.org"]));
    assertEquals(refused.error.code, -32602);
  });
});

Deno.test("the jails of the examples are right, and the one for the journal finds the line", async () => {
  const folder = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await Deno.mkdir(`${folder}/jails`);
  const blocks = blocksOf("toml");
  for (const [index, block] of blocks.entries()) {
    await Deno.writeTextFile(`${folder}/jails/${index}.toml`, block);
  }
  const { jails, problems } = await loadConfig(folder);
  assertEquals(problems, []);
  assertEquals(jails.get("my-app")?.reports, true);
  assertEquals(jails.get("my-app")?.maxBansPerMinute, 60);
  const { compileFilter } = await import("../../lib/filter/filter.ts");
  const filter = compileFilter(jails.get("my-app-journal")!.filter);
  const found: string[] = [];
  for (const text of ["login failed from 192.0.2.7", "WARNING:root:login failed from 192.0.2.8"]) {
    const entry = { time: 0, text };
    filter.read(entry, { now: 0, live: false }, (finding) => {
      if (finding.kind === "failure") found.push(finding.host);
    });
  }
  assertEquals(found, ["192.0.2.7", "192.0.2.8"]);
});

/** A web server of the examples. */
interface Example {
  readonly name: string;
  readonly file: string;
  command(file: string, port: number): readonly string[];
  login(user: string, password: string): BodyInit;
}

async function newAgent(): Promise<TestAgent> {
  const jail = blocksOf("toml")[0]!;
  return await TestAgent.start({
    config: {
      "banjo.toml": '[defaults]\nfirewall = "dry-run"\nignoreself = false\n',
      "jails/my-app.toml": jail,
    },
  });
}

/** Lifts all bans, and has the jail begin at nought. */
async function startAnew(agent: TestAgent): Promise<void> {
  await agent.stop();
  for (const file of ["state.json", "history.jsonl"]) await Deno.remove(`${agent.state}/${file}`);
  await agent.run();
}

async function hasFailed(agent: TestAgent, times: number): Promise<boolean> {
  const [{ failed }] = await agent.query("status", "my-app");
  return failed.total === times;
}

/** Starts a server of the examples; gives what logs in there. */
async function serve(agent: TestAgent, { file, command, login }: Example) {
  const path = await writeExample(agent, file);
  const port = freePort();
  const [program, ...args] = command(path, port);
  const child = new Deno.Command(program!, {
    args: [...args],
    cwd: agent.folder,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await agent.waitFor(`${file} to listen`, () => answers(port));
  return {
    async logIn(user: string, password: string): Promise<number> {
      const body = login(user, password);
      const headers: HeadersInit = typeof body === "string"
        ? { "content-type": "application/json" }
        : {};
      const response = await fetch(`http://127.0.0.1:${port}/login`, {
        method: "POST",
        body,
        headers,
      });
      await response.body?.cancel();
      return response.status;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Writes an example into the agent's folder, with the agent's socket in the place of the system's. */
async function writeExample(agent: TestAgent, name: string): Promise<string> {
  const text = ["php", "python", "javascript", "sh"].flatMap(blocksOf)
    .find((block) => block.split("\n", 3).some((line) => line.includes(` ${name}`)))!;
  assert(text?.includes("banjo"), name);
  const path = `${agent.folder}/${name}`;
  await Deno.writeTextFile(path, text.replaceAll("/run/banjo", agent.runtime));
  return path;
}

function blocksOf(language: string): string[] {
  return [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))]
    .map(([, block]) => block!);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
