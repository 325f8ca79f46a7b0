/** Whose entries of the journal a shipped filter's jails read. */
import { assertEquals } from "@std/assert";
import { matchesGroups } from "../../lib/sources/mod.ts";
import { shippedConfig } from "./shipped.ts";

/** Where a user who has logged in may have programs of his own in the unit. */
const servers = [
  ["sshd", "ssh.service"],
  ["sshd", "sshd.service"],
  ["dropbear", "dropbear.service"],
  ["xrdp", "xrdp-sesman.service"],
  ["webmin", "webmin.service"],
  ["webmin", "usermin.service"],
] as const;

for (const [name, unit] of servers) {
  Deno.test(`${name}: what a user logs in the unit ${unit}, under whatever name, is not read`, () => {
    const { journalmatch, syslogIdentifier } = shippedConfig.filters.get(name)!;
    const isRead = (uid: string) =>
      syslogIdentifier.some((identifier) =>
        matchesGroups({
          fields: { _UID: uid, _SYSTEMD_UNIT: unit, SYSLOG_IDENTIFIER: identifier },
        }, journalmatch)
      );
    assertEquals([isRead("0"), isRead("1000")], [true, false]);
  });
}
