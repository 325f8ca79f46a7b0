/** What a start finds out from the state and, where that does not tell it, from the history and the firewall. */
import type { LoadedConfig } from "../config/mod.ts";
import type { BanSettings, JailSettings } from "../jail/mod.ts";
import { log } from "../log.ts";
import type { Loaded, Store } from "../state/mod.ts";
import type { Firewalls } from "./firewalls.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * Without a state, the history tells which bans were made, and which of them are in force still. A crash in the midst of
 * the very first save leaves a history alone: what it tells must not be decided once more. Gives when something was ordered
 * by hand last, in milliseconds since the epoch.
 */
export async function redoHistory(store: Store, pipeline: Pipeline): Promise<number> {
  let ordered = -Infinity;
  for await (const event of store.readHistory()) {
    pipeline.posts.get(event.ban.jail)?.jail.redo(event);
    if ((event.kind === "ban" ? event.ban.cause : event.reason) === "manual") ordered = event.time;
  }
  const now = Date.now();
  for (const post of pipeline.posts.values()) pipeline.tick(post, now);
  return ordered;
}

/**
 * The jails that may have something to keep, and the settings that they had, as far as the state has them. Without a state the
 * history names them: it is long, and they matter only where the configuration has errors.
 */
export async function knownJails(
  loaded: Loaded,
  store: Store,
  { broken, isWhole }: LoadedConfig,
): Promise<ReadonlyMap<string, BanSettings | undefined>> {
  if (loaded.kind === "loaded") {
    const jails = Object.entries(loaded.snapshot.jails);
    return new Map(jails.map(([name, { settings }]) => [name, settings]));
  }
  const known = new Map<string, undefined>();
  if (isWhole && broken.size === 0) return known;
  for await (const { ban } of store.readHistory()) known.set(ban.jail, undefined);
  return known;
}

/** Without a state, what the firewall still holds are bans. */
export async function adoptRules(
  firewalls: Firewalls,
  jails: readonly JailSettings[],
  pipeline: Pipeline,
): Promise<void> {
  const rules = await firewalls.list(jails).catch((error: Error) => {
    log.warn(`The firewall's own bans cannot be read: ${error.message}`);
    return [];
  });
  const now = Date.now();
  for (const { jail, host, until } of rules) {
    const post = pipeline.posts.get(jail);
    if (post !== undefined) pipeline.ban(post, host, { since: now, until, cause: "adopted" });
  }
  if (rules.length > 0) log.info(`Took over ${rules.length} bans that were in force`);
}

/** Jails that count other jails' bans, and have just been switched on, begin with the history. */
export async function countHistory(store: Store, pipeline: Pipeline): Promise<void> {
  const fresh = [...pipeline.posts.values()].filter(({ settings, notBefore }) =>
    settings.bannedBy.length > 0 && notBefore > -Infinity
  );
  if (fresh.length === 0) return;
  const since = Math.min(...fresh.map(({ notBefore }) => notBefore));
  for await (const { kind, ban } of store.readHistory(since)) {
    if (kind === "ban" && ban.cause === "failures") pipeline.recount(fresh, ban);
  }
}
