import { assert, assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjoCommand } from "../banjo.ts";
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
    const words = await banjoCommand("bans", "--sort", "host", "--runtime", agent.runtime);
    // What is set stands among the settings of env, behind `env -i -C FOLDER`.
    const set = (...settings: readonly string[]) => {
      const command = [...words.slice(0, 4), "TERM=xterm", ...settings, ...words.slice(4)];
      return `stty rows 10 cols 80; ${command.join(" ")}`;
    };

    {
      await using terminal = new Terminal(set());
      await terminal.shows("198.51.100.8 ");
      assert(!terminal.shown.includes("198.51.100.60"), terminal.shown);
      assert(terminal.shown.includes("\x1b[1mHOST"), terminal.shown);
      // The end, and out.
      await terminal.type("G");
      await terminal.shows("198.51.100.60");
      await terminal.type("q");
      assertEquals(await terminal.end(), 0);
    }
    {
      await using terminal = new Terminal(set("PAGER=cat", "NO_COLOR=1"));
      await terminal.shows("198.51.100.60");
      assertEquals(await terminal.end(), 0);
      assert(!terminal.shown.includes("\x1b"), terminal.shown);
    }
    {
      // Who has seen enough leaves at once.
      await using terminal = new Terminal(set());
      await terminal.shows("198.51.100.8 ");
      await terminal.type("q");
      assertEquals(await terminal.end(), 0);
    }
  },
);
