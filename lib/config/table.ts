import * as v from "valibot";
import { type Document, problemAt } from "./document.ts";
import { foreignKeys } from "./foreign_keys.ts";
import type { Report } from "./problem.ts";
import { isUnknownKey, type Keys, unknownKey, type Values } from "./schema.ts";
import type { Path } from "./toml.ts";

/** A table of a document that was read key by key. */
export interface Table<K extends Keys> {
  /** The keys that were right. */
  readonly values: Values<K>;
  /** Whether all were. */
  readonly sound: boolean;
  readonly document: Document;
  readonly path: Path;
}

/** Reads the table at `path` by its keys' schemas. What is wrong is reported, each key by itself. */
export function readTable<const K extends Keys>(
  keys: K,
  document: Document,
  path: Path,
  report: Report,
): Table<K> {
  const values: Record<string, unknown> = {};
  let sound = true;
  const refuse = (place: Path, what: "key" | "value", message: string) => {
    sound = false;
    report(problemAt(document.file, titled(path, message), document.locate(place, what)));
  };

  const table = valueAt(document.value, path);
  if (!isTable(table)) {
    refuse(path, "value", `expected a table: received ${describe(table)}`);
    return { values: {}, sound, document, path };
  }
  for (const [key, value] of Object.entries(table)) {
    const schema = Object.hasOwn(keys, key) ? keys[key] : undefined;
    const foreign = foreignPartsOf(key, value);
    for (const part of foreign) {
      refuse([...path, key, part], "key", unknownKey(`${key}.${part}`, []));
    }
    if (foreign.length > 0) continue;
    if (schema === undefined) {
      refuse([...path, key], "key", unknownKey(key, Object.keys(keys)));
      continue;
    }
    const result = v.safeParse(schema, value, { abortPipeEarly: true });
    if (result.success) values[key] = result.output;
    for (const issue of result.issues ?? []) {
      const inner = (issue.path ?? []).map((item) => item.key as string | number);
      refuse(
        [...path, key, ...inner],
        isUnknownKey(issue) ? "key" : "value",
        `${dotted([key, ...inner])}: ${messageOf(issue, valueAt(value, inner))}`,
      );
    }
  }
  return { values: values as Values<K>, sound, document, path };
}

/** A message with the table that it is about, as TOML writes it, in front. */
export function titled(path: Path, message: string): string {
  return path.length === 0 ? message : `[${dotted(path)}] ${message}`;
}

/** Whether a value is a TOML table, and neither a list nor a date. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** In TOML `bantime.increment = true` makes `bantime` a table: what of it are keys that fail2ban has. */
function foreignPartsOf(key: string, value: unknown): string[] {
  if (!isTable(value)) return [];
  return Object.keys(value).filter((part) => foreignKeys.has(`${key}.${part}`));
}

/** undefined where there is none. */
function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (inner as never)[key], value);
}

/** An issue in words, with the value as it was written: the issue's own may be halfway to a setting. */
function messageOf(issue: v.BaseIssue<unknown>, written: unknown): string {
  if (written === undefined) return "it is missing";
  const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  // What a parser refused it has quoted itself; of a table that is wrong as a whole there is nothing to quote.
  if (issue.kind === "transformation" || isUnknownKey(issue)) return message;
  if (issue.kind === "validation" && typeof written === "object") return message;
  return `${message}: received ${describe(written)}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (isTable(value)) return "a table";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

function dotted(path: Path): string {
  return path.map((key, index) =>
    typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`
  ).join("");
}
