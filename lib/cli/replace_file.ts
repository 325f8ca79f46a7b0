import { reasonOf } from "../system_error.ts";

/**
 * Puts a text into a file in one step: whoever reads it sees the old text or the new one. A link in its place is not
 * followed.
 * @throws {Error} saying which file cannot be written.
 */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  try {
    // What a run that was ended has left.
    await Deno.remove(fresh).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await Deno.writeTextFile(fresh, text, { createNew: true, mode });
    await Deno.rename(fresh, path);
  } catch (error) {
    throw new Error(`Cannot write ${path}: ${reasonOf(error as Error)}`);
  }
}
