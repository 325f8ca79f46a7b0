import { parseFilter } from "../config/mod.ts";
import type { FilterDefinition } from "../filter/definition.ts";
import { readConf } from "./files.ts";
import { resolveFilter } from "./filter_conf.ts";
import { convertFilter } from "./filter_toml.ts";
import type { Note } from "./note.ts";
import { ConfError } from "./place.ts";
import { printEntries } from "../toml_text.ts";

/** A filter of fail2ban's, ready for banjo, and what of it is not as it was. */
export interface LoadedFilterConf {
  readonly filter: FilterDefinition;
  readonly notes: readonly Note[];
}

/**
 * Loads a filter by the path of its `.conf`, with all layers beside it, and with options as a jail would give them.
 * `logtype` is the shape of the lines unless an option or the filter itself says another.
 *
 * @throws {ConfError} where it cannot be understood or translated.
 */
export function loadFilterConf(
  path: string,
  options: ReadonlyMap<string, string> = new Map(),
  logtype: "file" | "journal" = "file",
): LoadedFilterConf {
  const place = { file: path, line: 0 };
  const [, folder = ".", name] = /^(?:(.*)\/)?([^/]+)\.(?:conf|local)$/s.exec(path) ?? [];
  if (name === undefined) throw new ConfError(place, "a filter's file ends in .conf");
  const conf = readConf(folder, name);
  const resolved = resolveFilter(conf, { parameters: options, place, logtype });
  if (resolved.failregex.length === 0) {
    throw new ConfError(place, "it has no failregex: give it one, or try another filter");
  }
  const isForJournal = resolved.logtype === "journal";
  const { entries, notes } = convertFilter(resolved, isForJournal);
  const { filter, problems } = parseFilter(`${name}.toml`, printEntries(entries));
  if (filter !== undefined) return { filter, notes };
  throw new ConfError(
    place,
    `the filter cannot be used: ${problems.map(({ message }) => message).join("; ")}`,
  );
}
