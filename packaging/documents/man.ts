/** Manual pages, in the macros of man(7). */
import type { Command } from "../../lib/cli/command.ts";
import { version } from "../../lib/version.ts";

/** The page `banjo(1)`. */
export function overviewPage(commands: readonly Command[]): string {
  return page("banjo", 1, "bans the addresses that attack this server", [
    section("SYNOPSIS", bold("banjo"), italic("COMMAND") + " " + "[OPERANDS] [FLAGS]"),
    section(
      "DESCRIPTION",
      text(
        "banjo reads the journal and log files as they are written, recognises failed logins and abuse by the " +
          "patterns of its filters, and blocks the offenders in nftables or ufw for a while. " +
          "banjo run is the agent, which systemd starts; the other commands talk to it or work without it.",
      ),
    ),
    section(
      "COMMANDS",
      ...commands.map(({ name, operands, summary }) =>
        item(`${bold(name)} ${text(operands)}`, text(summary))
      ),
    ),
    exitStatus,
    section(
      "ENVIRONMENT",
      item(bold("NO_COLOR"), text("Where it is set, nothing is coloured.")),
      item(
        bold("PAGER"),
        text(
          "Long output on a terminal is shown in less. Anything else than less here, such as cat, turns that off.",
        ),
      ),
    ),
    section(
      "FILES",
      ...[
        [
          "/etc/banjo/banjo.toml",
          "Defaults for every jail, settings of the agent; see banjo.toml(5).",
        ],
        ["/etc/banjo/jails/*.toml", "Jails; see banjo-jails(5)."],
        ["/etc/banjo/filters/*.toml", "Filters; see banjo-filters(5)."],
        ["/var/lib/banjo/state.json", "Counters, bans and reading positions of one instant."],
        ["/var/lib/banjo/history.jsonl", "Bans and unbans, one a line."],
        ["/run/banjo/control.sock", "The agent's socket: JSON-RPC 2.0, one message a line."],
        ["/run/banjo/read.sock", "The same for programs that only read."],
        ["/run/banjo/report.sock", "Where applications report failures, in the same way."],
      ].map(([path, about]) => item(italic(path!), text(about!))),
    ),
    section(
      "SEE ALSO",
      [
        ...commands.map(({ name }) => `${bold(`banjo-${name}`)}(1)`),
        ...["banjo.toml", "banjo-jails", "banjo-filters"].map((name) => `${bold(name)}(5)`),
      ].join(",\n"),
    ),
  ]);
}

/** The page of one command. */
export function commandPage({ name, operands, summary, details, flags }: Command): string {
  const all = [...Object.entries(flags), ["help", { about: "print this" }] as const];
  return page(`banjo-${name}`, 1, summary, [
    section("SYNOPSIS", bold(`banjo ${name}`), `${text(operands)} [${italic("FLAGS")}]`.trim()),
    ...details === undefined ? [] : [section("DESCRIPTION", text(details))],
    section(
      "FLAGS",
      ...all.map(([flag, { about, ...rest }]) => {
        const value = "value" in rest && rest.value ? ` ${italic(rest.value)}` : "";
        return item(bold(`--${flag}`) + value, text(about));
      }),
    ),
    exitStatus,
    section("SEE ALSO", `${bold("banjo")}(1),\n${bold("banjo.toml")}(5)`),
  ]);
}

const exitStatus = section(
  "EXIT STATUS",
  item("0", "All is fine."),
  item("1", "Something failed."),
  item("2", "The words or the configuration are wrong."),
);

/** A page of the manual, in roff. */
export function page(
  name: string,
  number: 1 | 5,
  summary: string,
  sections: readonly string[],
): string {
  const title = [text(name.toUpperCase()), number, '""', `"banjo ${version}"`, '"banjo"'].join(" ");
  const head = `.\\" Written from the program by \`deno task documents\`.\n.TH ${title}`;
  const about = section("NAME", `${text(name)} \\- ${text(summary)}`);
  return [head, about, ...sections].join("\n") + "\n";
}

/** A section; lines that are empty are left out. */
export function section(name: string, ...lines: readonly string[]): string {
  return [`.SH "${name}"`, ...lines.filter((line) => line !== "")].join("\n");
}

/** A term, and what is to be said of it. */
export function item(term: string, about: string): string {
  return `.TP\n${term}\n${about}`;
}

/** A word in bold. */
export function bold(word: string): string {
  return `\\fB${text(word)}\\fR`;
}

function italic(word: string): string {
  return `\\fI${text(word)}\\fR`;
}

/** Text in which roff sees no commands. */
export function text(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti").replaceAll("`", "\\(ga").replaceAll("'", "\\(aq")
    .replaceAll(/^\./gm, "\\&.");
}
