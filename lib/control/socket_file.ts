/** The files of sockets, which outlive whoever has listened on them. */
import { reasonOf } from "../system_error.ts";

/**
 * Makes room for a socket of `whose` ("agent", "dashboard") at a path.
 * @throws {Error} where something else is there, or somebody answers.
 */
export async function removeStaleSocket(path: string, whose: string): Promise<void> {
  const found = await Deno.lstat(path).catch(ignoreMissing);
  if (found === undefined) return;
  if (!found.isSocket) {
    throw new Error(`Cannot listen on ${path}: something that is no socket is there; move it away`);
  }
  const other = await Deno.connect({ transport: "unix", path }).catch(() => undefined);
  if (other !== undefined) {
    other.close();
    throw new Error(
      `Cannot listen on ${path}: another ${whose} answers there; stop it, or choose another place`,
    );
  }
  await Deno.remove(path).catch((error: Error) => {
    throw new Error(
      `Cannot listen on ${path}: ${reasonOf(error)}; be root, or choose another place`,
    );
  });
}

/** Removes a socket that may be gone already. */
export async function removeSocket(path: string): Promise<void> {
  await Deno.remove(path).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
