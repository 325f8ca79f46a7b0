/** Where `banjo test` takes its lines from. */
import { type JournalEntry, JournalReader, parseJournalmatch, readBlocks } from "../sources/mod.ts";
import { UsageError } from "./command.ts";
import { reasonOf } from "../system_error.ts";

/** Some lines at a time: bytes of whole lines, which are good until the next are asked for, or journal entries. */
export type Batch =
  | { readonly kind: "block"; readonly block: Uint8Array }
  | { readonly kind: "entries"; readonly entries: readonly JournalEntry[] };

/**
 * Opens a source by its word: `-`, `journal[MATCHES]`, a file, or the line itself.
 * @throws {UsageError} where it cannot be read.
 */
export async function openSource(word: string): Promise<AsyncIterable<Batch>> {
  if (word === "-") return blocksOf(Deno.stdin);
  if (/^systemd-journal\b/.test(word)) {
    throw new UsageError(
      `Cannot read ${word}: banjo calls it journal, or 'journal[_SYSTEMD_UNIT=ssh.service]' with matches`,
    );
  }
  const journal = /^journal(?:\[(.*)\])?$/s.exec(word);
  if (journal !== null) return journalEntries(journal[1] ?? "");
  try {
    const file = await Deno.open(word);
    if (!(await file.stat()).isDirectory) return blocksOf(file);
    file.close();
    throw new UsageError(`Cannot read ${word}: it is a folder`);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UsageError) throw error;
    // A line is no file's name; a path that is wrong should not be taken for a line.
    if (error instanceof Deno.errors.NotFound && !/^[\w./~-]+$/.test(word)) return oneLine(word);
    if (error.name === "InvalidFilename" || /name too long/i.test(error.message)) {
      return oneLine(word);
    }
    throw new UsageError(`Cannot read ${word}: ${reasonOf(error)}`);
  }
}

async function* blocksOf(file: { readSync(buffer: Uint8Array): number | null }) {
  for (const block of readBlocks(file)) yield { kind: "block", block } as const;
}

async function* oneLine(line: string) {
  const block = new TextEncoder().encode(line.replaceAll("\n", "\\n") + "\n");
  yield { kind: "block", block } as const;
}

/** All entries that there are now, a few at a time. */
function journalEntries(matches: string): AsyncIterable<Batch> {
  const groups = matches.trim() === "" ? [] : readMatches(matches);
  const { readable, writable } = new TransformStream<Batch, Batch>();
  const writer = writable.getWriter();
  const ending = new AbortController();
  new JournalReader({ groups, uptime: true, start: { kind: "since", time: 0 } }).read(
    (entries) => writer.write({ kind: "entries", entries }),
    ending.signal,
    () => ending.abort(),
  ).then(({ kind, message }) => {
    if (kind !== "aborted") throw new UsageError(`Cannot read the journal: ${message}`);
    return writer.close();
  }).catch((error) => writer.abort(error));
  return readable;
}

function readMatches(text: string): string[][] {
  try {
    return parseJournalmatch([text]);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
