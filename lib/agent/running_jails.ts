/** Which jails run. */
import type { LoadedConfig } from "../config/mod.ts";
import { errorCodes, RpcError } from "../control/mod.ts";
import type { BanSettings, JailSettings } from "../jail/mod.ts";
import { MANUAL } from "./manual.ts";

/** Those that are enabled, and the one for bans by hand, by name. */
export function enabledJails({ jails, manual }: LoadedConfig): readonly JailSettings[] {
  const enabled = [...jails.values()].filter(({ enabled }) => enabled);
  return (enabled.some(({ name }) => name === MANUAL) ? enabled : [...enabled, manual])
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Those that are meant to run, as far as can be told, but have errors: until these are mended they rest, which is to keep what
 * they know and to hold their bans by the settings that they had. `known`: the jails that have something to keep, and by
 * what settings, where that is known.
 */
export function restingJails(
  { jails, broken, isWhole, manual }: LoadedConfig,
  known: ReadonlyMap<string, BanSettings | undefined>,
): readonly JailSettings[] {
  const isMeant = (name: string) => broken.has(name) || (!isWhole && !jails.get(name)?.enabled);
  return [...known].filter(([name]) => name !== MANUAL && isMeant(name))
    .map(([name, had]) => ({ ...broken.get(name) ?? manual, ...had, name, enabled: false }));
}

/** The running jails, of which one is as it is configured now. @throws {RpcError} where there is none of that name. */
export function replaceJail(
  running: readonly JailSettings[],
  configured: readonly JailSettings[],
  name: string,
): readonly JailSettings[] {
  const others = running.filter((jail) => jail.name !== name);
  const replacement = configured.filter((jail) => jail.name === name);
  if (others.length === running.length && replacement.length === 0) {
    throw new RpcError(errorCodes.refused, `No jail ${JSON.stringify(name)} is enabled or running`);
  }
  return [...others, ...replacement];
}

/** Those that run and that an administrator knows of: all but the one for bans by hand. */
export function namedJails(jails: readonly JailSettings[]): readonly string[] {
  return jails.filter(({ enabled, name }) => enabled && name !== MANUAL).map(({ name }) => name);
}
