/** The name of the jail for bans by hand that name none; a configured jail of this name takes its place. */
export const MANUAL = "manual";
