/** Which jails run. */
import type { LoadedConfig } from "../config/mod.ts";
import { errorCodes, RpcError } from "../control/mod.ts";
import type { JailSettings } from "../jail/mod.ts";
import { MANUAL } from "./manual.ts";

/** Those that are enabled, and the one for bans by hand, by name. */
export function enabledJails({ jails, manual }: LoadedConfig): readonly JailSettings[] {
  const enabled = [...jails.values()].filter(({ enabled }) => enabled);
  return (enabled.some(({ name }) => name === MANUAL) ? enabled : [...enabled, manual])
    .sort((a, b) => a.name < b.name ? -1 : 1);
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

/** Those that an administrator knows of: all but the one for bans by hand. */
export function namedJails(jails: readonly JailSettings[]): readonly string[] {
  return jails.map(({ name }) => name).filter((name) => name !== MANUAL);
}
