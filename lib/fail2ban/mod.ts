export { type Line, type ResolvedFilter, resolveFilter } from "./filter_conf.ts";
export { JailConf, type ResolvedJail } from "./jail_conf.ts";
export { ConfError, formatPlace, type Place } from "./place.ts";
