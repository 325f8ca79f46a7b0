import type { Host } from "../../lib/address.ts";
import { BanMemory, banSettingsOf, type JailEvent } from "../../lib/jail/mod.ts";
import type { Instant } from "../../lib/state/mod.ts";
import { failureOf, jailOf, settingsOf } from "../jail/settings.ts";

/** An instant at which one jail has counted so many failures, and has something of everything. */
export function instantOf(failed: number): Instant {
  const jail = jailOf({ maxretry: 2 });
  for (
    const [host, time] of [["192.0.2.1", 1], ["192.0.2.1", 2], ["2001:db8::1", 3], [
      "192.0.2.2",
      4,
    ]] as const
  ) {
    jail.fail(failureOf(host, time, { session: "a\u2028'\"\ud800" }));
  }
  jail.unban("192.0.2.1", 5);
  jail.ban("10.0.0.0/8", { since: 5, until: null, cause: "manual" });
  const memory = new BanMemory();
  memory.add("test", "192.0.2.1", 1, Infinity);
  const filter = {
    lastDate: 5,
    dateFormats: ["iso"],
    sessions: [
      ["[7]", { since: 1 }],
      ["[8]", {
        since: 2,
        host: "192.0.2.1",
        user: "\u0000",
        severalUsers: true,
        address: "192.0.2.9",
        pending: ["<"],
        harmless: ["\u0000", "b"],
        counted: "192.0.2.1",
        once: [2, 0],
        inAdvance: true,
      }],
    ] as const,
    lines: [["a b", " b"]] as const,
  };
  return {
    sources: {
      journal: { cursor: "s=1;i=2", time: 5 },
      files: {
        "/var/log/a.log": { device: 1, inode: 2 ** 63, offset: 3, head: "abc" },
        "/var/log/ü.log": { device: 1, inode: 2, offset: 3, head: "abc", time: 4 },
      },
    },
    jails: {
      test: {
        jail: { ...jail.save(), ...asRead(jail.save()), failed },
        filter,
        settings: banSettingsOf(settingsOf({ ports: ["22", "6000-6010"], bantime: Infinity })),
      },
    },
    memory: asRead(memory.save()),
  };
}

/** What the jails save as lists of one kind or another, as arrays: that is how it is read again. */
function asRead(saved: object): Record<string, (readonly [Host, never])[]> {
  const lists = Object.entries(JSON.parse(JSON.stringify(saved))).filter(([, value]) =>
    Array.isArray(value)
  );
  return Object.fromEntries(lists) as Record<string, (readonly [Host, never])[]>;
}

/** A ban for the history. */
export function banOf(since: number): Extract<JailEvent, { kind: "ban" }> {
  const ban = {
    jail: "test",
    host: "192.0.2.7",
    since,
    until: since + 10,
    failures: 3,
    bans: 1,
    lines: [`line ${since} ü\n`],
    cause: "failures" as const,
  };
  return { kind: "ban", time: since, ban };
}
