import { assertEquals, assertMatch } from "@std/assert";

const log = new URL("../lib/log.ts", import.meta.url).href;

/** What the log's lines look like on standard error. */
async function logged(script: string, env: Record<string, string> = {}): Promise<string> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", `import { log, startLog } from "${log}"; ${script}`],
    env,
    clearEnv: true,
  }).output();
  return new TextDecoder().decode(stderr);
}

Deno.test("the log says from its level on what there is, each with the time and its level", async () => {
  const lines = (await logged(
    `log.error("before"); startLog("info"); log.debug("a"); log.info("b {x}"); log.warn("c");`,
  )).split("\n");
  assertMatch(lines[0]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info b \{x\}$/);
  assertMatch(lines[1]!, /Z warning c$/);
  assertEquals(lines.slice(2), [""]);
});

Deno.test("the log tells systemd priorities, and lets no log text act on a terminal", async () => {
  const text = await logged(
    `startLog("debug"); log.debug("a"); log.info("b\\n\\x1b[2J"); log.warn("c"); log.error("d");`,
    { JOURNAL_STREAM: "8:1" },
  );
  assertEquals(text, "<7>a\n<6>b\\x0a\\x1b[2J\n<4>c\n<3>d\n");
});

Deno.test("a log that cannot be written ends nothing", async () => {
  for (const target of ["/dev/full", ">(true)"]) {
    const script = `import { log, startLog } from "${log}"; startLog("info");
      await new Promise((go) => setTimeout(go, 100)); log.info("a");
      await new Promise((go) => setTimeout(go)); console.log("goes on");`;
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", `"$0" eval --ext=ts "$1" 2> ${target}`, Deno.execPath(), script],
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "goes on\n", target);
  }
});
