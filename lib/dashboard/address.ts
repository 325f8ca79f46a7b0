import { parseAddress } from "../address.ts";

/** Where the dashboard listens. */
export type Listening =
  | { readonly kind: "address"; readonly host: string; readonly port: number }
  | { readonly kind: "socket"; readonly path: string };

/**
 * Reads `127.0.0.1:8070` or `[::1]:8070`.
 * @throws {SyntaxError} for all else, and above all for addresses that others than this machine could reach.
 */
export function parseListening(text: string): Listening {
  const match = /^(\[[\da-f:]+\]|[\d.]+):(\d{1,5})$/i.exec(text);
  const host = match === null ? undefined : parseAddress(match[1]!);
  const port = Number(match?.[2]);
  if (host === undefined || port > 65535) {
    throw new SyntaxError(`${JSON.stringify(text)} is not such as 127.0.0.1:8070 or [::1]:8070`);
  }
  if (host !== "::1" && !host.startsWith("127.")) {
    throw new SyntaxError(
      `${host} can be reached from other machines, and the page is shown to whoever asks. ` +
        "Listen on 127.0.0.1, and come by `ssh -L` or a proxy that asks who is there",
    );
  }
  return { kind: "address", host, port };
}
