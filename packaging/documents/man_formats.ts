/** Manual pages of the files that people write: banjo.toml(5), banjo-jails(5), banjo-filters(5). */
import {
  agentKeys,
  filterKeys,
  incrementKeys,
  jailKeys,
  type Keys,
  notifyKeys,
  sampleKeys,
  tableType,
} from "../../lib/config/schema.ts";
import type { JsonType } from "../../lib/config/values.ts";
import { bold, item, page, section, text } from "./man.ts";

/** The pages by their names. */
export function formatPages(): Readonly<Record<string, string>> {
  return { "banjo.toml": mainPage(), "banjo-jails": jailsPage(), "banjo-filters": filtersPage() };
}

function mainPage(): string {
  return page("banjo.toml", 5, "settings of banjo, and defaults for its jails", [
    section(
      "DESCRIPTION",
      text(
        "/etc/banjo/banjo.toml is TOML with tables that may all be missing: [defaults], with keys of a jail that " +
          "hold for every jail, [agent], and a [notify.NAME] for each place where messages go.",
      ),
    ),
    section("DEFAULTS", text("The keys are those of a jail: banjo-jails(5).")),
    section("AGENT", ...itemsOf(agentKeys)),
    section("NOTIFY", text("Keys of each [notify.NAME]."), ...itemsOf(notifyKeys)),
    section("EXAMPLE", ...example('[defaults]\nmaxretry = 3\nignoreip = ["192.0.2.0/24"]')),
    ...endings("banjo-jails", "banjo-filters"),
  ]);
}

function jailsPage(): string {
  return page("banjo-jails", 5, "jails of banjo: what is watched, and when to ban", [
    section(
      "DESCRIPTION",
      text(
        "Each table in the TOML files /etc/banjo/jails/*.toml is a jail of that name. A jail that comes with banjo needs no " +
          "more than enabled = true. Key by key, what is written here counts before [defaults] in banjo.toml(5), and that " +
          "before what comes with banjo; of several files, the last by name.",
      ),
    ),
    section("KEYS", ...itemsOf(jailKeys)),
    section(
      "BANTIME_INCREMENT",
      text("Keys of the table bantime_increment."),
      ...itemsOf(incrementKeys),
    ),
    section(
      "EXAMPLE",
      ...example('[sshd]\nenabled = true\nmaxretry = 3\nbantime = "1h"'),
    ),
    ...endings("banjo.toml", "banjo-filters"),
  ]);
}

function filtersPage(): string {
  return page("banjo-filters", 5, "filters of banjo: how failures are recognised in logs", [
    section(
      "DESCRIPTION",
      text(
        "Each TOML file /etc/banjo/filters/NAME.toml is the filter NAME, in place of one of that name that comes with banjo. " +
          "Patterns are ECMAScript regular expressions with tags: <ADDR> stands for an address, <HOST> also for a host name, " +
          "<F-USER>...</F-USER> tells the user. A pattern begins with ^ and says what only the service can have written.",
      ),
    ),
    section("KEYS", ...itemsOf(filterKeys)),
    section("SAMPLES", text("Keys of each [[samples]] table."), ...itemsOf(sampleKeys)),
    section(
      "EXAMPLE",
      ...example(
        "failregex = ['^login failed for <F-USER>\\S+</F-USER> from <ADDR>$']\n\n[[samples]]\n" +
          'message = "login failed for alice from 192.0.2.7"\nhost = "192.0.2.7"',
      ),
    ),
    ...endings("banjo.toml", "banjo-jails"),
  ]);
}

/** What all of the pages end with. */
function endings(...others: readonly string[]): string[] {
  return [
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
    section(
      "NOTES",
      text(
        "banjo check tells what is wrong, with file, line and column; banjo reload takes it over.",
      ),
    ),
    section(
      "SEE ALSO",
      [
        ...others.map((name) => `${bold(name)}(5)`),
        `${bold("banjo")}(1)`,
        `${bold("banjo-check")}(1)`,
      ].join(",\n"),
    ),
  ];
}

function example(words: string): readonly string[] {
  return [".nf", text(words), ".fi"];
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
