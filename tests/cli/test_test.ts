/** `banjo test`, run as a program. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { banjo, banjoCommand, type Result } from "../banjo.ts";
import { PrivateJournald } from "../journald.ts";
import { must } from "../network.ts";
import { testAsRoot } from "../root.ts";

const PATTERN = "^ failed <F-USER>\\S+</F-USER> from <ADDR>$";
const LINES = [
  "2026-11-20T10:00:00Z failed eve from 192.0.2.7",
  "2026-11-20T10:00:01Z accepted alice from 192.0.2.8",
  "2026-11-20T10:00:02+01:00 failed mallory from 2001:DB8::0007",
  "2026-11-20T10:00:03Z failed nagios from 192.0.2.9",
  "2026-11-20T10:00:04Z broken for 192.0.2.10",
];
const TEXT = LINES.map((line) => `${line}\n`).join("");
const PATTERNS = ["--ignoreregex", "nagios"];
const MATCHES = [
  { line: 1, time: "2026-11-20T10:00:00.000Z", host: "192.0.2.7", user: "eve", pattern: 0 },
  { line: 3, time: "2026-11-20T09:00:02.000Z", host: "2001:db8::7", user: "mallory", pattern: 0 },
];

Deno.test("test prints matches and totals for scripts as documented", async () => {
  const result = await test(["-", PATTERN, ...PATTERNS, "--json"], TEXT);
  assertEquals(result.code, 0);
  const { seconds, ...totals } = result.json.at(-1);
  assertEquals(result.json.slice(0, -1), MATCHES);
  assertEquals(totals, { lines: 5, matched: 2, ignored: 1, missed: 2 });
  assert(seconds > 0 && seconds < 60);
  assertEquals(result.stdout.trim().split("\n").length, 3);
});

Deno.test("test reads a file, standard input and a line alike", async () => {
  const file = await Deno.makeTempFile({ prefix: "banjo-test-" });
  try {
    await Deno.writeTextFile(file, TEXT);
    const fromFile = await test([file, PATTERN, ...PATTERNS, "--json"]);
    assertEquals(fromFile.json.slice(0, -1), MATCHES);
    const fromLine = await test([LINES[0]!, PATTERN, "--json"]);
    assertEquals(fromLine.json.slice(0, -1), MATCHES.slice(0, 1));
    const unfinished = await test(
      ["-", PATTERN, "--json"],
      TEXT.replaceAll("\n", "\r\n").slice(0, 46),
    );
    assertEquals(unfinished.json.slice(0, -1), MATCHES.slice(0, 1));
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("test ends when nobody reads what it prints any more, though there are more lines", async () => {
  for (const flag of ["--print-matched", "--json", "--explain"]) {
    const command = await banjoCommand("test", "-", PATTERN, flag);
    // The exit code of timeout is 124 where it had to end the command.
    const pipe = 'yes "$0" | timeout 60 "$@" | head -n 1 >/dev/null; echo "${PIPESTATUS[1]}"';
    assertEquals(await must(["bash", "-c", pipe, LINES[0]!, ...command]), "0\n", flag);
  }
});

Deno.test("test takes a filter by name, by file and with other layers", async () => {
  const line = "Nov 20 10:00:00 host sshd[7]: Failed password for root from 192.0.2.7 port 4 ssh2";
  const named = await test([line, "sshd", "--json", "--now", "2026-11-21T00:00:00Z"]);
  const match = { line: 1, time: "2026-11-20T10:00:00.000Z", host: "192.0.2.7", user: "root" };
  assertEquals(named.json[0], { ...match, pattern: 0 });

  const folder = await Deno.makeTempDir({ prefix: "banjo-test-" });
  try {
    await Deno.mkdir(`${folder}/filters`);
    const file = `${folder}/filters/mine.toml`;
    await Deno.writeTextFile(file, `failregex = ['nothing', '${PATTERN}']\n`);
    for (const words of [[file], ["mine", "--config", folder]]) {
      const wrong = await test([LINES[0]!, ...words, "--json"]);
      assertEquals(wrong.code, 2);
      assertMatch(wrong.stderr, /mine\.toml:1:\d+: .*does not say who failed/);
    }
    await Deno.writeTextFile(file, `failregex = ['nothing <ADDR>', '${PATTERN}']\n`);
    for (const words of [[file], ["mine", "--config", folder]]) {
      const { json } = await test([LINES[0]!, ...words, "--json"]);
      assertEquals(json[0], { ...MATCHES[0], pattern: 1 });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("test judges dates by --tz, --now and --datepattern, and finds no line too old", async () => {
  const pattern = "failed <ADDR>$";
  for (
    const [line, flags, time] of [
      ["2026-11-20 10:00:00 failed 192.0.2.7", ["--tz", "Europe/Berlin"], "2026-11-20T09:00:00Z"],
      ["2026-07-20 10:00:00 failed 192.0.2.7", ["--tz", "Europe/Berlin"], "2026-07-20T08:00:00Z"],
      ["1999-11-20T10:00:00Z failed 192.0.2.7", [], "1999-11-20T10:00:00Z"],
      ["Nov 20 10:00:00 failed 192.0.2.7", nowAt("2024-11-21"), "2024-11-20T10:00:00Z"],
      ["Dec 31 10:00:00 failed 192.0.2.7", nowAt("2024-01-01"), "2023-12-31T10:00:00Z"],
      ["failed 192.0.2.7", nowAt("2024-01-01"), "2024-01-01T00:00:00Z"],
      ["failed 192.0.2.7", ["--now", "2024-02-29"], "2024-02-29T00:00:00Z"],
      ["failed 192.0.2.7", ["--now", "2024-01-01 02:00+01:30"], "2024-01-01T00:30:00Z"],
      // What says all of its date is of then, long before and after.
      ["1999-11-20T10:00:00Z failed 192.0.2.7", nowAt("2024-01-01"), "1999-11-20T10:00:00Z"],
      ["2026-11-20T10:00:00Z failed 192.0.2.7", nowAt("2024-01-01"), "2026-11-20T10:00:00Z"],
      ["20h10 20/11/26 failed 192.0.2.7", dated("%Hh%M %d/%m/%y"), "2026-11-20T20:10:00Z"],
    ] as const
  ) {
    const { code, json, stderr } = await test([line, pattern, ...flags, "--json"]);
    assertEquals(code, 0, stderr);
    assertEquals(Date.parse(json[0].time), Date.parse(time), line);
  }
});

Deno.test("test prints the lines that are asked for, made safe to print", async () => {
  const text = TEXT + "2026-11-20T10:00:05Z \x1b[2Jbroken\n";
  const prints = async (...flags: string[]) => {
    const { stdout } = await test(["-", PATTERN, ...PATTERNS, ...flags], text);
    return stdout.split("\n").filter((line) => /^[-+i] \d/.test(line));
  };
  assertEquals(await prints(), []);
  const matched = [`+ 1: ${LINES[0]}`, `+ 3: ${LINES[2]}`];
  const missed = [
    `- 2: ${LINES[1]}`,
    `- 5: ${LINES[4]}`,
    "- 6: 2026-11-20T10:00:05Z \\x1b[2Jbroken",
  ];
  const ignored = [`i 4: ${LINES[3]}`];
  assertEquals(await prints("--print-matched"), matched);
  assertEquals(await prints("--print-missed"), missed);
  assertEquals(await prints("--print-ignored"), ignored);
  const all = await prints("--print-matched", "--print-missed", "--print-ignored");
  assertEquals(all.toSorted(), [...matched, ...missed, ...ignored].toSorted());
});

Deno.test("test sums up patterns, dates and lines", async () => {
  const { stdout } = await test(["-", PATTERN, ...PATTERNS], TEXT);
  assertStringIncludes(stdout, `        2  [0] ${PATTERN}\n`);
  assertMatch(stdout, /Date formats\n +\d+ /);
  assertMatch(stdout, /\n5 lines: 2 matched, 1 ignored, 2 missed in \d\.\d{3} s\n/);
});

Deno.test("where nothing matched, test tells of the header that the filter asks for", async () => {
  const message = "Failed password for root from 192.0.2.7 port 22 ssh2";
  const bare = await test([message, "sshd"]);
  assertEquals(bare.code, 1);
  assertMatch(bare.stdout, /only looks at lines of sshd, sshd-session\./);
  const whole = await test([`Nov 20 10:00:00 host sshd[7]: ${message}`, "sshd"]);
  assertEquals([whole.code, whole.stdout.includes("only looks at")], [0, false]);
});

Deno.test("test explains what each line was taken for", async () => {
  const { stdout } = await test(["-", PATTERN, ...PATTERNS, "--explain"], TEXT);
  const explanations = stdout.split("\n\n").filter((text) => text.startsWith("line "));
  assertEquals(explanations.length, 5);
  const [matched, missed, , ignored, broken] = explanations;
  assertStringIncludes(matched!, "line 1 matched");
  assertStringIncludes(matched!, '"2026-11-20T10:00:00Z" at 0');
  assertStringIncludes(matched!, '"192.0.2.7"');
  assertStringIncludes(matched!, "failure of 192.0.2.7");
  assertStringIncludes(missed!, "line 2 missed");
  assertStringIncludes(ignored!, "line 4 ignored");
  assertMatch(broken!, /line 5 missed/);
  const summary = / matched, .* missed/;
  const plain = await test(["-", PATTERN, ...PATTERNS], TEXT);
  assertEquals(summary.exec(stdout)?.[0], summary.exec(plain.stdout)?.[0]);
});

Deno.test("test exits with 1 where nothing matched, and with 2 where its words are wrong", async () => {
  assertEquals((await test([LINES[1]!, PATTERN])).code, 1);
  assertEquals((await test(["-", PATTERN, "--json"])).code, 1);
  for (
    const [words, complaint] of [
      [[LINES[0]!], /usage: banjo test SOURCE FILTER/],
      [["/no/such/file", PATTERN], /Cannot read \/no\/such\/file/],
      [["/tmp", PATTERN], /it is a folder/],
      [[LINES[0]!, "sshdd"], /did you mean sshd\?/],
      [[LINES[0]!, "(<HOST>"], /failregex 1: Unterminated group/],
      [[LINES[0]!, "no host"], /does not say who failed/],
      [[LINES[0]!, "/no/such.toml"], /Cannot read/],
      [[LINES[0]!, PATTERN, "--tz", "Mars"], /there is no zone "Mars"/],
      [[LINES[0]!, PATTERN, "--now", "soon"], /Cannot read --now/],
      [
        [LINES[0]!, PATTERN, "--now", "5"],
        /give a date and time as 2026-11-20T10:00:00Z: received "5"/,
      ],
      [[LINES[0]!, PATTERN, "--now", "2026-02-31T00:00:00Z"], /Cannot read --now/],
      [[LINES[0]!, PATTERN, "--now", "2026-11-20T25:00:00Z"], /Cannot read --now/],
      [[LINES[0]!, PATTERN, "--now", "2026-13-01"], /Cannot read --now/],
      [[LINES[0]!, PATTERN, "--datepattern", "%Q"], /%Q is no date code/],
      [["journal[nonsense]", PATTERN], /nonsense/],
      [["systemd-journal", PATTERN], /banjo calls it journal/],
      [["systemd-journal[journalflags=1]", PATTERN], /banjo calls it journal/],
      [[LINES[0]!, PATTERN, "--jsom"], /did you mean --json\?/],
    ] as const
  ) {
    const { code, stdout, stderr } = await test(words);
    assertEquals([code, stdout], [2, ""], words.join(" "));
    assertMatch(stderr, complaint);
  }
});

testAsRoot("test reads the journal, by its own time", {}, async () => {
  await using journald = await PrivateJournald.start();
  const before = Date.now();
  await journald.log("door", "failed eve from 192.0.2.7");
  await journald.log("window", "failed eve from 192.0.2.8");
  await journald.log("door", "opened for alice");
  await journald.sync();
  const place = (...command: readonly string[]) => journald.command(command).flat();
  const pattern = "^failed <F-USER>\\S+</F-USER> from <ADDR>$";
  const hostsOf = async (source: string) => {
    const { json } = await banjo(["test", source, pattern, "--json"], { place });
    for (const { time, user } of json.slice(0, -1)) {
      assert(Date.parse(time) >= before - 1 && Date.parse(time) <= Date.now());
      assertEquals(user, "eve");
    }
    return [json.slice(0, -1).map(({ line, host }) => [line, host]), json.at(-1).lines];
  };
  const door = "SYSLOG_IDENTIFIER=door";
  assertEquals(await hostsOf(`journal[${door}]`), [[[1, "192.0.2.7"]], 2]);
  assertEquals(await hostsOf(`journal[${door} _UID=0]`), [[[1, "192.0.2.7"]], 2]);
  assertEquals(await hostsOf(`journal[${door} _UID=1]`), [[], 0]);
  const both = [[1, "192.0.2.7"], [2, "192.0.2.8"]];
  assertEquals(await hostsOf(`journal[${door} + SYSLOG_IDENTIFIER=window]`), [both, 3]);
  const [all] = await hostsOf("journal");
  assertEquals((all as [number, string][]).map(([, host]) => host), ["192.0.2.7", "192.0.2.8"]);
  const words = ["test", "journal", pattern, "--ignoreregex", "\\.8$", "--print-ignored"];
  const { stdout } = await banjo(words, { place });
  assertMatch(stdout, /^i \d+: failed eve from 192\.0\.2\.8$/m);
  assertMatch(stdout, /: 1 matched, 1 ignored, /);
});

function test(words: readonly string[], input = ""): Promise<Result> {
  return banjo(["test", ...words], { input });
}

function nowAt(date: string): readonly string[] {
  return ["--now", `${date}T00:00:00Z`];
}

function dated(datepattern: string): readonly string[] {
  return ["--datepattern", datepattern];
}

Deno.test("a path to a filter's file that is not quite right is no failregex, and what is wrong is said", async () => {
  const folder = await Deno.makeTempDir({ prefix: "banjo-test-" });
  try {
    await Deno.writeTextFile(`${folder}/app.conf`, "[Definition]\nfailregex = ^x <HOST>$\n");
    await Deno.writeTextFile(`${folder}/own.toml`, "failregex = ['^x <ADDR>$']\n");
    await Deno.writeTextFile(`${folder}/list.txt`, "");
    const cases: [string, string][] = [
      ["app", `did you mean ${folder}/app.conf?`],
      ["app[mode=strict]", `did you mean ${folder}/app.conf[mode=strict]?`],
      [
        "app.conf[mode=strict",
        "the options behind a file are [OPTION=VALUE, ...]: received [mode=",
      ],
      ["own", `did you mean ${folder}/own.toml?`],
      ["own.toml[mode", "the options behind a file are [OPTION=VALUE, ...]: received [mode"],
      ["list.txt", "a filter's file ends in .toml, or fail2ban's in .conf"],
    ];
    for (const [word, why] of cases) {
      const { code, stderr } = await test(["x 192.0.2.7", `${folder}/${word}`]);
      assertEquals(code, 2, word);
      assertStringIncludes(stderr, `Cannot test with ${folder}/${word}: ${why}`);
    }
    const pattern = `${folder}/other <ADDR>`;
    const { code } = await test([`${folder}/other 192.0.2.7`, pattern]);
    assertEquals(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a filter file of fail2ban's is translated on the way, with its options", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/login.conf`;
    await Deno.writeTextFile(
      file,
      "[Definition]\nfailregex = <re-<mode>>\nre-normal = ^ (?P<what>bad) login from <HOST>$\n" +
        "re-strict = <re-normal>\n            ^ odd login from <HOST>$\nmode = normal\n",
    );
    await Deno.writeTextFile(
      `${folder}/login.local`,
      "[Definition]\nignoreregex = 192\\.0\\.2\\.9\n",
    );
    const lines = [
      "bad login from 192.0.2.7",
      "odd login from 192.0.2.8",
      "bad login from 192.0.2.9",
    ]
      .map((text) => `2026-11-20 10:00:00 ${text}\n`).join("");
    const hosts = async (filter: string) => {
      const { json } = await banjo(["test", "-", filter, "--tz", "UTC", "--json"], {
        input: lines,
      });
      return json.filter(({ host }) => host !== undefined).map(({ host, time }) => [host, time]);
    };
    const time = "2026-11-20T10:00:00.000Z";
    assertEquals(await hosts(file), [["192.0.2.7", time]]);
    assertEquals(await hosts(`${file}[mode=strict]`), [["192.0.2.7", time], ["192.0.2.8", time]]);

    await Deno.writeTextFile(`${folder}/login.local`, "[Definition]\nmode = <mode>\n");
    const { code, stderr } = await banjo(["test", "-", file]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot test with ${file}:`);
    assertStringIncludes(stderr, "leads back to itself by the tag <mode>");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
