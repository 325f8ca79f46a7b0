/** Messages on their way out of this server. */
import type { Destination } from "../config/mod.ts";
import { printable } from "../printable.ts";
import { mailFor } from "./mail.ts";
import type { Message } from "./message.ts";
import { postFor } from "./request.ts";
import { readSecret } from "./secret.ts";
import { SENDMAIL } from "./sendmail.ts";

/** A server or a mail program that has not answered after so long, in milliseconds, is given up. */
const PATIENCE = 20_000;
/** So much of a server's words is enough to see why it refuses, in bytes. */
const LONGEST_REASON = 300;

/** A message did not get through. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** `retryAfter`: the server asks for so many milliseconds of rest. */
  constructor(message: string, readonly retryAfter = 0) {
    super(message);
  }
}

/** Delivers a message once. @throws {DeliveryError} where that fails; trying again is for the caller. */
export async function deliver(destination: Destination, message: Message): Promise<void> {
  try {
    if (destination.kind === "mail") await mail(destination, message);
    else await post(destination, destination.kind, message);
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw new DeliveryError(printable((error as Error).message));
  }
}

/** Where a destination's messages are posted; undefined of mail. @throws {Error} where its file cannot be used. */
export async function urlOf({ url, urlFile }: Destination): Promise<string | undefined> {
  return url ?? (urlFile === undefined ? undefined : await readSecret(urlFile));
}

async function post(
  destination: Destination,
  kind: Exclude<Destination["kind"], "mail">,
  message: Message,
): Promise<void> {
  const { tokenFile, chat } = destination;
  const url = (await urlOf(destination))!;
  const token = tokenFile === undefined ? undefined : await readSecret(tokenFile);
  const { url: target, headers, body } = postFor({ kind, url, token, chat }, message);
  const response = await fetch(target, {
    method: "POST",
    headers,
    body,
    // Where it leads is not among the hosts that were granted, and may be anywhere.
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((error: Error) => {
    // Its own words have the URL, which may be a secret.
    const { host } = new URL(target);
    throw new DeliveryError(`Cannot reach ${host}: ${whyOf(error).replaceAll(target, "the URL")}`);
  });
  if (response.ok) return void await response.body?.cancel();
  const rest = Number(response.headers.get("retry-after"));
  const words = await wordsOf(response);
  throw new DeliveryError(
    `${new URL(target).host} refuses it with ${response.status}${words === "" ? "" : `: ${words}`}`,
    rest > 0 ? rest * 1000 : 0,
  );
}

function whyOf(error: Error): string {
  return printable(error.name === "TimeoutError" ? "it does not answer" : error.message);
}

async function wordsOf(response: Response): Promise<string> {
  const { body } = response;
  if (body === null) return "";
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of body) {
    text += decoder.decode(piece.subarray(0, LONGEST_REASON), { stream: true });
    if (text.length >= LONGEST_REASON) break;
  }
  return printable(text.slice(0, LONGEST_REASON).replace(/\s+/g, " "));
}

async function mail({ to, from }: Destination, message: Message): Promise<void> {
  const args = ["-i", ...from === undefined ? [] : ["-f", from], "--", ...to];
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(SENDMAIL, {
      args,
      clearEnv: true,
      cwd: "/",
      env: { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE),
    }).spawn();
  } catch (error) {
    throw new DeliveryError(`Cannot run ${SENDMAIL}: ${(error as Error).message}`);
  }
  const writer = child.stdin.getWriter();
  const text = new TextEncoder().encode(mailFor(message, to, from, new Date()));
  // One that gives up before it has read everything says why, and by its exit code.
  const feeding = writer.write(text).then(() => writer.close()).catch(() => {});
  const [{ code, stderr }] = await Promise.all([child.output(), feeding]);
  if (code === 0) return;
  const words = printable(new TextDecoder().decode(stderr.subarray(0, LONGEST_REASON)).trim());
  throw new DeliveryError(`sendmail ends with ${code}: ${words}`);
}
