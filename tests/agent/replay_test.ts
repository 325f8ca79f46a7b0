import { assert, assertEquals } from "@std/assert";
import { replay } from "../../lib/agent/mod.ts";
import { loadConfig } from "../../lib/config/mod.ts";

Deno.test("replay reads a log to its end that is deleted meanwhile, and tells its progress", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-replay-" });
  try {
    const log = `${folder}/app.log`;
    await Deno.writeTextFile(log, "2020-11-20T10:00:00Z failed 192.0.2.7\n".repeat(200_000));
    await Deno.mkdir(`${folder}/jails`);
    await Deno.writeTextFile(
      `${folder}/jails/app.toml`,
      `[app]\nenabled = true\nfiles = ["${log}"]\nfailregex = '^ failed <ADDR>$'\nmaxretry = 1\n`,
    );
    const { jails, agent } = await loadConfig(folder);
    const shares: number[] = [];
    let lines = 0;
    const { events, unread } = await replay({
      jails: [jails.get("app")!],
      agent,
      first: -Infinity,
      now: Date.now(),
      observer: {
        onText() {
          if (lines++ > 0) return;
          Deno.removeSync(log);
          // Progress is told at the next turn.
          for (const end = performance.now() + 500; performance.now() < end;);
        },
        onFinding() {},
      },
    }, (done) => shares.push(done));
    assertEquals(events.map(({ kind }) => kind), ["ban", "unban"]);
    assertEquals(unread, []);
    assert(shares.length > 0, "no progress was told");
    assert(shares.every((share) => share >= 0 && share <= 1), shares.join(" "));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
