/** `docs/commands.md`: what each command's help says. */
import { type Command, helpOf } from "../../lib/cli/command.ts";

/** The text for these commands. */
export function commandsText(commands: readonly Command[]): string {
  return [
    "# Commands",
    "",
    "Written from the commands' own help, which `banjo COMMAND --help` prints; the manual pages (`man banjo-bans`) say the same.",
    "",
    ...commands.map(({ name, summary }) => `- [\`banjo ${name}\`](#banjo-${name}): ${summary}`),
    "",
    ...commands.flatMap((command) => [
      `## \`banjo ${command.name}\``,
      "",
      "```text",
      helpOf(command),
      "```",
      "",
    ]),
    "## What all have in common",
    "",
    "The exit code is 0 if all is fine, 1 if something failed, 2 if the words or the configuration are wrong; where a command",
    "has others, its help says so. Colours appear on a terminal only, and not where `NO_COLOR` is set. What is longer than the",
    "terminal is high is shown in `less`, unless `PAGER` names anything else: `PAGER=cat banjo bans`; only `test`, `new-jail` and",
    "`events --follow`, which print while they read or ask, are not. Whatever comes out of a log is escaped before it is shown.",
    "`--json` prints JSON, on one line or one object a line; keys are added in later versions, but none is taken away or given",
    "another meaning.",
    "",
  ].join("\n");
}
