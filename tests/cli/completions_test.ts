import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { banjo, banjoCommand } from "../banjo.ts";
import { must } from "../network.ts";
import { testAsRoot } from "../root.ts";
import { Terminal } from "../terminal.ts";

const config = {
  "banjo.toml": '[defaults]\nfirewall = "dry-run"\n',
  "jails/test.toml":
    '[webmail]\nenabled = true\nfiles = ["/nowhere/a.log"]\nfailregex = "^ <ADDR>"\n',
};

/** Lines as they are typed, ending where Tab is pressed, and the words that come of them. */
const typed = [
  ["banjo relo", "reload"],
  ["banjo reload we", "reload webmail"],
  ["banjo bans --si", "bans --since"],
  ["banjo bans --sort fa", "bans --sort failures"],
  ["banjo bans --jail we", "bans --jail webmail"],
  ["banjo unban 192.0.2.1", "unban 192.0.2.10"],
  ["banjo explain 2001:db8:7", "explain 2001:db8:7::/64"],
  ["banjo check --config fol", "check --config folder"],
  ["banjo simulate --file fil", "simulate --file file.log"],
  ["banjo simulate --file odd", "simulate --file odd [a-z]* name.log"],
  ["banjo check --config my", "check --config my folder"],
  ["banjo completions z", "completions zsh"],
  ["banjo help sim", "help simulate"],
] as const;

/** Names of files that were begun as a shell writes them. */
const begun = [
  ["banjo simulate --file odd\\ \\[a", "simulate --file odd [a-z]* name.log"],
  ["banjo simulate --file=odd", "simulate --file=odd [a-z]* name.log"],
] as const;

/** A shell on a terminal, ready to complete. It prints a line `GOT` with the words that it was given for banjo. */
const shells = {
  bash: (folder: string) => ({
    command: "bash --norc -i",
    setup: `bind 'set bell-style none'; source ${folder}/script; ${FUNCTION}`,
  }),
  zsh: (folder: string) => ({
    command: "zsh -f -i",
    setup: `autoload -Uz compinit; compinit -u -D; source ${folder}/script; ${FUNCTION}`,
  }),
};

/** Where the scripts ask banjo, they get its answer. */
const FUNCTION =
  `banjo() { if [ "$1" = completions ] && [ "$#" -gt 2 ]; then command banjo "$@"; else echo "G""OT<$*>"; fi; }`;

testAsRoot(
  "bash, zsh and fish complete commands, flags, and what the running agent knows",
  { programs: ["bash", "zsh", "fish", "script"] },
  async (t) => {
    await using agent = await TestAgent.start({ config });
    await agent.query("ban", "192.0.2.10", "2001:db8:7::1", "203.0.113.5");
    const folder = `${agent.folder}/shell`;
    await Deno.mkdir(`${folder}/bin`, { recursive: true });
    for (const name of ["folder", "my folder"]) await Deno.mkdir(`${folder}/${name}`);
    for (const name of ["file.log", "z", "odd [a-z]* name.log"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    const words = (await banjoCommand()).map((word) => `'${word}'`).join(" ");
    const program = `#!/bin/sh\nexec ${words} "$@" --runtime ${agent.runtime}\n`;
    await Deno.writeTextFile(`${folder}/bin/banjo`, program, { mode: 0o755 });
    const env = { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, TERM: "dumb" };

    for (const [name, shell] of Object.entries(shells)) {
      await t.step(name, async () => {
        const { stdout } = await banjo(["completions", name]);
        await Deno.writeTextFile(`${folder}/script`, stdout);
        const { command, setup } = shell(folder);
        await using terminal = new Terminal(command, { cwd: folder, env });
        await terminal.type(`${setup}; PS1='READY''> '\n`);
        await terminal.shows("READY> ");
        for (const [line, expected] of [...typed, ...begun]) {
          terminal.shown = "";
          await terminal.type(`${line}\t`);
          // The rest is typed when it has been completed.
          await terminal.shows(expected.split(" ").at(-1)!);
          await terminal.type("\n");
          await terminal.shows(/GOT<.*>/);
          await terminal.shows("READY> ");
          assertEquals(/GOT<(.*?)[ /]?>/.exec(terminal.shown)?.[1], expected, terminal.shown);
        }
        await terminal.type("exit\n");
        await terminal.end();
      });
    }

    await t.step("fish", async () => {
      await Deno.writeTextFile(`${folder}/script`, (await banjo(["completions", "fish"])).stdout);
      for (const [line, expected] of typed) {
        const script = `cd ${folder}; source script; complete -C '${line}'`;
        const environment = Object.entries(env).map(([key, value]) => `${key}=${value}`);
        const said = await must(["env", "-i", ...environment, "fish", "--no-config", "-c", script]);
        const [first] = said.split("\n").map((line) => line.split("\t")[0]!);
        const word = expected.slice(line.lastIndexOf(" ") + 1 - "banjo ".length);
        assertEquals(first!.replace(/\/$/, ""), word);
      }
    });
  },
);

Deno.test("scripts are offered no ids, and no more words than a shell can use", async () => {
  await using agent = await TestAgent.start({ config });
  const many = Array.from({ length: 600 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  await agent.query("ban", ...many, "192.0.2.10");
  const words = (await agent.cli("completions", "banned")).stdout.trim().split("\n");
  assertEquals(words.length, 500);
  assertEquals((await agent.cli("completions", "banned", "192")).stdout, "192.0.2.10\n");
  assertEquals((await agent.cli("completions", "jails", "x")).stdout, "");
  const { code, stderr } = await agent.cli("completions", "csh");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "expected bash, zsh or fish");
  assert(!(await agent.cli("completions", "jails")).stdout.includes("manual\n\n"));
});
