import { call } from "./client.ts";
import { type BanPlace, type BanReport, MOST_BANS } from "./protocol.ts";

/** The first page fills a screen; the agent goes through all bans for each, so the next ones are larger. */
const FIRST = 500;
const GROWTH = 10;

/**
 * The bans in force that began at a time (in milliseconds since the epoch, -Infinity for all) or later, in the order of
 * time, page by page: who stops early has not made the agent send all.
 */
export async function* bansBySince(
  runtimeDir: string,
  { jail, since, prefix }: {
    readonly jail?: string | undefined;
    readonly since: number;
    /** Only hosts that begin with it. */
    readonly prefix?: string;
  },
): AsyncGenerator<readonly BanReport[]> {
  let after: BanPlace | undefined = since === -Infinity
    ? undefined
    : { since: new Date(since).toISOString(), jail: "", host: "" };
  for (let most = FIRST;; most = Math.min(most * GROWTH, MOST_BANS)) {
    const page: readonly BanReport[] = await call(runtimeDir, "bans", {
      ...(jail === undefined ? {} : { jail }),
      ...(after === undefined ? {} : { after }),
      ...(prefix === undefined ? {} : { prefix }),
      most,
    });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = { since: last.since, jail: last.jail, host: last.host };
  }
}
