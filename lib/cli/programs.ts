/** Programs that some commands start, and the agent does not: it gives up the right to. */
export { SENDMAIL } from "../relay/sendmail.ts";

/** The pager, where Debian and others have it. banjo starts this one and no other. */
export const LESS = "/usr/bin/less";
