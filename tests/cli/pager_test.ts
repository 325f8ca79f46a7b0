import { assert, assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjoCommandWith } from "../banjo.ts";
import { testAsRoot } from "../root.ts";
import { Terminal } from "../terminal.ts";

const config = { "banjo.toml": '[defaults]\nfirewall = "dry-run"\n' };

testAsRoot(
  "what is longer than the terminal goes through less, unless PAGER says otherwise; NO_COLOR holds",
  { programs: ["less", "script"] },
  async () => {
    await using agent = await TestAgent.start({ config });
    await agent.query(
      "ban",
      ...Array.from({ length: 60 }, (_, index) => `198.51.100.${index + 1}`),
    );
    const bans = ["bans", "--sort", "host", "--runtime", agent.runtime];
    const on = async (words: readonly string[], ...settings: readonly string[]) => {
      const command = await banjoCommandWith(["TERM=xterm", ...settings], ...words);
      return `stty rows 10 cols 80; ${command.join(" ")}; echo "left $?"`;
    };

    {
      await using terminal = new Terminal(await on(bans));
      await terminal.shows("198.51.100.8 ");
      assert(!terminal.shown.includes("198.51.100.60"), terminal.shown);
      assert(terminal.shown.includes("\x1b[1mHOST"), terminal.shown);
      const told = ["LESS", "LESSCHARSET", "LESSSECURE", "TERM"];
      assertEquals((await environmentOfLess(agent.runtime)).toSorted(), told);
      // The end, and out.
      await terminal.type("G");
      await terminal.shows("198.51.100.60");
      await terminal.type("q");
      assertEquals(await terminal.end(), 0);
    }
    {
      await using terminal = new Terminal(await on(bans, "PAGER=cat", "NO_COLOR=1"));
      await terminal.shows("198.51.100.60");
      assertEquals(await terminal.end(), 0);
      assert(!terminal.shown.includes("\x1b"), terminal.shown);
    }
    const jails = (settings: string) =>
      Array.from({ length: 20 }, (_, index) => `[number-${index + 1}]\n${settings}\n`).join("");
    await agent.configure({ "jails/many.toml": jails("enabled = true\nreports = true") });
    await agent.query("reload");
    // All of these are wrong; the agent goes on with what it has.
    await agent.configure({ "jails/many.toml": jails("enabled = 'größe'") });
    const commands = [
      { words: ["status", "--runtime", agent.runtime], code: 0 },
      { words: ["check", "--config", agent.config], code: 2 },
    ];
    for (const { words, code } of commands) {
      await using terminal = new Terminal(await on(words));
      await terminal.shows("number-1");
      assert(!terminal.shown.includes("number-20"), terminal.shown);
      if (code === 2) assert(terminal.shown.includes("größe"), terminal.shown);
      await terminal.type("G");
      await terminal.shows("number-20");
      await terminal.type("q");
      await terminal.shows(`left ${code}`);
    }
    {
      // Who has seen enough leaves at once.
      await using terminal = new Terminal(await on(bans));
      await terminal.shows("198.51.100.8 ");
      await terminal.type("q");
      assertEquals(await terminal.end(), 0);
    }
  },
);

/** The names in the environment of the less that a command with this word in its line has started. */
async function environmentOfLess(word: string): Promise<readonly string[]> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const read = (path: string) => Deno.readTextFile(`/proc/${path}`).catch(() => "");
    if (await read(`${name}/comm`) !== "less\n") continue;
    const [, parent] = /^PPid:\s(\d+)$/m.exec(await read(`${name}/status`)) ?? [];
    if (!(await read(`${parent}/cmdline`)).includes(word)) continue;
    return (await read(`${name}/environ`)).split("\0").slice(0, -1).map((each) =>
      each.split("=")[0]!
    );
  }
  throw new Error("There is no such less");
}
