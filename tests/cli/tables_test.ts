import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { widthOf } from "../../lib/cli/columns.ts";
import { always, Table, table } from "../../lib/cli/render.ts";
import { TestAgent } from "../agent.ts";
import { banjoCommand } from "../banjo.ts";
import { testAsRoot } from "../root.ts";
import { Tmux } from "../tmux.ts";
import { anyText } from "../any_text.ts";

const columns = [
  { head: "HOST", shrinks: always },
  { head: "JAIL", shrinks: always },
  { head: "FAILURES", align: "right" },
] as const;

Deno.test("a table is as wide as its terminal at most, and cuts the longest cells for that", () => {
  const cell = anyText({ maxLength: 80 });
  const rows = fc.array(fc.tuple(cell, cell, fc.nat()), { maxLength: 20 });
  fc.assert(fc.property(rows, fc.integer({ min: 40, max: 250 }), (rows, width) => {
    for (const line of table(columns, rows, width).split("\n")) {
      assert(widthOf(line) <= width, line);
    }
  }));
  const wide = "x".repeat(60);
  assertEquals(
    table(columns, [[wide, "sshd", 5]], 40).split("\n")[1],
    [
      `${"x".repeat(23)}…`,
      "sshd",
      "       5",
    ].join("  "),
  );
  assertEquals(table(columns, [[wide, wide, 5]]).split("\n")[1]!.length, 132);
});

Deno.test("a table made in pieces is the whole one, where no later cell is longer", () => {
  const pieces = new Table(columns, Infinity);
  const rows = [["192.0.2.77", "sshd", 5], ["192.0.2.1", "nginx", 1]];
  assertEquals(
    [...pieces.lines(rows.slice(0, 1)), ...pieces.lines(rows.slice(1))].map((line) =>
      line.split(/ +/)
    ),
    table(columns, rows).split("\n").map((line) => line.split(/ +/)),
  );
});

testAsRoot(
  "status, bans and history fit into 80 columns and into 200, whatever jails and hosts are called",
  { programs: ["tmux"] },
  async () => {
    const jail = "a-jail-whose-name-is-as-long-as-the-name-of-a-jail-may-be-at-all";
    await using agent = await TestAgent.create({
      config: { "banjo.toml": '[defaults]\nfirewall = "dry-run"\nmaxretry = 1\n' },
    });
    const files = [1, 2, 3].map((n) => `${agent.folder}/${n}-${"log".repeat(20)}`);
    await agent.configure({
      "jails/a.toml": `[${jail}]\nenabled = true\nfiles = ${
        JSON.stringify(files)
      }\nfailregex = ["^ failed <ADDR>$", "^ name <F-ID>.+</F-ID>$"]\n`,
    });
    const line = (text: string) => `${new Date().toISOString()} ${text}\n`;
    const name = `\x1b[2J\u202e${"evil ".repeat(30)}`;
    await Deno.writeTextFile(
      files[0]!,
      line(`name ${name}`) + line("failed 2001:db8:1234:5678::1"),
    );
    await agent.run();
    await agent.waitFor("2 bans", async () => (await agent.query("bans")).length === 2);
    await agent.query("ban", "198.51.100.7", "--for", "forever");

    for (const columns of [80, 200]) {
      const banjo = (await banjoCommand()).join(" ");
      const shell = ["status", "bans", "bans --wide", "history"]
        .filter((words) => columns === 200 || !words.includes("--wide"))
        .map((words) => `${banjo} ${words} --runtime ${agent.runtime}`)
        .join("; echo; ");
      await using tmux = await Tmux.start(`PAGER=cat; ${shell}; echo "left"`, columns, 60);
      const screen = await tmux.shows(/^left$/m);
      assertEquals(await tmux.joined(), screen, "a line was folded");
      assertMatch(screen, /^a-jail-[\w-]+…? +0 +2 +2 +2 +\S+…$/m);
      assertMatch(screen, /^2001:db8:1234:5678::\/64 +a-jail-[\w-]+…? .* 10 minutes +1$/m);
      assertMatch(screen, /^id:\\x1b\[2J\\u\{202e\}.*…/m);
      assertMatch(screen, /^198\.51\.100\.7 +manual .* for ever +0$/m);
      assertMatch(screen, / ban +manual +198\.51\.100\.7 +ever +1st +by hand$/m);
    }
  },
);
