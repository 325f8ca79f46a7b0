/** The token by which a program that otherwise only reads may have bans lifted. */
import { createHash, timingSafeEqual } from "node:crypto";
import { errorCodes, RpcError } from "../control/mod.ts";

/** A shorter one could be guessed. */
const FEWEST_CHARACTERS = 20;

/** Whoever has none has to wait before he hears so, in milliseconds. */
const WAIT = 1000;

/**
 * Lets those go on who know the token in a file that none but its owner may read.
 * @throws {RpcError} for all others.
 */
export async function demandToken(path: string, given: string): Promise<void> {
  const token = await readToken(path);
  // Of equal length whatever is given.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(token), digest(given))) return;
  await new Promise((resolve) => setTimeout(resolve, WAIT));
  throw new RpcError(errorCodes.refused, "That is not the token");
}

async function readToken(path: string): Promise<string> {
  let info: Deno.FileInfo;
  let token: string;
  try {
    info = await Deno.lstat(path);
    token = info.isFile ? (await Deno.readTextFile(path)).trim() : "";
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no" : "the agent cannot read";
    throw refusal(`${why} ${path}`);
  }
  if (!info.isFile) throw refusal(`${path} is no file`);
  if ((info.mode! & 0o077) !== 0) throw refusal(`others than its owner may use ${path}: chmod 600`);
  if (token.length >= FEWEST_CHARACTERS) return token;
  throw refusal(`the token in ${path} has fewer than ${FEWEST_CHARACTERS} characters`);
}

function refusal(why: string): RpcError {
  return new RpcError(errorCodes.refused, `Nobody may lift bans from here: ${why}`);
}
