import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Host } from "../../lib/address.ts";
import {
  BanMemory,
  Jail,
  type JailEvent,
  type JailSettings,
  type JailState,
  type SavedMemory,
} from "../../lib/jail/mod.ts";
import { failureOf, jailOf, partsOf, settingsOf } from "./settings.ts";

const hosts = ["192.0.2.1", "192.0.2.2", "2001:db8::1"] as const;
const keys: Record<string, Host> = { "2001:db8::1": "2001:db8::/64" };

/** A jail as plainly as it can be written: every failure is kept, and every window looked at. */
class PlainJail {
  readonly bans: { host: Host; since: number; until: number }[] = [];
  readonly #times = new Map<Host, number[]>();
  readonly #until = new Map<Host, number>();

  constructor(readonly settings: JailSettings) {}

  fail(address: Host, time: number): void {
    const host = keys[address] ?? address;
    if (time < (this.#until.get(host) ?? -Infinity)) return;
    const { maxretry, findtime, bantime } = this.settings;
    const times = [...this.#times.get(host) ?? [], time].sort((a, b) => a - b);
    this.#times.set(host, times);
    for (let last = maxretry - 1; last < times.length; last++) {
      const since = times[last]!;
      if (since - times[last - maxretry + 1]! > findtime) continue;
      this.bans.push({ host, since, until: since + bantime });
      this.#until.set(host, since + bantime);
      this.#times.delete(host);
      return;
    }
  }
}

const limits = fc.record({
  maxretry: fc.integer({ min: 1, max: 6 }),
  findtime: fc.integer({ min: 0, max: 50 }),
  bantime: fc.integer({ min: 1, max: 80 }),
  maxmatches: fc.nat(8),
});

Deno.test("Jail bans exactly when a window is full, whatever the order within findtime and whenever it is told the time", () => {
  const steps = fc.array(
    fc.record({
      wait: fc.oneof(fc.nat(3), fc.nat(60)),
      late: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
      host: fc.constantFrom(...hosts),
      tick: fc.boolean(),
    }),
    { minLength: 20, maxLength: 200, size: "max" },
  );
  let bans = 0;
  fc.assert(fc.property(limits, steps, (changes, steps) => {
    const jail = jailOf(changes);
    const plain = new PlainJail(settingsOf(changes));
    const events: JailEvent[] = [];
    let clock = 1000;
    for (const { wait, late, host, tick } of steps) {
      clock += wait;
      const time = clock - Math.round(late * changes.findtime);
      if (tick) events.push(...jail.tick(clock));
      events.push(...jail.fail(failureOf(host, time)));
      plain.fail(host, time);
    }
    events.push(...jail.tick(Infinity));

    const begun = events.filter(({ kind }) => kind === "ban").map(({ ban }) => ban);
    assertEquals(begun.map(({ host, since, until }) => ({ host, since, until })), plain.bans);
    assertEquals(begun.every(({ failures }) => failures === changes.maxretry), true);
    assertEquals(
      begun.every(({ lines }) => lines.length <= Math.min(changes.maxmatches, changes.maxretry)),
      true,
    );
    for (const host of new Set(begun.map((ban) => ban.host))) {
      const own = events.filter(({ ban }) => ban.host === host);
      assertEquals(
        own.map(({ kind }) => kind),
        own.map((_, index) => index % 2 === 0 ? "ban" : "unban"),
      );
      for (const { kind, time, ban } of own) {
        assertEquals(time, kind === "ban" ? ban.since : ban.until);
      }
    }
    bans += begun.length;
  }));
  assertEquals(bans > 100, true, "the streams led to bans at all");
});

const commands = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("fail" as const),
        host: fc.constantFrom(...hosts, "127.0.0.1"),
        session: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
        wait: fc.nat(20),
        late: fc.nat(5),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("succeed" as const, "succeedUnknown" as const),
        host: fc.constantFrom(...hosts),
        session: fc.constantFrom("a", "b"),
        wait: fc.nat(20),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "tick" as const,
          "ban" as const,
          "banForEver" as const,
          "unban" as const,
        ),
        host: fc.constantFrom(...hosts),
        wait: fc.nat(50),
      }),
    },
  ),
  { maxLength: 80, size: "max" },
);
type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never;

const increment = fc.option(
  fc.record({
    factor: fc.integer({ min: 1, max: 3 }),
    maxtime: fc.constantFrom(500, Infinity),
    rndtime: fc.nat(30),
    memory: fc.nat(300),
    overalljails: fc.boolean(),
  }),
  { nil: undefined },
);

