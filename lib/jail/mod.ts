/** Jails: which failures lead to which bans, for how long, and when they end. */
export { type Ban, failureOfBan, type JailEvent } from "./ban.ts";
export type { Attempt, SavedFailures } from "./failures.ts";
export type { Exemption } from "./ignore.ts";
export { type BanOrder, Jail, type JailParts, type JailState, type JailStatus } from "./jail.ts";
export { BanMemory, memoryOf, type PastBans, type SavedMemory } from "./penalty.ts";
export type { Escalation, JailSettings } from "./settings.ts";
