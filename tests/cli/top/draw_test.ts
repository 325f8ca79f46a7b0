import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { draw } from "../../../lib/cli/top/draw.ts";
import { readKeys } from "../../../lib/cli/top/keys.ts";
import { Rates } from "../../../lib/cli/top/rates.ts";
import { changes } from "../../../lib/cli/top/screen.ts";
import { press, type State } from "../../../lib/cli/top/state.ts";
import { clip, type Paint, sparkline } from "../../../lib/cli/top/text.ts";
import type { BanReport, JailReport } from "../../../lib/control/mod.ts";
import { anyText } from "../../any_text.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const same = (text: string) => text;
const noPaint: Paint = { bold: same, dim: same, bad: same, good: same, warn: same, chosen: same };

function ban(host: string, jail = "sshd"): BanReport {
  const since = new Date(NOW - 60_000).toISOString();
  return { jail, host, enforceable: true, since, until: null, failures: 5 };
}

function jail(name: string, failures: number): JailReport {
  return {
    jail: name,
    enabled: true,
    sources: [],
    missing: [],
    failed: { now: 1, total: failures },
    banned: { now: 2, total: 3 },
    held: 0,
  };
}

function stateOf(bans: readonly BanReport[], jails: readonly JailReport[]): State {
  const networks = bans.map(({ host }) => ({ network: host, bans: 2 }));
  return {
    report: { health: "healthy", version: "1", jails, pending: 0, problems: [], spared: [] },
    overview: { newest: bans, networks },
    rates: new Rates(),
    now: NOW,
    unreachable: undefined,
    chosen: undefined,
    mode: { kind: "lists" },
    message: "",
  };
}

/** What a terminal shows that is sent lines, each at its place. */
function applied(shown: readonly string[], sent: string): string[] {
  const lines = [...shown];
  // deno-lint-ignore no-control-regex
  for (const [, row, line] of sent.matchAll(/\x1b\[(\d+);1H\x1b\[K([^\x1b]*)/g)) {
    lines[Number(row) - 1] = line!;
  }
  return lines;
}

const text = anyText({ maxLength: 60 });
const lists = fc.record({
  bans: fc.array(text.map((host) => ban(host)), { maxLength: 60 }),
  jails: fc.array(text.map((name) => jail(name, 7)), { maxLength: 40 }),
});

Deno.test("a screen is full of lines that fit and are safe, whatever there is to show", () => {
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 250 }),
    rows: fc.integer({ min: 1, max: 80 }),
  });
  fc.assert(fc.property(lists, size, ({ bans, jails }, size) => {
    const lines = draw(stateOf(bans, jails), size, noPaint);
    assertEquals(lines.length, size.rows);
    for (const line of lines) {
      assert(line.length <= size.columns, `${line.length} > ${size.columns}: ${line}`);
      assertMatch(line, /^[\x20-\x7e\u00a1-\u02ff\u0370-\u052f…▁-█↑↓]*$/);
    }
  }));
});

Deno.test("only what differs is sent, and that makes one screen of the other", () => {
  const line = fc.stringMatching(/^[a-c ]{0,3}$/);
  const screens = fc.integer({ min: 1, max: 9 }).chain((rows) => {
    const screen = fc.array(line, { minLength: rows, maxLength: rows });
    return fc.tuple(screen, screen);
  });
  fc.assert(fc.property(screens, ([before, after]) => {
    const sent = changes(before, after);
    assertEquals(applied(before, sent), after);
    const different = after.filter((line, row) => line !== before[row]);
    assertEquals(sent.length, different.reduce((sum, line) => sum + line.length + 9, 0));
  }));
});

Deno.test("a painted line is cut by what is seen of it, and its colours end", () => {
  assertEquals(clip("\x1b[1mabc\x1b[22mdef", 2), "\x1b[1mab\x1b[22m");
  assertEquals(clip("abc", 9), "abc");
});

Deno.test("keys are read whole, however they are cut into pieces", () => {
  const sent = "j\x1b[A\x1bOB\x1b[5~\x1b[1;5C\r\x03q";
  const wanted = ["j", "up", "down", "page-up", "enter", "interrupt", "q"];
  for (let cut = 0; cut <= sent.length; cut++) {
    const first = readKeys(sent.slice(0, cut));
    const second = readKeys(first.rest + sent.slice(cut));
    assertEquals([...first.keys, ...second.keys, second.rest], [...wanted, ""], `cut at ${cut}`);
  }
  assertEquals(readKeys("\x1b"), { keys: [], rest: "\x1b" });
  assertEquals(readKeys("\x1bx"), { keys: ["escape", "x"], rest: "" });
});

Deno.test("addresses are whole on the smallest screen, where other columns go", () => {
  const hosts = ["192.0.2.255", "2001:db8:b6bf:e874::/64"];
  const state = stateOf(hosts.map((host) => ban(host)), []);
  for (const [columns, hasAge] of [[60, false], [80, true]] as const) {
    const screen = draw(state, { columns, rows: 24 }, noPaint).join("\n");
    for (const host of hosts) assert(screen.includes(` ${host} `), screen);
    assertEquals(screen.includes("AGO"), hasAge);
  }
});

Deno.test("the cursor stays on its ban when others come in above, and at the top if it is there", () => {
  const before = stateOf([ban("192.0.2.2"), ban("192.0.2.1")], []);
  const down = press(before, "down", 20).state;
  const more = { ...down.overview, newest: [ban("192.0.2.3"), ...down.overview.newest] };
  const marked = (state: State) =>
    draw(state, { columns: 80, rows: 24 }, noPaint).filter((line) => line.startsWith("> "))
      .map((line) => line.split(" ")[1]);
  assertEquals(marked({ ...down, overview: more }), ["192.0.2.1"]);
  assertEquals(marked({ ...before, overview: more }), ["192.0.2.3"]);
  assertEquals(marked({ ...down, overview: { ...more, newest: [ban("192.0.2.9")] } }), [
    "192.0.2.9",
  ]);
});

Deno.test("nothing but y unbans, and only whom the question was about", () => {
  const asked = press(stateOf([ban("192.0.2.2"), ban("192.0.2.1")], []), "u", 20).state;
  for (const key of ["n", "enter", "escape", "u", "q", " "]) {
    assertEquals(press(asked, key, 20).wish, undefined);
  }
  assertEquals(press(asked, "interrupt", 20).wish, { kind: "quit" });
  const later = { ...asked, overview: { ...asked.overview, newest: [ban("192.0.2.3")] } };
  assertEquals(press(later, "y", 20).wish, { kind: "unban", host: "192.0.2.2" });
});

Deno.test("rates are of the last minute, and a total that falls is no rise", () => {
  const rates = new Rates();
  for (let seconds = 0; seconds <= 120; seconds += 2) {
    rates.add([jail("sshd", seconds < 60 ? 0 : (seconds - 60) * 3)], NOW + seconds * 1000);
  }
  assertEquals(rates.failuresOf("sshd"), 3);
  assertEquals(rates.failuresOf("other"), 0);
  rates.add([jail("sshd", 0)], NOW + 122_000);
  assertEquals(rates.failuresOf("sshd"), 0);
  assertEquals(rates.seriesOf("sshd").slice(-3), [6, 6, 0]);
  assertEquals(sparkline([9, 0, 1, 4, 8], 4), " ▁▄█");
  assertEquals(sparkline([1], 3), "  █");
});
