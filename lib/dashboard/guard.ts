/**
 * Who may ask the dashboard. It has no log-in: it is reached from this machine alone, or through a tunnel to it. So what a
 * browser could be tricked into by pages from elsewhere is all there is to refuse.
 */

/** The parts of a request that tell where it comes from; header names in lower case. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Why a request is refused; undefined: it is not. */
export function objectionTo({ method, headers }: Asked): string | undefined {
  const { host, origin, "sec-fetch-site": site } = headers;
  // A page whose name was made to lead to this machine (DNS rebinding) sends its own name.
  if (typeof host !== "string" || !LOOPBACK.test(host)) {
    return "it must be asked for as localhost, 127.0.0.1 or [::1]";
  }
  if (method === "GET" || method === "HEAD") return undefined;
  if (origin !== undefined && origin !== `http://${host}`) return "it was sent by another page";
  if (site !== undefined && site !== "same-origin") return "it was sent by another site";
  return undefined;
}

/** A tunnel has a port of its own, so any port will do. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
