/** `banjo tune`, run as a program: that its table says what `banjo simulate` says, and what it makes of that. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { banjo, type Json } from "../banjo.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

/**
 * Two days: 20 bots at full speed, 20 slow ones, and Alice, who mistypes four times in a row before she gets in. Her user
 * name is what a terminal would obey.
 */
function sshLog(): string {
  const start = Date.now() - 48 * HOUR;
  const lines: [time: number, text: string][] = [];
  const say = (time: number, text: string) =>
    lines.push([
      time,
      `${new Date(time).toISOString()} host sshd[${lines.length + 1}]: ${text} port 22 ssh2\n`,
    ]);
  const fail = (time: number, host: string) =>
    say(time, `Failed password for invalid user x from ${host}`);
  for (let bot = 1; bot <= 20; bot++) {
    for (let nth = 0; nth < 30; nth++) fail(start + bot * HOUR + nth * 2000, `198.18.0.${bot}`);
    for (let nth = 0; nth < 40; nth++) {
      fail(start + nth * 50 * MINUTE + bot, `2001:db8:0:${bot}::1`);
    }
  }
  for (let day = 0; day < 2; day++) {
    const morning = start + day * 24 * HOUR + HOUR;
    for (let nth = 0; nth < 4; nth++) fail(morning + nth * 5000, "203.0.113.5");
    say(morning + 30_000, "Accepted password for alice\x1b[2J from 203.0.113.5");
  }
  return lines.sort(([a], [b]) => a - b).map(([, text]) => text).join("");
}

Deno.test("tune says of each threshold what simulate says, and suggests what spares the user", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-tune-" });
  try {
    const log = `${folder}/auth.log`;
    await Deno.writeTextFile(log, sshLog());
    await Deno.mkdir(`${folder}/jails`);
    await Deno.writeTextFile(`${folder}/jails/a.toml`, "[sshd]\nmaxretry = 3\n");
    const words = ["--file", log, "--config", folder];
    const { code, stderr, json: [report] } = await banjo(["tune", "sshd", ...words, "--json"]);
    assertEquals([code, stderr], [0, ""]);

    for (const [maxretry, findtime] of [[1, 60], [3, 600], [5, 21_600], [10, 86_400]] as const) {
      const set = [`maxretry=${maxretry}`, `findtime=${findtime}`].flatMap((
        each,
      ) => ["--set", each]);
      const simulated = await banjo(["simulate", "sshd", ...words, ...set, "--json"]);
      const bans = simulated.json.filter(({ event }) => event === "ban");
      const trial = report.trials.find((each: Json) =>
        each.maxretry === maxretry && each.findtime === findtime
      );
      const banned = new Set(bans.map(({ host }) => host));
      assert(bans.length > 0);
      assertEquals(
        [trial.bans, trial.banned, trial.atRisk],
        [bans.length, banned.size, banned.has("203.0.113.5") ? ["203.0.113.5"] : []],
      );
    }

    assertEquals(report.legitimate.map(({ host, by, times }: Json) => [host, by, times]), [
      ["203.0.113.5", "login", 2],
    ]);
    assertEquals(report.present, { maxretry: 3, findtime: 600 });
    const { maxretry, findtime, reasons } = report.suggestion;
    assertEquals([maxretry, findtime], [5, 21_600]);
    assertStringIncludes(reasons.join("\n"), "It no longer bans 203.0.113.5");

    const { stdout } = await banjo(["tune", "sshd", ...words]);
    assertStringIncludes(stdout, '\n[sshd]\nmaxretry = 5\nfindtime = "6h"\n');
    assertStringIncludes(stdout, "2 logins, as alice\\x1b[2J");
    assert(stdout.split("\n").every((line) => line.length <= 80), stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tune knows visitors of a web site by what most of their requests got", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-tune-" });
  try {
    const log = `${folder}/access.log`;
    const minute = new Date(Date.now() - HOUR).toISOString().slice(11, 17);
    const ask = (host: string, status: number, number: number) =>
      `${host} - - [23/Nov/2026:${minute}00 +0000] "GET /x HTTP/1.1" ${status} 3 "-" "-"\n`
        .repeat(number);
    const scanners = Array.from({ length: 8 }, (_, index) => ask(`198.18.0.${index}`, 404, 40));
    await Deno.writeTextFile(
      log,
      [...scanners, ask("203.0.113.5", 404, 35), ask("203.0.113.5", 200, 90)].join(""),
    );
    const words = ["tune", "nginx-404", "--file", log, "--json"];
    const { json: [report] } = await banjo(words);
    assertEquals(report.legitimate, [
      { host: "203.0.113.5", by: "requests", times: 90, user: null, failures: 35 },
    ]);
    const present = report.trials.find(({ maxretry }: Json) => maxretry === 30);
    assertEquals([present.banned, present.atRisk], [9, ["203.0.113.5"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tune suggests nothing out of nothing, and calls wrong words wrong", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-tune-" });
  try {
    await Deno.writeTextFile(`${folder}/empty.log`, "");
    const words = ["tune", "sshd", "--file", `${folder}/empty.log`];
    const { stdout, code } = await banjo(words);
    assertEquals([code, stdout], [0, "No failures of sshd: there is nothing to tune by.\n"]);
    const { json: [{ suggestion, from }] } = await banjo([...words, "--json"]);
    assertEquals([suggestion, from], [null, null]);
    for (
      const [operand, complaint] of [
        ["sssd", "no such jail; did you mean sshd?"],
        ["recidive", "it counts other jails' bans"],
      ] as const
    ) {
      const { code, stderr } = await banjo(["tune", operand]);
      assertEquals(code, 2);
      assertStringIncludes(stderr, complaint);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
