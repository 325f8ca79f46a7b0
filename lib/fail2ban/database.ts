import { readConf } from "./files.ts";
import { ConfError } from "./place.ts";

/** A ban as fail2ban's database has it. Times in milliseconds. */
export interface SavedBan {
  readonly jail: string;
  /** An address, or whatever the filter's id was. */
  readonly id: string;
  readonly since: number;
  /** null for ever. */
  readonly until: number | null;
  /** How many times the id has been banned by the jail, this one included. */
  readonly count: number;
  readonly failures: number;
  /** The lines that led to it. Hostile text. */
  readonly lines: readonly string[];
}

/** What the database knows: the last ban of each address in each jail, and all bans that were not purged yet. */
export interface SavedBans {
  readonly latest: readonly SavedBan[];
  readonly past: readonly SavedBan[];
}

/** The path of the database by fail2ban's own configuration; undefined where it keeps none. @throws {ConfError} */
export function databaseOf(base: string): string | undefined {
  const conf = readConf(base, "fail2ban", { isOptional: true });
  const path = conf.get("Definition", "dbfile")?.text.trim() ?? DEFAULT_PATH;
  return path === "None" || path === ":memory:" ? undefined : path;
}

/** Reads a database of fail2ban's, which is not changed. @throws {ConfError} where it cannot be read. */
export async function readBans(path: string): Promise<SavedBans> {
  // Loaded for this alone: every other command starts faster without it.
  const { DatabaseSync } = await import("node:sqlite");
  try {
    Deno.statSync(path);
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const rows = (table: "bips" | "bans") =>
        database.prepare(
          `SELECT jail, ip, timeofban, bantime, bancount, data FROM ${table} ORDER BY timeofban, ip`,
        ).all().map(banOf);
      return { latest: rows("bips"), past: rows("bans") };
    } finally {
      database.close();
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ConfError({ file: path, line: 0 }, `the bans cannot be read: ${error.message}`);
  }
}

const DEFAULT_PATH = "/var/lib/fail2ban/fail2ban.sqlite3";

function banOf(row: Readonly<Record<string, unknown>>): SavedBan {
  const since = Number(row["timeofban"]) * 1000;
  const bantime = Number(row["bantime"]);
  const { failures, matches } = dataOf(row["data"]);
  return {
    jail: String(row["jail"]),
    id: String(row["ip"]),
    since,
    until: bantime < 0 ? null : since + bantime * 1000,
    count: Math.max(1, Number(row["bancount"]) || 1),
    failures: Number.isSafeInteger(failures) && failures > 0 ? failures : 0,
    lines: matches,
  };
}

/** What fail2ban adds as JSON. A match is a line, or what stood before the date, the date, and what came after. */
function dataOf(data: unknown): { failures: number; matches: string[] } {
  try {
    const { failures, matches } = JSON.parse(String(data)) as Record<string, unknown>;
    const lines = Array.isArray(matches) ? matches : [];
    return {
      failures: Number(failures),
      matches: lines.map((line) => Array.isArray(line) ? line.join("") : String(line)),
    };
  } catch {
    return { failures: 0, matches: [] };
  }
}
