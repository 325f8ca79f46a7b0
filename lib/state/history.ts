import * as v from "valibot";
import type { BanEvent } from "../jail/mod.ts";
import { BAN, parseAs, TIME } from "./schema.ts";

/** An event as a line of the history. The lines that led to a ban stand with its beginning, not again with its end. */
export function printRecord(event: BanEvent): string {
  const record = event.kind === "ban" ? event : { ...event, ban: { ...event.ban, lines: [] } };
  return JSON.stringify(record) + "\n";
}

/** Reads a line of the history. @throws {SyntaxError} if it is damaged. */
export function parseRecord(line: string): BanEvent {
  return parseAs(RECORD, JSON.parse(line));
}

/** The lines among the first bytes of a file, without their ends; a last one that does not end is left out. */
export async function* readLines(path: string, bytes: number): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of readChunks(path, bytes)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** How many bytes of a file are whole lines. */
export async function lengthOfWholeLines(path: string): Promise<number> {
  let length = 0;
  let read = 0;
  for await (const chunk of readChunks(path, Infinity)) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end >= 0) length = read + end + 1;
    read += chunk.length;
  }
  return length;
}

/** Opens a file; undefined if there is none. */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const RECORD = v.variant("kind", [
  v.object({ kind: v.literal("ban"), time: TIME, ban: BAN }),
  v.object({
    kind: v.literal("unban"),
    time: TIME,
    ban: BAN,
    reason: v.picklist(["expired", "manual", "ignored"]),
  }),
]);

const NEWLINE = 0x0a;

/** The first bytes of a file, piece by piece; nothing if there is no file. */
async function* readChunks(path: string, bytes: number): AsyncIterable<Uint8Array<ArrayBuffer>> {
  if (bytes === 0) return;
  const file = await openIfThere(path);
  if (file === undefined) return;
  try {
    for (let left = bytes; left > 0;) {
      const chunk = new Uint8Array(Math.min(left, 65_536));
      const count = await file.read(chunk);
      if (count === null) return;
      left -= count;
      yield chunk.subarray(0, count);
    }
  } finally {
    file.close();
  }
}
