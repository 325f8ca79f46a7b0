/** Log lines that would act on a terminal, through every command that prints some of them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo, type Result } from "../banjo.ts";

/** Clears the screen, sets its title, makes a link, by C1 codes as well; turns text round; hides and breaks it. */
const HOSTILE =
  "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://x/\x1b\\{link}\x9b31m\x90\u202e\u2066\u200f" +
  "\u061c\u200b\ufeff\u2028\u0085\x00\x08\x7f\r%s{0}";

/** What must never come out, but for line ends. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f]|[\p{Cf}\u2028\u2029]/u;

Deno.test("no command prints what a line of log would do to a terminal", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const log = `${agent.folder}/app.log`;
  const jail = `enabled = true
files = ["${log}"]
maxretry = 2
bantime = "1h"
firewall = "dry-run"
`;
  await agent.configure({
    "jails/app.toml": `[app]
${jail}failregex = ['^ <ADDR> login of <F-USER>.*</F-USER> failed$']
[ids]
${jail}failregex = ['^ \\S+ login of <F-ID>.*</F-ID> failed$']
[slow]
${jail}failregex = ['^ <ADDR> (?:(?:\\w|a)+)+(?=:): (?:b|.)*$']
`,
    "filters/app.toml":
      `failregex = ['^ <ADDR> login of <F-USER>.*</F-USER> failed$']\nignoreregex = ['welcome$']\n`,
  });
  const at = new Date().toISOString();
  const lines = [
    ...Array(3).fill(`${at} 198.51.100.66 login of ${HOSTILE} failed`),
    `${at} 198.51.100.67 login of ${HOSTILE}2 failed`,
    `${at} 198.51.100.68 ${"a".repeat(50)}${HOSTILE}`,
    `${at} ${HOSTILE} 198.51.100.69 missed`,
  ];
  await Deno.writeTextFile(log, lines.map((line) => `${line}\n`).join(""));
  await agent.run();
  await agent.waitForBan("198.51.100.66");
  await agent.waitFor("the id's ban", async () => (await agent.banned()).length === 2);
  const [id] = (await agent.banned()).filter((host) => host.startsWith("id:"));
  assertStringIncludes(id!, "\x1b[2J", "it came through the log as it is");

  const config = ["--config", agent.config];
  const app = `${agent.config}/filters/app.toml`;
  const commands: readonly (readonly string[])[] = [
    ["status"],
    ["status", "ids"],
    ["bans"],
    ["bans", "--wide"],
    ["explain", "198.51.100.66"],
    ["explain", "198.51.100.67"],
    ["explain", id!],
    ["history"],
    ["events"],
    ["report"],
    ["metrics"],
    ["test", log, app],
    ["test", log, app, "--print-matched", "--print-missed", "--print-ignored"],
    ["test", log, app, "--explain"],
    ["test", lines[0]!, app, "--explain"],
    ["simulate", "app", ...config],
    ["simulate", "ids", ...config],
    ["tune", "app", "--file", log, ...config],
    ["check", ...config],
    ["new-jail", "--from", log],
    ["ban", HOSTILE],
    ["unban", HOSTILE],
    ["status", HOSTILE],
    ["explain", HOSTILE],
    [HOSTILE],
    ["reload"],
    ["unban", "--all"],
  ];
  const isClient = (command: string) =>
    !["test", "simulate", "tune", "check", "new-jail"].includes(command);
  const json = new Set(["status", "bans", "explain", "history", "events", "report", "test"]);
  for (const words of commands) {
    const withJson = json.has(words[0]!) ||
      ["simulate", "tune", "check", "new-jail"].includes(words[0]!);
    const forms = withJson && !words.includes("--explain") && !words.some((word) =>
        /print/.test(word)
      )
      ? [words, [...words, "--json"]]
      : [words];
    for (const form of forms) {
      // NUL cannot be part of a command line.
      const typed = form.map((word) => word.replaceAll("\0", ""));
      const result: Result = isClient(typed[0]!) && typed.length > 0 && words[0] !== HOSTILE
        ? await agent.cli(...typed)
        : await banjo(typed);
      const said = result.stdout + result.stderr;
      assert(said !== "" || words[0] === "tune", typed.join(" "));
      const unsafe = UNSAFE.exec(said);
      assertEquals(
        unsafe === null ? null : JSON.stringify(said.slice(unsafe.index - 80, unsafe.index + 20)),
        null,
        JSON.stringify(typed),
      );
    }
  }
  await agent.stop();
  assertStringIncludes(agent.said, "ban id:\\x1b[2J");
  assertEquals(UNSAFE.exec(agent.said), null, agent.said);
});
