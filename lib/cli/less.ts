/** The pager, where Debian and others have it. banjo starts this one and no other. */
export const LESS = "/usr/bin/less";
