/** The files that `banjo new-jail` writes. */
import type { Draft } from "../draft/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import { count } from "./render.ts";
import { type Entry, printComment, printEntries } from "../toml_text.ts";

/** Where the sample came from, and so what the jail is to read. */
export interface JailSource {
  /** Whether a sample is a line of a file or a message of the journal. */
  readonly kind: "line" | "message";
  /** The log file; undefined where it is unknown or there is none. */
  readonly file?: string | undefined;
  /** What the journal's entries must have. */
  readonly match?: string;
  /** A name for the jail. */
  readonly name: string;
  /** What to call the source. */
  readonly title: string;
}

/** filters/NAME.toml */
export function filterFile(filter: FilterDefinition, { title }: JailSource, draft: Draft): string {
  const { description, syslogIdentifier, datepattern, failregex, samples } = filter;
  const entries: Entry[] = [
    { key: "description", value: description || `Failures in ${title}` },
    ...list("syslog_identifier", syslogIdentifier),
    ...datepattern.map((value) => ({ key: "datepattern", value })),
    { key: "failregex", value: failregex },
  ];
  return SCHEMA("filter") +
    printComment(
      `Drafted by \`banjo new-jail\` from ${
        count(draft.lines, "line")
      } of ${title}. In the samples, addresses are replaced.`,
    ) +
    printEntries(entries) +
    samples.map(({ line, message, host, match }) =>
      `\n[[samples]]\n${
        printEntries([
          line === undefined ? { key: "message", value: message! } : { key: "line", value: line },
          match ? { key: "host", value: host! } : { key: "match", value: false },
        ])
      }`
    ).join("");
}

/** jails/NAME.toml */
export function jailFile(name: string, { kind, file, match, title }: JailSource): string {
  const places: readonly Entry[] = kind === "message"
    ? [{ key: "journalmatch", value: [match!] }]
    : file === undefined
    ? []
    : [{ key: "files", value: [file] }];
  return SCHEMA("jails") +
    printComment(`Drafted by \`banjo new-jail\` from ${title}.`) +
    `[${name}]\n` +
    (places.length > 0
      ? "enabled = true\n"
      : printComment('To be switched on when its log is known: files = ["/var/log/..."]') +
        "enabled = false\n") +
    printEntries(places) +
    printComment('A ban closes all ports unless some are named: ports = ["http", "https"]') +
    "maxretry = 5\n" +
    'findtime = "10m"\n';
}

const SCHEMA = (name: string) => `#:schema file:///usr/local/share/banjo/schema/${name}.json\n`;

function list(key: string, value: readonly string[]): readonly Entry[] {
  return value.length === 0 ? [] : [{ key, value }];
}
