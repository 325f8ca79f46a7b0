/** Logs that are not there: a jail that waits for one protects nothing, and the reason may be a typing error. */
import { isShipped, type Layer, type Problem } from "../config/mod.ts";
import type { JailSettings } from "../jail/mod.ts";
import { matchesNothing } from "../sources/mod.ts";
import { placeOf } from "./check_flaws.ts";

/** A jail and the tables that it was put together from. */
type LayeredJail = readonly [jail: JailSettings, layers: readonly Layer[]];

/**
 * Which of a jail's patterns lead to nothing. Those that banjo ships say where a log may be: as long as it is at one of
 * these places, nothing is missing.
 */
export function missingLogs([{ files }, layers]: LayeredJail): readonly string[] {
  const missing = files.filter(matchesNothing);
  if (missing.length === 0 || missing.length === files.length) return missing;
  return isShipped(layerOfFiles(layers).document) ? [] : missing;
}

/** What `banjo check` says of them, where `files` is written; where it is only shipped, at the jail's own table. */
export function missingLogProblems([jail, layers]: LayeredJail): Problem[] {
  return missingLogs([jail, layers]).map((pattern) => {
    const { document, path } = layerOfFiles(layers);
    const own = layers.at(-1)!;
    return {
      severity: "warning",
      ...isShipped(document)
        ? placeOf(own.document, own.path)
        : placeOf(document, [...path, "files", jail.files.indexOf(pattern)]),
      message: `[${jail.name}] files: there is no ${pattern}, so nothing is read until there is`,
      jail: jail.name,
    };
  });
}

function layerOfFiles(layers: readonly Layer[]): Layer {
  return layers.findLast(({ values }) => values.files !== undefined)!;
}
