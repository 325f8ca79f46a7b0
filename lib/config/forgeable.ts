/**
 * Whether any local user could write journal entries that match these terms. journald itself sets the fields that
 * start with `_` (systemd.journal-fields(7)); of these, some are the sender's to choose and others say nothing of who
 * it was.
 */
export function isForgeable(group: readonly string[]): boolean {
  return !group.some((term) => {
    const field = term.slice(0, term.indexOf("="));
    return term === "_TRANSPORT=kernel" || (field.startsWith("_") && !UNTELLING.has(field));
  });
}

const UNTELLING: ReadonlySet<string> = new Set([
  "_COMM",
  "_CMDLINE",
  "_TRANSPORT",
  "_PID",
  "_BOOT_ID",
  "_MACHINE_ID",
  "_HOSTNAME",
  "_RUNTIME_SCOPE",
  "_STREAM_ID",
]);
