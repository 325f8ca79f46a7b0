import { bansBySince, call } from "../control/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError, type Words } from "./command.ts";
import { loadCommands } from "./commands.ts";
import { bashScript } from "./completions_bash.ts";
import { fishScript } from "./completions_fish.ts";
import { zshScript } from "./completions_zsh.ts";
import { print } from "./pager.ts";

const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** A shell that is offered a hundred thousand words is of no use. */
const MOST_WORDS = 500;

/** `banjo completions SHELL` */
export const completions: Command = {
  name: "completions",
  operands: "SHELL [PREFIX]",
  offers: ["bash", "zsh", "fish"],
  summary: "Print a script that has bash, zsh or fish complete banjo's words",
  details: "install.sh puts the scripts where the shells look for them. By hand, in ~/.bashrc:\n" +
    "`source <(banjo completions bash)`.\n" +
    "In place of SHELL, `jails` and `banned` print what the running agent knows, for these scripts.",
  flags: { ...sharedFlags.runtime },
  arity: [1, 2],
  async run(words) {
    const [what, prefix = ""] = words.operands as [string, string?];
    const script = Object.hasOwn(scripts, what) ? scripts[what] : undefined;
    if (script !== undefined) await print(script(await loadCommands()));
    else {
      const names = new Set<string>();
      for await (const name of namesOf(what, prefix, words)) {
        if (name.startsWith(prefix)) names.add(name);
        if (names.size === MOST_WORDS) break;
      }
      if (names.size > 0) console.log([...names].join("\n"));
    }
    return 0;
  },
};

/** What the running agent knows; nothing that a shell could take for more than a word. */
async function* namesOf(what: string, prefix: string, words: Words): AsyncGenerator<string> {
  const runtime = dirOf(words, "runtime");
  if (what === "jails") {
    for (const { jail } of (await call(runtime, "status", {})).jails) yield jail;
  } else if (what === "banned") {
    for await (const page of bansBySince(runtime, { since: -Infinity, prefix })) {
      for (const { host, enforceable } of page) if (enforceable) yield host;
    }
  } else {
    throw new UsageError(
      `Cannot complete for ${JSON.stringify(what)}: expected bash, zsh or fish`,
    );
  }
}
