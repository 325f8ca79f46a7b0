/** fail2ban's configuration: reading it as fail2ban does, and turning it into banjo's. */
export { takeBans, type TakenBans } from "./bans.ts";
export { databaseOf, readBans, type SavedBans } from "./database.ts";
export type { Imported } from "./filter_folder.ts";
export { type Import, importConf, type ImportedJail, type Refused } from "./import.ts";
export { type LoadedFilterConf, loadFilterConf } from "./load_filter.ts";
export type { Note } from "./note.ts";
export { ConfError, formatPlace, type Place } from "./place.ts";
