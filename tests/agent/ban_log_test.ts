import { assertEquals, assertMatch } from "@std/assert";

const lib = new URL("../../lib", import.meta.url).href;

/** What is logged of decisions, without the time. */
async function logged(script: string): Promise<string[]> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--ext=ts",
      `import { BanLog } from "${lib}/agent/ban_log.ts"; import { startLog } from "${lib}/log.ts";
      startLog("info");
      const log = new BanLog();
      const ban = { jail: "sshd", host: "192.0.2.1", since: 0, until: 0, failures: 5, bans: 1, lines: [], cause: "failures" };
      const tell = (count, now, jail = "sshd") => {
        for (let at = 0; at < count; at++) log.tell({ kind: "ban", time: 0, ban: { ...ban, jail } }, now);
      };
      ${script}`,
    ],
    clearEnv: true,
  }).output();
  return new TextDecoder().decode(stderr).split("\n").slice(0, -1).map((line) =>
    line.replace(/^\S+ /, "")
  );
}

const BAN = "info sshd: ban 192.0.2.1 until 1970-01-01T00:00:00.000Z (5 failures)";

Deno.test("each ban has its line in the log, those of a burst but the first have one for all", async () => {
  const lines = await logged("tell(100, 0); tell(1, 1000); tell(2099, 1999);");
  assertEquals(lines.slice(0, 200), new Array(200).fill(BAN));
  assertEquals(lines.slice(200), ["info 2000 more bans and unbans: see `banjo history`"]);
});

Deno.test("a jail's burst hides no ban of another jail in the log", async () => {
  const lines = await logged('tell(200, 0); tell(1, 0, "nginx"); log.end();');
  assertEquals(lines[100], BAN.replace("sshd", "nginx"));
  assertMatch(lines[101]!, /^info 100 more/);
});

Deno.test("at the end the log has told of all bans", async () => {
  const lines = await logged("tell(101, 0); log.end(); log.end();");
  assertEquals(lines.length, 101);
  assertMatch(lines.at(-1)!, /^info 1 more/);
});