/** A jail beside which another one bans too, with the memory that they share. */
function startPair(
  settings: JailSettings,
  saved?: { first: JailState; second: JailState; memory: SavedMemory },
) {
  const memory = new BanMemory(saved?.memory);
  const parts = partsOf({ memory });
  const first = new Jail(settings, parts, saved?.first);
  const second = new Jail(
    { ...settings, name: "other", maxretry: 1, bantime: 7 },
    parts,
    saved?.second,
  );
  const save = () => ({ first: first.save(), second: second.save(), memory: memory.save() });
  return { jails: [first, second], save };
}

function apply(jails: readonly Jail[], clock: number, command: Command): readonly JailEvent[] {
  const { host } = command;
  return jails.flatMap((jail) => {
    switch (command.kind) {
      case "fail": {
        const { session, late } = command;
        return jail.fail(failureOf(host, clock - late, session === undefined ? {} : { session }));
      }
      case "succeed":
        jail.succeed({ kind: "success", time: clock, session: command.session, host });
        return [];
      case "succeedUnknown":
        jail.succeed({ kind: "success", time: clock, session: command.session });
        return [];
      case "tick":
        return jail.tick(clock);
      case "ban":
        return jail.ban(host, { since: clock, cause: "manual" });
      case "banForEver":
        return jail.ban(host, { since: clock, until: null, cause: "adopted" });
      case "unban":
        return jail.unban(host, clock);
    }
  });
}

Deno.test("Jail goes on from its saved state, through JSON, as if it had never stopped", () => {
  fc.assert(
    fc.property(limits, increment, commands, fc.nat(80), (limits, increment, commands, cut) => {
      const settings = settingsOf({ ...limits, increment });
      const whole = startPair(settings);
      let halves = startPair(settings);
      let clock = 1000;
      for (const [index, command] of commands.entries()) {
        clock += command.wait;
        if (index === cut) {
          const saved = JSON.stringify(halves.save());
          halves = startPair(settings, JSON.parse(saved));
          assertEquals(JSON.stringify(halves.save()), saved, "JSON holds all of it");
        }
        assertEquals(apply(halves.jails, clock, command), apply(whole.jails, clock, command));
      }
      assertEquals(JSON.stringify(halves.save()), JSON.stringify(whole.save()));
      const end = clock + 1e9;
      assertEquals(
        halves.jails.flatMap((jail) => jail.tick(end)),
        whole.jails.flatMap((jail) => jail.tick(end)),
      );
    }),
  );
});

Deno.test("Jail has by the history the bans that it had, whatever happened", () => {
  fc.assert(fc.property(limits, increment, commands, (limits, increment, commands) => {
    const settings = settingsOf({ ...limits, increment });
    const { jails, save } = startPair(settings);
    const again = startPair(settings);
    let clock = 1000;
    for (const command of commands) {
      for (const event of apply(jails, clock += command.wait, command)) {
        if (event.kind !== "ban" && event.kind !== "unban") continue;
        // Each jail hears of its own, through JSON as the history has it.
        again.jails.find(({ settings }) => settings.name === event.ban.jail)!
          .redo(JSON.parse(JSON.stringify(event)));
      }
    }
    assertEquals(again.jails.map((jail) => [...jail.bans]), jails.map((jail) => [...jail.bans]));
    assertEquals(
      again.jails.map((jail) => jail.status(clock).banned),
      jails.map((jail) => jail.status(clock).banned),
    );
    const later = clock + 1000;
    const grown = (pair: typeof again) =>
      pair.jails.map((jail) =>
        hosts.map((host) => jail.ban(host, { since: later, cause: "manual" }))
      );
    assertEquals(grown(again), grown({ jails, save }), "past bans count alike");
  }));
});

Deno.test("Jail decides the same on the same log", () => {
  fc.assert(fc.property(limits, increment, commands, (limits, increment, commands) => {
    const run = () => {
      const { jails, save } = startPair(settingsOf({ ...limits, increment }));
      let clock = 1000;
      const events = commands.flatMap((command) => apply(jails, clock += command.wait, command));
      return { events, saved: save() };
    };
    assertEquals(run(), run());
  }));
});

Deno.test("Jail has no event and no count for an ignored host", () => {
  fc.assert(fc.property(limits, commands, (limits, commands) => {
    const jail = jailOf({ ...limits, ignoreip: [...hosts] });
    let clock = 1000;
    for (const command of commands) {
      if (command.kind !== "fail") continue;
      assertEquals(apply([jail], clock += command.wait, command), []);
    }
    assertEquals(jail.status(clock), {
      failed: { now: 0, total: 0 },
      banned: { now: 0, total: 0 },
      held: 0,
    });
  }));
});
