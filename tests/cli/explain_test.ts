import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeHost } from "../../lib/cli/explain.ts";
import { formatTime } from "../../lib/cli/render.ts";
import type {
  BanDetail,
  HistoryReport,
  HostReport,
  StandingReport,
} from "../../lib/control/mod.ts";
import { TestAgent } from "../agent.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");

const standing: StandingReport = {
  jail: "sshd",
  host: "192.0.2.7",
  ignored: null,
  trusted: null,
  failures: [],
  maxretry: 5,
  findtime: 600,
  ban: null,
  within: 0,
  fuse: false,
  spared: null,
};

const ban: BanDetail = {
  jail: "sshd",
  host: "192.0.2.7",
  enforceable: true,
  since: "2026-11-20T09:55:00.000Z",
  until: "2026-11-20T10:05:00.000Z",
  failures: 5,
  cause: "failures",
  bans: 2,
  evidence: [
    { time: null, line: "Failed one", pattern: "^Failed <ADDR>$", counts: false },
    { time: null, line: "Failed two", pattern: "^Failed <ADDR>$", counts: false },
  ],
  firewall: { place: "the set ban4-sshd/32 of the table inet banjo", holds: true },
  stopped: { packets: 7, bytes: 420 },
};

function report(...jails: readonly Partial<StandingReport>[]): HostReport {
  return {
    host: "192.0.2.7",
    jails: jails.map((each) => ({ ...standing, ...each })),
    history: [],
    listed: [],
  };
}

function told(report: HostReport, width = Infinity): string {
  return describeHost(report, NOW, width);
}

Deno.test("a ban is told with its end, its lines, each pattern once, and what holds it", () => {
  const text = told(report({ ban }));
  assertStringIncludes(text, "192.0.2.7 is banned by sshd, for another 5 minutes.");
  assertStringIncludes(text, "for the 2nd time");
  assertStringIncludes(text, "5 failures; 5 within 10 minutes lead to a ban");
  assertStringIncludes(text, "the set ban4-sshd/32 of the table inet banjo");
  assertStringIncludes(text, "7 packets of all hosts that sshd bans");
  assertEquals(text.match(/Failed (one|two)/g)?.length, 2);
  assertEquals(text.split("^Failed <ADDR>$").length - 1, 1);
});

Deno.test("the jails that ban are told of before those that only count", () => {
  const failure = { ...ban.evidence[0]!, time: "2026-11-20T09:59:00.000Z", counts: true };
  const text = told(report({ jail: "recidive", failures: [failure] }, { ban }));
  assertEquals(text.match(/^(?:recidive|sshd)$/gm), ["sshd", "recidive"]);
});

Deno.test("where several patterns matched, each line says which", () => {
  const [one] = ban.evidence;
  const other = { ...one!, line: "Invalid user", pattern: "^Invalid" };
  const text = told(report({ ban: { ...ban, evidence: [one!, other, one!] } }));
  assertStringIncludes(
    text,
    "  log      [1] Failed one\n           [2] Invalid user\n           [1] Failed one\n" +
      "  pattern  [1] ^Failed <ADDR>$\n           [2] ^Invalid",
  );
});

Deno.test("a ban that the firewall does not hold is told so", () => {
  const lost = { ...ban, firewall: { place: "the set x", holds: false } };
  assertStringIncludes(told(report({ ban: lost })), "the set x, but it is not there");
  assertStringIncludes(told(report({ ban: { ...ban, firewall: null } })), "it is no address");
});

Deno.test("in a dry run nobody is said to be banned or kept out, and nothing to be missing", async () => {
  await using agent = await TestAgent.start({ config: {} });
  await agent.query("ban", "192.0.2.7", "--for", "forever");
  await Deno.writeTextFile(`${agent.folder}/bad.txt`, "192.0.2.0/24\n");
  await agent.cli("blocklist", "add", `${agent.folder}/bad.txt`);
  const { stdout } = await agent.cli("explain", "192.0.2.7");
  assertEquals(stdout.split("\n").slice(0, 2), [
    "192.0.2.7 would be kept out by the blocklist bad, which names 192.0.2.0/24: " +
    "this is a dry run, and nothing is put in force.",
    "192.0.2.7 would be banned by manual, for ever: this is a dry run, and nothing is put in force.",
  ]);
  assertStringIncludes(stdout, "\n  kept in  no firewall: this is a dry run\n");
});

