/** Writing files so that they are there after a power cut, and wrong files are not written. */
import { othersTurn } from "../others_turn.ts";
import { StateError } from "./state_error.ts";

/** Only the agent's own user may read what is written: log lines hold addresses and user names. */
const MODE = 0o600;

/** In bytes: so much is written at a time, in less than a millisecond. */
const LONGEST_WRITE = 1 << 18;
/** In characters: so much is encoded at a time. A longer text is a large object to V8, and old as soon as it is made. */
const LONGEST_TEXT = 1 << 16;
/** In milliseconds: so long others wait at most for their turn, but for what one write takes. */
const LONGEST_TURN = 8;

/**
 * Replaces a file by a new one in one step: whoever reads it, after whatever crash, sees the old text or the new
 * one, and after this has resolved the new one. The text comes in pieces, and others have their turn between them.
 */
export async function replaceFile(
  folder: string,
  name: string,
  pieces: Iterable<string>,
): Promise<void> {
  const path = `${folder}/${name}`;
  const fresh = `${path}.new`;
  await assertPlainFile(path);
  try {
    // What a crash left behind. Made anew, so that a link put in its place is not followed.
    await removeIfThere(fresh);
    const file = await Deno.open(fresh, { write: true, createNew: true, mode: MODE });
    try {
      await writePieces(file, pieces);
      // Else the new name could reach the disk before the text: after a power cut the file would be empty.
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(fresh, path);
    // Else a power cut could bring the old file back after the new one was promised.
    await syncFolder(folder);
  } catch (error) {
    await removeIfThere(fresh).catch(() => {}); // The disk may be full: the space is given back if it can be.
    throw error;
  }
}

/**
 * Writes a text at an offset of a file and cuts off what stood there and beyond. Gives the file's new length. `durably`:
 * it is on the disk after that, with all that was written before.
 */
export async function writeAt(
  path: string,
  offset: number,
  pieces: Iterable<string>,
  how: "durably" | "soon" = "durably",
): Promise<number> {
  await assertPlainFile(path);
  const file = await Deno.open(path, { write: true, create: true, mode: MODE });
  try {
    await file.truncate(offset);
    await file.seek(offset, Deno.SeekMode.Start);
    const length = offset + await writePieces(file, pieces);
    // The snapshot written next counts these bytes as its own: they must not be lost when it is not.
    if (how === "durably") await file.sync();
    return length;
  } finally {
    file.close();
  }
}

/** Gives a file another name, for good. */
export async function renameFile(folder: string, from: string, to: string): Promise<void> {
  await Deno.rename(`${folder}/${from}`, `${folder}/${to}`);
  // Else the file could be back under its old name after a power cut, and be read once more.
  await syncFolder(folder);
}

/** The length of a file in bytes, undefined if there is none. Links and anything but plain files are refused. */
export async function fileLength(path: string): Promise<number | undefined> {
  return (await assertPlainFile(path))?.size;
}

/** The text of a file, undefined if there is none. Links and anything but plain files are refused. */
export async function readPlainFile(path: string): Promise<string | undefined> {
  return await assertPlainFile(path) === undefined ? undefined : await Deno.readTextFile(path);
}

async function assertPlainFile(path: string): Promise<Deno.FileInfo | undefined> {
  const info = await statIfThere(path);
  if (info !== undefined && !info.isFile) {
    const kind = info.isSymlink ? "a symbolic link" : "no plain file";
    throw new StateError(`Cannot use ${path}: it is ${kind}`);
  }
  return info;
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A name is an entry in its folder, and the folder has its own way to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await Deno.open(folder);
  try {
    await handle.sync();
  } finally {
    handle.close();
  }
}

/**
 * Gives the number of bytes. All go through one buffer: with a new one for each write, and texts as long as that, writing 180 MB
 * took 0.5 s where it takes 0.3.
 */
async function writePieces(file: Deno.FsFile, pieces: Iterable<string>): Promise<number> {
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(LONGEST_WRITE);
  let filled = 0;
  let written = 0;
  let turned = performance.now();
  const flush = async () => {
    await writeAll(file, buffer.subarray(0, filled));
    written += filled;
    filled = 0;
  };
  const write = async (text: string) => {
    for (let rest = text; rest !== "";) {
      const done = encoder.encodeInto(rest, buffer.subarray(filled));
      filled += done.written;
      rest = rest.slice(done.read);
      if (rest !== "") await flush();
    }
  };
  let waiting = "";
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < LONGEST_TEXT) continue;
    await write(waiting);
    waiting = "";
    if (performance.now() - turned < LONGEST_TURN) continue;
    // To wait for the disk is not enough: news from sockets and pipes would be looked for once in sixty writes.
    await othersTurn();
    turned = performance.now();
  }
  await write(waiting);
  await flush();
  return written;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
