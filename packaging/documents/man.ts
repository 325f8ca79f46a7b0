/** Manual pages, in the macros of man(7). */
import type { Command } from "../../lib/cli/command.ts";
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  type Keys,
  sampleKeys,
  tableType,
} from "../../lib/config/schema.ts";
import type { JsonType } from "../../lib/config/values.ts";
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
        ["/etc/banjo/jails/*.toml", "Jails."],
        ["/etc/banjo/filters/*.toml", "Filters."],
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
        `${bold("banjo.toml")}(5)`,
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

/** The page `banjo.toml(5)`, for all files of the configuration. */
export function configPage(): string {
  return page("banjo.toml", 5, "configuration of banjo: jails, filters and defaults", [
    section(
      "DESCRIPTION",
      text(
        "The configuration is TOML. /etc/banjo/banjo.toml has the tables [defaults], with keys of a jail that hold for " +
          "all of them, and [agent]. Each table in the files /etc/banjo/jails/*.toml is a jail of that name; each file " +
          "/etc/banjo/filters/*.toml is the filter that is called like it. What is shipped is part of the program: of a " +
          "jail, what is written in jails/ counts before [defaults], and that before what is shipped; a filter replaces " +
          "the shipped one as a whole.",
      ),
      ".PP",
      text(
        "banjo check tells what is wrong, with file, line and column; banjo reload takes it over.",
      ),
    ),
    section(
      "TYPES",
      item(
        bold("duration"),
        text(
          'Seconds as a number, or "10m", "1d 12h", "forever". Units are s, m, h, d, w, mo and y.',
        ),
      ),
      item(bold("or a list"), text("One value, or a list of them.")),
    ),
    section("JAIL", ...itemsOf(jailKeys)),
    section(
      "BANTIME_INCREMENT",
      text("Keys of the table bantime_increment of a jail."),
      ...itemsOf(incrementKeys),
    ),
    section("FILTER", ...itemsOf(filterKeys)),
    section("SAMPLES", text("Keys of each [[samples]] table of a filter."), ...itemsOf(sampleKeys)),
    section("AGENT", text("Keys of [agent] in banjo.toml."), ...itemsOf(agentKeys)),
    section(
      "EXAMPLE",
      ".nf",
      text('[sshd]\nenabled = true\nmaxretry = 3\nbantime = "1h"'),
      ".fi",
    ),
    section("SEE ALSO", `${bold("banjo")}(1),\n${bold("banjo-check")}(1)`),
  ]);
}

function itemsOf(keys: Keys): string[] {
  const { properties } = tableType(keys) as { properties: Record<string, JsonType> };
  return Object.entries(properties).map(([key, type]) => {
    const initial = type.default === undefined ? "" : ` Default: ${JSON.stringify(type.default)}.`;
    return item(`${bold(key)} (${text(wordsOf(type))})`, text(`${type.description}.${initial}`));
  });
}

/** A type in words. */
export function wordsOf({ title, type, anyOf, enum: choices, minimum, maximum }: JsonType): string {
  if (typeof title === "string") return title;
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(", ");
  if (Array.isArray(anyOf)) {
    const [first, second] = anyOf as JsonType[];
    return second?.type === "array"
      ? `${wordsOf(first!)}, or a list`
      : anyOf.map(wordsOf).join(" or ");
  }
  switch (type) {
    case "boolean":
      return "true or false";
    case "integer":
    case "number":
      return `a number from ${minimum}${maximum === undefined ? "" : ` to ${maximum}`}`;
    case "object":
      return "a table";
    case "array":
      return "tables";
    default:
      return String(type);
  }
}

const exitStatus = section(
  "EXIT STATUS",
  item("0", "All is fine."),
  item("1", "Something failed."),
  item("2", "The words or the configuration are wrong."),
);

function page(name: string, number: 1 | 5, summary: string, sections: readonly string[]): string {
  const title = [text(name.toUpperCase()), number, '""', `"banjo ${version}"`, '"banjo"'].join(" ");
  const head = `.\\" Written from the program by \`deno task documents\`.\n.TH ${title}`;
  const about = section("NAME", `${text(name)} \\- ${text(summary)}`);
  return [head, about, ...sections].join("\n") + "\n";
}

function section(name: string, ...lines: readonly string[]): string {
  return [`.SH "${name}"`, ...lines.filter((line) => line !== "")].join("\n");
}

/** A term, and what is to be said of it. */
function item(term: string, about: string): string {
  return `.TP\n${term}\n${about}`;
}

function bold(word: string): string {
  return `\\fB${text(word)}\\fR`;
}

function italic(word: string): string {
  return `\\fI${text(word)}\\fR`;
}

/** Text in which roff sees no commands. */
function text(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti").replaceAll("`", "\\(ga").replaceAll("'", "\\(aq")
    .replaceAll(/^\./gm, "\\&.");
}
