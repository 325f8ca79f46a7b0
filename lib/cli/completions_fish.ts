/** Completion for fish. */
import type { Command, Completion } from "./command.ts";

/** The script; fish reads it from a folder of completions, or by `banjo completions fish | source`. */
export function fishScript(commands: readonly Command[]): string {
  return [
    "# fish completion for banjo, made by `banjo completions fish`",
    "complete -c banjo -f",
    "complete -c banjo -n __fish_use_subcommand -a help -d 'Tell how a command is used'",
    `complete -c banjo -n '__fish_seen_subcommand_from help' -a ${
      quote(commands.map(({ name }) => name).join(" "))
    }`,
    ...commands.flatMap(linesOf),
  ].join("\n");
}

function linesOf({ name, summary, flags, offers }: Command): string[] {
  const here = `complete -c banjo -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c banjo -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ...Object.entries(flags).map(([flag, { about, value, offers }]) =>
      `${here} -l ${flag} -d ${quote(about)}${value === undefined ? "" : valueOf(offers)}`
    ),
    `${here} -l help -d 'print this'`,
    ...offers === undefined ? [] : [`${here}${offers === "files" ? " -F" : candidatesOf(offers)}`],
  ];
}

function valueOf(offers: Completion | undefined): string {
  if (offers === undefined) return " -x";
  return offers === "files" ? " -r -F" : ` -x${candidatesOf(offers)}`;
}

function candidatesOf(offers: Exclude<Completion, "files">): string {
  if (typeof offers !== "string") return ` -a ${quote(offers.join(" "))}`;
  return offers === "folders"
    ? " -a '(__fish_complete_directories)'"
    : ` -a '(banjo completions ${offers} (commandline -ct) 2>/dev/null)'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