Deno.test("the jail that is closest to a ban is told, with only the failures that still count", () => {
  const failure = { time: "2026-11-20T09:59:00.000Z", line: "x", pattern: null, counts: true };
  const old = { ...failure, counts: false };
  const text = told(report(
    { jail: "far", failures: [failure] },
    { jail: "near", failures: [old, failure, failure, failure] },
  ));
  assertStringIncludes(text, "2 more failures within 10 minutes would lead to a ban by near.");
  assertEquals(text.split("too old to count").length - 1, 1);
});

Deno.test("who is never banned is told by which entry, and by which jails if not by all", () => {
  const ignored = { entry: "192.0.2.0/24", reason: "in ignoreip" };
  const words = "192.0.2.7 is never banned: 192.0.2.0/24 is in ignoreip";
  assertEquals(told(report({ ignored })), `${words}.`);
  assertEquals(told(report({ ignored }, { jail: "other" })), `${words} (sshd).`);
  const trusted = "logged in at 2026-11-20T09:00:00.000Z";
  const when = formatTime(Date.UTC(2026, 10, 20, 9));
  assertStringIncludes(
    told(report({ trusted })),
    `not banned for failures now: it logged in at ${when}`,
  );
});

Deno.test("of a host that nobody knows there is one line to tell", () => {
  const text = "192.0.2.7 is not banned, and no jail counts a failure of it.";
  assertEquals(told(report({})), text);
});

Deno.test("earlier bans are told, and the one in force not twice", () => {
  const past = {
    time: "2026-11-19T10:00:00.000Z",
    event: "ban" as const,
    reason: null,
    jail: "sshd",
    host: "192.0.2.7",
    since: "2026-11-19T10:00:00.000Z",
    until: "2026-11-19T10:10:00.000Z",
    failures: 4,
    bans: 1,
    cause: "failures" as const,
    lines: [],
  };
  const now = { ...past, since: ban.since, failures: 5 };
  const text = told({ ...report({ ban }), history: [past, now] });
  assertStringIncludes(text.slice(text.indexOf("Before")), "sshd  192.0.2.7  10m  1st  4 failures");
  assert(!text.slice(text.indexOf("Before")).includes("5 failures"));
});

Deno.test("lines are folded behind their indent, and nothing in them reaches a terminal as it is", () => {
  const hostile = { time: null, line: `\x1b[2J${"x".repeat(200)}`, pattern: null, counts: false };
  const text = told(report({ ban: { ...ban, evidence: [hostile] } }), 80);
  assert(text.split("\n").every((line) => line.length <= 80), text);
  assert(!text.includes("\x1b"));
  assertStringIncludes(text, "\\x1b[2J");
});

Deno.test("of a network it is told how many bans lie in it, and where all of them are", () => {
  const past: HistoryReport = {
    time: "2026-11-20T09:00:00.000Z",
    event: "ban",
    reason: null,
    jail: "sshd",
    host: "192.0.2.7",
    since: "2026-11-20T09:00:00.000Z",
    until: "2026-11-20T19:00:00.000Z",
    failures: 5,
    bans: 1,
    cause: "failures",
    lines: [],
  };
  const network = { host: "192.0.2.0/24", listed: [] };
  const jails = [{ ...standing, within: 1530 }, { ...standing, jail: "nginx-404" }];
  const few = told({ ...network, jails, history: [past] });
  assertStringIncludes(
    few,
    "192.0.2.0/24 is not banned as a whole.\nBanned in it: 1,530 by sshd.\n",
  );
  assertStringIncludes(few, "\nBans in it\n");
  const many = told({ ...network, jails, history: Array.from({ length: 100 }, () => past) });
  assertStringIncludes(many, "\nBans in it, the newest; `banjo history 192.0.2.0/24` has all\n");
});

Deno.test("a fuse that holds bans is told, for it explains why a host is not banned", () => {
  assertStringIncludes(
    told(report({ fuse: true })),
    "no jail counts a failure of it.\nThe fuse of sshd holds bans now: see `banjo status`.",
  );
  assert(!told(report({ ban, fuse: true })).includes("fuse"));
});
