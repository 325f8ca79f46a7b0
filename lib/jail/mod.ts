/** Jails: which failures lead to which bans, for how long, and when they end. */
export {
  type Ban,
  type BanEvent,
  failureOfBan,
  type JailEvent,
  type WithheldEvent,
} from "./ban.ts";
export type { Attempt } from "./attempts.ts";
export type { SavedFailures } from "./failures.ts";
export type { FuseState } from "./fuse.ts";
export { type Exemption, type HostFacts, noFacts } from "./ignore.ts";
export {
  type BanOrder,
  Jail,
  type JailParts,
  type JailState,
  type JailStatus,
  type Standing,
} from "./jail.ts";
export { BanMemory, memoryOf, type PastBans, type SavedMemory } from "./penalty.ts";
export { type SavedLogin, Trust } from "./trust.ts";
export { type BanSettings, banSettingsOf, type Escalation, type JailSettings } from "./settings.ts";
