import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ConfigError, loadConfig, loadFilter, shipped } from "../../lib/config/mod.ts";
import { type Files, load, problemsOf, SHIPPED, withFolder } from "./folder.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

Deno.test("loadConfig of an empty folder gives what is shipped, switched off", async () => {
  const { jails, filters, problems, usable, agent } = await load({});
  assertEquals(problems, []);
  assertEquals(usable, true);
  assertEquals([...jails.keys()], ["web", "login"]);
  assertEquals([...filters.keys()], ["web", "login"]);
  assertEquals([...jails.values()].map(({ enabled }) => enabled), [false, false]);
  assertEquals(agent, {
    journal: {},
    onStop: "keep",
    logLevel: "info",
    widest: { ipv4: 16, ipv6: 32 },
  });
});

Deno.test("loadConfig gives a jail that is only switched on every default", async () => {
  const { jails, problems } = await load({ "jails/a.toml": "[login]\nenabled = true\n" });
  assertEquals(problems, []);
  const { filter, ...settings } = jails.get("login")!;
  assertEquals(filter.name, "login");
  assertEquals(settings, {
    name: "login",
    enabled: true,
    files: [],
    journalmatch: [["_SYSTEMD_UNIT=login.service"]],
    bannedBy: [],
    reports: false,
    ports: ["22"],
    protocol: "tcp",
    maxretry: 5,
    findtime: 10 * MINUTE,
    bantime: 10 * MINUTE,
    increment: undefined,
    ignoreip: [],
    ignoreLookups: [],
    trustLogins: 12 * 60 * MINUTE,
    maxBansPerMinute: Infinity,
    ignoreself: true,
    firewall: "nftables",
    ipv4Prefix: 32,
    ipv6Prefix: 64,
    maxmatches: 5,
    maxTracked: 500_000,
  });
});

Deno.test("loadConfig lets later layers win key by key", async () => {
  const { jails, problems } = await load({
    "banjo.toml": "[defaults]\nmaxretry = 4\nbantime = '1h'\nfindtime = '1h'\n",
    "jails/10-first.toml": "[web]\nenabled = true\nbantime = '2h'\nmaxmatches = 2\n",
    "jails/20-second.toml": "[web]\nmaxmatches = 3\nfindtime = 30\n",
  });
  assertEquals(problems, []);
  const web = jails.get("web")!;
  assertEquals(web.ports, ["80", "443"], "shipped");
  assertEquals(web.maxretry, 4, "[defaults] over what is shipped");
  assertEquals(web.bantime, 120 * MINUTE, "the jail over [defaults]");
  assertEquals(web.findtime, 30_000, "the later file over [defaults]");
  assertEquals(web.maxmatches, 3, "the later file over the earlier");
  assertEquals(web.enabled, true, "the earlier file where the later says nothing");
  assertEquals(jails.get("login")!.maxretry, 4, "[defaults] reach every jail");
});

Deno.test("loadConfig takes the files of jails in the order of their names", async () => {
  const { jails } = await load({
    "jails/b.toml": "[web]\nmaxretry = 2\n",
    "jails/a.toml": "[web]\nmaxretry = 1\n",
    "jails/.hidden.toml": "[web]\nmaxretry = 3\n",
    "jails/z.toml.bak": "[web]\nmaxretry = 4\n",
  });
  assertEquals(jails.get("web")!.maxretry, 2);
});

Deno.test("loadConfig reads a jail with its filter inline", async () => {
  const { jails, problems } = await load({
    "jails/custom.toml": String.raw`
[my-php-app]
enabled     = true
ports       = ["http", "https", 8080, "6000:6010"]
files       = ["/var/log/my.log", "/srv/*/log"]
datepattern = '^{DATE}'
failregex   = ['^\s*<ADDR>\s+\S+\s+Incorrect token used\.']
ignoreregex = '''
  nothing
  at all
'''
maxretry = 10
findtime = "30m"
bantime  = "forever"
ignoreip = ["192.0.2.9/24", "::1", "203.0.113.1, 203.0.113.2"]
firewall = "ufw"
protocol = "all"
`,
  });
  assertEquals(problems, []);
  const { filter, ...jail } = jails.get("my-php-app")!;
  assertEquals(filter.name, "my-php-app");
  assertEquals(filter.failregex, [String.raw`^\s*<ADDR>\s+\S+\s+Incorrect token used\.`]);
  assertEquals(filter.ignoreregex, ["nothing", "at all"]);
  assertEquals(filter.datepattern, ["^{DATE}"]);
  assertEquals(jail.ports, ["80", "443", "8080", "6000-6010"]);
  assertEquals(jail.files, ["/var/log/my.log", "/srv/*/log"]);
  assertEquals(jail.bantime, Infinity);
  assertEquals(jail.maxmatches, 10);
  assertEquals(jail.ignoreip, ["192.0.2.0/24", "::1", "203.0.113.1", "203.0.113.2"]);
  assertEquals([jail.firewall, jail.protocol], ["ufw", "all"]);
});

Deno.test("loadConfig reads ports in every way of writing them", async () => {
  const written = ["'http,https'", "['http', 'https']", "[80, 443]", "'80 443'", "['http,443']"];
  for (const ports of written) {
    const { jails } = await load({ "jails/a.toml": `[web]\nports = ${ports}\n` });
    assertEquals(jails.get("web")!.ports, ["80", "443"], ports);
  }
  const { jails } = await load({ "jails/a.toml": "[web]\nports = 22\n" });
  assertEquals(jails.get("web")!.ports, ["22"]);
  for (const ports of ["[]", "'all'", "['all', 'http']"]) {
    const { jails } = await load({ "jails/a.toml": `[web]\nports = ${ports}\n` });
    assertEquals(jails.get("web")!.ports, [], ports);
  }
});

Deno.test("loadConfig lets a jail replace single keys of its filter", async () => {
  const sample = "[[samples]]\nline = '::1 bad'\nhost = '::1'\n";
  const { jails, filters } = await load({
    "filters/web.toml": `failregex = '^<ADDR> bad'\n${sample}`,
    "jails/a.toml": "[web]\nignoreregex = 'robot'\nlogtimezone = 'Europe/Berlin'\n",
  });
  const { filter } = jails.get("web")!;
  assertEquals(filter.failregex, ["^<ADDR> bad"]);
  assertEquals(filter.ignoreregex, ["robot"]);
  assertEquals(filter.logtimezone, "Europe/Berlin");
  assertEquals(filter.samples, []);
  assertEquals(filters.get("web")!.ignoreregex, []);
  assertEquals(filters.get("web")!.samples.length, 1);
});

Deno.test("loadConfig gives a jail that reads logs and reports its own patterns", async () => {
  const { jails, problems } = await load({
    "jails/a.toml": "[mine]\nfiles = '/log/x'\nfailregex = '^ <ADDR>$'\nreports = true\n" +
      "[other]\nreports = true\n[wrong]\nreports = true\nfailregex = '('\n",
  });
  assertEquals(jails.get("mine")!.filter.failregex, ["^ <ADDR>$"]);
  assertEquals(jails.get("other")!.filter.failregex, []);
  assertEquals(problems.map(({ jail, line }) => [jail, line]), [["wrong", 9]]);
});

Deno.test("loadConfig lets the last layer that names a source name them all", async () => {
  const source = async (lines: string) => {
    const { jails, problems } = await load({ "jails/a.toml": lines });
    assertEquals(problems, []);
    const { files, journalmatch, bannedBy } = [...jails.values()].find(({ enabled }) => enabled)!;
    return { files, journalmatch, bannedBy };
  };
  const none = { files: [], journalmatch: [], bannedBy: [] };
  assertEquals(await source("[login]\nenabled = true\nfiles = '/var/log/auth.log'\n"), {
    ...none,
    files: ["/var/log/auth.log"],
  });
  assertEquals(
    await source("[web]\nenabled = true\njournalmatch = '_SYSTEMD_UNIT=web.service'\n"),
    {
      ...none,
      journalmatch: [["_SYSTEMD_UNIT=web.service"]],
    },
  );
  assertEquals(
    await source(
      "[web]\nenabled = true\njournalmatch = ['_UID=0', '_PID=1', '+', '_UID=7']\nfiles = '/x'\n",
    ),
    { ...none, files: ["/x"], journalmatch: [["_UID=0", "_PID=1"], ["_UID=7"]] },
  );
  assertEquals(await source("[again]\nenabled = true\nbanned_by = '*'\n"), {
    ...none,
    bannedBy: ["*"],
  });
});

Deno.test("loadConfig reads how bans grow", async () => {
  const increment = async (written: string) => {
    const { jails, problems } = await load({
      "jails/a.toml": `[web]\nbantime_increment = ${written}\n`,
    });
    assertEquals(problems, []);
    return jails.get("web")!.increment;
  };
  const defaults = {
    factor: 2,
    maxtime: 35 * DAY,
    rndtime: 0,
    memory: 30 * DAY,
    overalljails: false,
  };
  assertEquals(await increment("false"), undefined);
  assertEquals(await increment("true"), defaults);
  assertEquals(await increment("{}"), defaults);
  assertEquals(
    await increment("{ multipliers = [1, 2.5, 30], maxtime = 'forever', rndtime = '5m' }"),
    { ...defaults, multipliers: [1, 2.5, 30], maxtime: Infinity, rndtime: 5 * MINUTE },
  );
  const { jails } = await load({
    "jails/a.toml": "[web]\nbantime = '1y'\nbantime_increment = true\n",
  });
  assertEquals(jails.get("web")!.increment!.maxtime, jails.get("web")!.bantime);
});

Deno.test("loadConfig lets a filter file replace the shipped filter as a whole", async () => {
  const { filters, jails } = await load({
    "filters/login.toml": `
description = "mine"
failregex = ["^never <ADDR>"]
syslog_identifier = "mine"
[[samples]]
line = "never 192.0.2.1"
host = "192.0.2.1"
time = "2026-11-20T10:00:00"
`,
  });
  assertEquals(filters.get("login"), {
    name: "login",
    description: "mine",
    options: {},
    failregex: ["^never <ADDR>"],
    ignoreregex: [],
    prefregex: undefined,
    maxlines: 1,
    datepattern: [],
    syslogIdentifier: ["mine"],
    journalText: "message",
    journalmatch: [],
    provesLogin: false,
    isForgeable: false,
    usedns: false,
    logtimezone: undefined,
    samples: [
      { line: "never 192.0.2.1", host: "192.0.2.1", time: "2026-11-20T10:00:00Z", match: true },
    ],
  });
  assertEquals(jails.get("login")!.filter, filters.get("login"));
});

Deno.test("loadConfig reads the agent's settings", async () => {
  const { agent, problems } = await load({
    "banjo.toml": `
[agent]
on_stop = "remove"
log_level = "debug"
widest_ipv4_ban = 8
journal = { directory = "/var/log/journal", namespace = "web" }
`,
  });
  assertEquals(problems, []);
  assertEquals(agent, {
    journal: { directory: "/var/log/journal", namespace: "web" },
    onStop: "remove",
    logLevel: "debug",
    widest: { ipv4: 8, ipv6: 32 },
  });
});

Deno.test("loadConfig takes host names and lists in ignoreip, and spelling mistakes for what they are", async () => {
  const { jails, problems } = await load({
    "jails/a.toml":
      "[login]\nignoreip = ['192.0.2.1 Home.example.org', 'file:/etc/friends', 'router']\n",
  });
  assertEquals(problems, []);
  assertEquals(jails.get("login")!.ignoreip, ["192.0.2.1"]);
  assertEquals(jails.get("login")!.ignoreLookups, [
    "home.example.org",
    "file:/etc/friends",
    "router",
  ]);
  for (const wrong of ["192.0.2.256", "192.0.2.0/33", "-x", "file:relative", "a_b", "1.2.3"]) {
    const { problems } = await load({ "jails/a.toml": `[login]\nignoreip = '${wrong}'\n` });
    assertMatch(problems[0]?.message ?? wrong, /^\[login\] ignoreip: cannot read/);
  }
});

Deno.test("loadConfig refuses a jail that would ban wider networks than may be banned", async () => {
  const jail = "[login]\nipv4_prefix = 15\n";
  const { jails, problems } = await load({ "jails/a.toml": jail });
  assertEquals(jails.has("login"), false);
  assertMatch(problems[0]!.message, /^\[login\] ipv4_prefix: wider than \/16, the widest/);
  const wide = await load({ "banjo.toml": "agent.widest_ipv4_ban = 8\n", "jails/a.toml": jail });
  assertEquals(wide.problems, []);
});

Deno.test("loadConfig gives a jail a fuse where what it reads can be forged", async () => {
  const { jails } = await load({
    "jails/a.toml": `
[login]
[anyone]
failregex = "^x <ADDR>"
journalmatch = "SYSLOG_IDENTIFIER=x"
[more]
failregex = "^x <ADDR>"
journalmatch = "SYSLOG_IDENTIFIER=x"
max_bans_per_minute = 7
[strangers]
filter = "open"
[sshd]
[syslog]
filter = "sshd"
files = "/var/log/auth.log"
[imported]
files = "/var/log/auth.log"
[off]
filter = "sshd"
files = "/var/log/auth.log"
max_bans_per_minute = false
[own]
failregex = "^x <ADDR>"
files = "/var/log/app.log"
`,
    "filters/open.toml": "failregex = '^x <ADDR>'\nforgeable = true\n",
    "filters/imported.toml": "failregex = 'x <ADDR>'\njournal_text = 'syslog'\n",
    "filters/sshd.toml":
      "failregex = '^x <ADDR>'\njournalmatch = '_UID=0'\nsyslog_identifier = 'sshd'\n",
  });
  const limitOf = (name: string) => jails.get(name)!.maxBansPerMinute;
  const forged = ["anyone", "more", "strangers", "syslog", "imported"].map(limitOf);
  assertEquals(forged, [60, 7, 60, 60, 60]);
  assertEquals(["login", "sshd", "off", "own"].map(limitOf), Array(4).fill(Infinity));
});

Deno.test("loadConfig says of each wrong setting where it stands and what would be right", async () => {
  const cases: readonly [line: string, column: number, message: string][] = [
    ["enabeld = true", 1, "unknown key `enabeld`: did you mean `enabled`?"],
    ["zzzzzz = 1", 1, "unknown key `zzzzzz`"],
    ["constructor = 1", 1, "unknown key `constructor`"],
    ["enabled = 'yes'", 11, 'enabled: expected true or false: received "yes"'],
    ["maxretry = 'three'", 12, 'maxretry: expected a whole number of at least 1: received "three"'],
    ["maxretry = 0", 12, "maxretry: expected a whole number of at least 1: received 0"],
    ["maxretry = 2.5", 12, "maxretry: expected a whole number of at least 1: received 2.5"],
    ["maxretry = inf", 12, "maxretry: expected a whole number of at least 1: received Infinity"],
    ["ipv6_prefix = 129", 15, "ipv6_prefix: expected a whole number from 1 to 128: received 129"],
    ["ipv4_prefix = 0", 15, "ipv4_prefix: expected a whole number from 1 to 32: received 0"],
    [
      "bantime = '10 minuten'",
      11,
      'bantime: cannot read duration "10 minuten": there is no unit "minuten"; did you mean "minute"?',
    ],
    ["bantime = 0", 11, "bantime: expected a duration longer than nothing: received 0"],
    [
      "bantime = [1]",
      11,
      'bantime: expected a duration such as 600, "10m" or "1d 12h": received a list',
    ],
    ["findtime = 'forever'", 12, 'findtime: expected a duration that ends: received "forever"'],
    [
      "ports = ['ssh', 'htps']",
      17,
      'ports[1]: cannot read port "htps": no service has this name: did you mean "https"?',
    ],
    [
      "ports = 70000",
      9,
      'ports: cannot read port "70000": expected a number from 1 to 65535, a range like 6000-6010, or a name',
    ],
    ["ports = true", 9, "ports: expected a port, as a number or a name: received true"],
    [
      "protocol = 'tcpp'",
      12,
      'protocol: did you mean "tcp"? expected "tcp" or "udp" or "all": received "tcpp"',
    ],
    [
      "firewall = 'nftable'",
      12,
      'firewall: did you mean "nftables"? expected "nftables" or "ufw" or "dry-run": received "nftable"',
    ],
    [
      "ignoreip = ['::1', '192.0.2.0/33']",
      20,
      'ignoreip[1]: cannot read "192.0.2.0/33": expected an address, a network such as 192.0.2.0/24, a host name or file:/PATH',
    ],
    [
      "files = ['log/x']",
      10,
      'files[0]: expected an absolute path, such as /var/log/auth.log: received "log/x"',
    ],
    [
      "files = ['/log/x', '/log/[z-a]*']",
      20,
      "files[1]: cannot read the file pattern: a set in [] is wrong: received /log/[z-a]*",
    ],
    ["files = []", 9, "files: expected at least one"],
    ["filter = 'logn'", 10, "filter: there is no filter `logn`: did you mean `login`?"],
    ["filter = 1979-05-27T07:32:00Z", 10, "filter: expected a string: received a date"],
    ["banned_by = ['*', 'logn']", 19, "banned_by: there is no jail `logn`: did you mean `login`?"],
    ["banned_by = 'web'", 13, "banned_by: a jail cannot count its own bans"],
    ["logtimezone = 'Mars'", 15, 'logtimezone: there is no zone "Mars"'],
    ["failregex = ['^<ADDR> x', '<ADDR> (']", 27, "failregex 2: "],
    ["failregex = 'no address'", 13, "failregex 1: it does not say who failed"],
    ["failregex = []", 13, "failregex: a filter needs at least one"],
    ["ignoreregex = '['", 15, "ignoreregex 1: "],
    ["datepattern = ['{DATE}', '%Q']", 26, "datepattern %Q: "],
    [
      "bantime_increment = 3",
      21,
      "bantime_increment: expected true, false or a table: received 3",
    ],
    [
      "bantime_increment = { fctor = 2 }",
      23,
      "bantime_increment.fctor: unknown key `fctor`: did you mean `factor`?",
    ],
    [
      "bantime_increment = { factor = 0 }",
      32,
      "bantime_increment.factor: expected a number of at least 1: received 0",
    ],
    [
      "bantime_increment = { maxtime = '1m' }",
      33,
      "bantime_increment.maxtime: it is shorter than bantime",
    ],
    ["logpath = '/x'", 1, "unknown key `logpath`: banjo calls it `files`"],
    ["port = 'ssh'", 1, "unknown key `port`: banjo calls it `ports`"],
    ["banaction = 'ufw'", 1, "unknown key `banaction`: banjo calls it `firewall`"],
    ["backend = 'systemd'", 1, "unknown key `backend`: `files` reads log files"],
    ["action = 'x'", 1, "unknown key `action`: `firewall` says where bans go"],
    [
      "bantime.increment = true",
      9,
      "unknown key `bantime.increment`: banjo calls it `bantime_increment`",
    ],
    [
      "'bantime.factor' = 2",
      1,
      "unknown key `bantime.factor`: banjo calls it `factor`, in `bantime_increment`",
    ],
  ];
  for (const [line, column, message] of cases) {
    const files = { "jails/a.toml": `[login]\nenabled = true\n[web]\n${line}\n` };
    const found = await problemsOf(files);
    assertEquals(found.length, 1, `${line}\n${found.join("\n")}`);
    assertStringIncludes(found[0]!, `jails/a.toml:4:${column}: [web] ${message}`);
    const { jails, problems, usable } = await load(files);
    assertEquals([...jails.keys()], ["login"], `${line}: one bad jail does not stop the good ones`);
    assertEquals(problems[0]!.jail, "web");
    assertEquals(usable, true);
  }
});

Deno.test("loadConfig says what a jail as a whole lacks", async () => {
  const problem = async (text: string) => (await problemsOf({ "jails/a.toml": text })).join("\n");
  assertEquals(
    await problem("[wep]\nenabled = true\n"),
    "jails/a.toml:1:2: [wep] a jail needs `filter` or `failregex`; did you mean [web]?",
  );
  assertEquals(
    await problem("[mine]\nenabled = true\nfilter = 'web'\n"),
    "jails/a.toml:1:2: [mine] nothing to read: the jail needs `files`, `journalmatch`, `banned_by` or `reports`",
  );
  assertEquals(
    await problem("[mine]\nenabled = true\nfilter = 'web'\nfiles = '/x'\nbanned_by = '*'\n"),
    "jails/a.toml:5:13: [mine] banned_by: it stands in place of `files` and `journalmatch`",
  );
  assertEquals(await problem("[mine]\nfilter = 'web'\n"), "", "what is off needs no source yet");
});

Deno.test("loadConfig says what is wrong with a jail file as a whole", async () => {
  const problem = async (text: string) => (await problemsOf({ "jails/a.toml": text })).join("\n");
  assertEquals(
    await problem("enabled = true\n"),
    "jails/a.toml:1:1: `enabled` stands outside of any jail: write [NAME-OF-THE-JAIL] above it",
  );
  assertStringIncludes(
    await problem("[DEFAULT]\nmaxretry = 3\n"),
    "a.toml:1:2: [DEFAULT] is no jail",
  );
  assertStringIncludes(await problem("['a b']\n"), 'a.toml:1:2: "a b" is no name for a jail');
  assertEquals(
    await problem("[[web]]\nmaxretry = 3\n"),
    "jails/a.toml:1:3: [web] expected a table: received a list",
  );
  assertStringIncludes(await problem("[web"), "jails/a.toml:1:5: Cannot read TOML");
});

Deno.test("loadConfig refuses names that would be lost in the state, of jails and of options", async () => {
  for (const name of ["__proto__", "prototype", "constructor"]) {
    const taken =
      `no option can be called __proto__, prototype, constructor: JavaScript has taken these`;
    assertEquals(
      await problemsOf({
        "filters/a.toml": `failregex = '<ADDR>'\noptions = { ${name} = "x" }\n`,
        "jails/a.toml": `[${name}]\n[web]\nfilter = { name = "web", ${name} = "x" }\n`,
      }),
      [
        `filters/a.toml:2:11: options: ${taken}`,
        `jails/a.toml:1:2: [${name}] is no name for a jail: JavaScript has taken it: choose another`,
        `jails/a.toml:3:10: [web] filter: ${taken}`,
      ],
    );
  }
});

Deno.test("loadConfig keeps the good files beside bad ones", async () => {
  const { jails, filters, problems, usable } = await load({
    "jails/a.toml": "this is no TOML",
    "jails/b.toml": new Uint8Array([0x5b, 0xff, 0x5d]),
    "jails/c.toml": "# " + "x".repeat(1024 * 1024),
    "jails/d.toml/file": "",
    "jails/e.toml": `x = ${"[".repeat(100_000)}`,
    "jails/good.toml": "[web]\nenabled = true\n",
    "filters/bad.toml": "failregex = 5",
  });
  assertEquals(jails.get("web")!.enabled, true);
  assertEquals([...filters.keys()], ["web", "login"]);
  assertEquals(problems.map(({ severity }) => severity), Array(6).fill("error"));
  assertStringIncludes(problems.find(({ file }) => file.endsWith("/b.toml"))!.message, "not UTF-8");
  assertStringIncludes(
    problems.find(({ file }) => file.endsWith("/c.toml"))!.message,
    "1048578 bytes",
  );
  assertStringIncludes(
    problems.find(({ file }) => file.endsWith("/d.toml"))!.message,
    "no regular file",
  );
  assertEquals(usable, true);
});

Deno.test("loadConfig leaves out jails whose filter file is wrong, and does not fall back", async () => {
  const files = { "filters/web.toml": "failregex = ['<ADDR> (']\nsampels = []\n" };
  const { jails, filters } = await load(files);
  assertEquals([...jails.keys()], ["login"]);
  assertEquals([...filters.keys()], ["login"]);
  assertEquals(await problemsOf(files), [
    "filters/web.toml:2:1: unknown key `sampels`: did you mean `samples`?",
    "(shipped) jails/web.toml:1:2: [web] filter: the filter `web` has errors",
  ]);
});

Deno.test("loadConfig tells which jails with errors may be meant to run, as far as they say how", async () => {
  const good = "files = ['/var/log/a']\nfailregex = '^ <ADDR>$'\n";
  const { broken, isWhole, jails } = await load({
    "banjo.toml": "[defaults]\nfirewall = 'dry-run'\n",
    "filters/web.toml": "failregex = ['<ADDR> (']\n",
    "jails/a.toml": "[web]\nenabled = true\n" +
      `[typo]\nenabled = true\nmaxretry = 'one'\nipv6_prefix = 48\n${good}` +
      `[unclear]\nenabeld = true\n${good}` +
      `[off]\nenabled = false\nmaxretry = 'one'\n${good}` +
      `[never]\n${good}banned_by = ['web']\n`,
  });
  assertEquals([...broken.keys()].toSorted(), ["typo", "unclear", "web"]);
  assertEquals(isWhole, true);
  assertEquals([...jails.keys()], ["login", "never"]);
  const { name, enabled, files, ports, ipv6Prefix, firewall } = broken.get("typo")!;
  assertEquals([name, enabled, files, ports, ipv6Prefix, firewall], [
    "typo",
    false,
    [],
    [],
    48,
    "dry-run",
  ]);
});

Deno.test("loadConfig tells where there may be jails whose names are not known", async () => {
  const isWhole = async (files: Files) => (await load(files)).isWhole;
  assertEquals(await isWhole({}), true);
  assertEquals(await isWhole({ "jails/a.toml": "[web]\nmaxretry = 0\n" }), true);
  assertEquals(await isWhole({ "filters/a.toml": "[" }), true);
  for (const text of ["[web", "enabled = true\n", "['a b']\nenabled = true\n"]) {
    assertEquals(await isWhole({ "jails/a.toml": text }), false, text);
  }
});

Deno.test("loadConfig places the faults of a filter file", async () => {
  const cases: readonly [text: string, problem: string][] = [
    ["failregex = [\n  '^<ADDR>',\n  '<ADDR> (',\n]\n", "3:3: failregex 2: "],
    ["description = 'x'\n", "1:1: failregex: a filter needs at least one"],
    ["failregex = '<ADDR>'\nprefregex = '('\n", "2:13: prefregex: "],
    [
      "failregex = '<ADDR>'\n[[samples]]\nline = 'x'\n",
      "2:3: samples[0]: expected either `host` or `match = false` in a sample",
    ],
    [
      "failregex = '<ADDR>'\n[[samples]]\nhost = '192.0.2.1'\n",
      "2:3: samples[0]: expected either `line` or `message` in a sample",
    ],
    [
      "failregex = '<ADDR>'\n[[samples]]\nlnie = 'x'\nmatch = false\n",
      "3:1: samples[0].lnie: unknown key `lnie`: did you mean `line`?",
    ],
    [
      "failregex = '<ADDR>'\n[[samples]]\nline = 'x'\nhost = '::1'\ntime = 'noon'\n",
      "5:8: samples[0].time: expected a time such as",
    ],
  ];
  for (const [text, problem] of cases) {
    const [first = ""] = await problemsOf({ "filters/mine.toml": text });
    assertEquals(
      first.slice(0, `filters/mine.toml:${problem}`.length),
      `filters/mine.toml:${problem}`,
    );
  }
});

Deno.test("loadConfig finds a configuration with a faulty banjo.toml unusable as a whole", async () => {
  const cases: readonly [text: string, problem: string][] = [
    ["[defaults", "banjo.toml:1:10: Cannot read TOML"],
    [
      "[defaults]\nmaxretri = 3\n",
      "banjo.toml:2:1: [defaults] unknown key `maxretri`: did you mean `maxretry`?",
    ],
    ["[defualts]\n", "banjo.toml:1:2: unknown key `defualts`: did you mean `defaults`?"],
    [
      "[sshd]\nenabled = true\n",
      "banjo.toml:1:2: [sshd] is no part of banjo.toml: a jail belongs in a file in jails/",
    ],
    ["maxretry = 3\n", "banjo.toml:1:1: unknown key `maxretry`"],
    ["defaults = 3\n", "banjo.toml:1:12: [defaults] expected a table: received 3"],
    ["[agent]\nlog_level = 'loud'\n", "banjo.toml:2:13: [agent] log_level: expected"],
    [
      "[agent]\njournal = { dir = '/x' }\n",
      "banjo.toml:2:13: [agent] journal.dir: unknown key `dir`",
    ],
    [
      "[agent]\nloglevel = 'debug'\n",
      "banjo.toml:2:1: [agent] unknown key `loglevel`: banjo calls it `log_level`",
    ],
  ];
  for (const [text, problem] of cases) {
    const files = { "banjo.toml": text };
    assertStringIncludes((await problemsOf(files)).join("\n"), problem);
    assertEquals((await load(files)).usable, false, text);
  }
});

Deno.test("loadConfig puts the fault of a value from [defaults] where it was written", async () => {
  assertEquals(
    await problemsOf({ "banjo.toml": "[defaults]\nlogtimezone = 'Mars'\n" }).then((found) =>
      found.map((problem) => problem.slice(0, 56))
    ),
    [
      'banjo.toml:2:15: [web] logtimezone: there is no zone "Mars"'.slice(0, 56),
      'banjo.toml:2:15: [login] logtimezone: there is no zone "Mars"'.slice(0, 56),
    ],
  );
});

Deno.test("loadConfig that reads no more than needed gives the same enabled jails", async () => {
  const configurations = [
    { "jails/a.toml": "[sshd]\nenabled = true\n[recidive]\nenabled = true" },
    { "jails/a.toml": '[shop]\nenabled = true\nfilter = "nginx-404"\nfiles = "/var/log/shop.log"' },
    { "banjo.toml": "[defaults]\nenabled = true" },
    { "banjo.toml": '[defaults]\nfilter = "sshd"', "jails/a.toml": "[x]\nenabled = true" },
    { "jails/a.toml": "[nginx-40]\nenabled = true" },
  ];
  for (const files of configurations) {
    await withFolder(files, async (dir) => {
      const whole = await loadConfig(dir);
      const lean = await loadConfig(dir, { isLean: true });
      const enabled = ({ jails }: typeof whole) =>
        [...jails.values()].filter(({ enabled }) => enabled);
      // Samples show what a filter does, and are of no use to one who runs it.
      const used = enabled(whole).map((jail) => ({
        ...jail,
        filter: shipped.filters[jail.filter.name] === undefined
          ? jail.filter
          : { ...jail.filter, samples: [] },
      }));
      assertEquals(enabled(lean), used);
      assertEquals(lean.problems.length > 0, whole.problems.length > 0);
    });
  }
});

Deno.test("loadConfig that is asked for one filter gives it as it is among all, and reads no other that is shipped", async () => {
  const files = {
    "filters/own.toml": "failregex = '^<ADDR> own'",
    "filters/sshd.toml": "failregex = '^<ADDR> mine'",
  };
  await withFolder(files, async (dir) => {
    const whole = await loadConfig(dir);
    for (
      const [filter, names] of Object.entries({
        "nginx-404": ["nginx-404", "own", "sshd"],
        sshd: ["own", "sshd"],
        own: ["own", "sshd"],
        toString: ["own", "sshd"],
      })
    ) {
      const { filters } = await loadConfig(dir, { filter });
      assertEquals([...filters.keys()].sort(), names);
      const wanted = whole.filters.get(filter);
      assertEquals(filters.get(filter), wanted && { ...wanted, samples: [] });
    }
  });
});

Deno.test("loadConfig lets overrides win over every layer", async () => {
  await withFolder({ "jails/a.toml": "[web]\nmaxretry = 2\n" }, async (dir) => {
    const overrides = ["maxretry=3", "bantime=1h", "ports=[22]", "ignoreself=false"];
    const { jails, problems } = await loadConfig(dir, { shipped: SHIPPED, overrides });
    assertEquals(problems, []);
    for (const { maxretry, bantime, ports, ignoreself } of jails.values()) {
      assertEquals([maxretry, bantime, ports, ignoreself], [3, 60 * MINUTE, ["22"], false]);
    }
    const wrong = await loadConfig(dir, { shipped: SHIPPED, overrides: ["maxretri=3"] });
    assertStringIncludes(wrong.problems[0]!.message, "did you mean `maxretry`?");
  });
});

Deno.test("loadConfig puts what a jail lacks where the jail is, whatever comes on top", async () => {
  const files = { "banjo.toml": "[defaults]\nmaxretry = 2\n", "jails/a.toml": "\n[mine]\n" };
  await withFolder(files, async (dir) => {
    const { problems } = await loadConfig(dir, { shipped: SHIPPED, overrides: ["maxretry=3"] });
    assertEquals(problems.map(({ file, line }) => ({ file, line })), [
      { file: `${dir}/jails/a.toml`, line: 2 },
    ]);
  });
});

Deno.test("loadFilter reads one file, named like it", async () => {
  await withFolder({ "good.toml": "failregex = '^<ADDR>'", "bad.toml": "" }, async (dir) => {
    const good = await loadFilter(`${dir}/good.toml`);
    assertEquals([good.filter?.name, good.filter?.failregex, good.problems], [
      "good",
      ["^<ADDR>"],
      [],
    ]);
    const bad = await loadFilter(`${dir}/bad.toml`);
    assertEquals([bad.filter, bad.problems.length], [undefined, 1]);
  });
});

Deno.test("loadConfig refuses what everyone can write: a file, a folder, all of it", async () => {
  const files = { "banjo.toml": "", "jails/a.toml": "[web]\nenabled = true\n" };
  await withFolder(files, async (dir) => {
    for (const path of ["jails/a.toml", "jails"]) {
      const { mode } = await Deno.stat(`${dir}/${path}`);
      await Deno.chmod(`${dir}/${path}`, mode! | 0o002);
      const { jails, problems } = await loadConfig(dir, { shipped: SHIPPED });
      assertEquals(problems.map(({ severity, file }) => ({ severity, file })), [
        { severity: "error", file: `${dir}/${path}` },
      ]);
      assertMatch(problems[0]!.message, /everyone can write it: run `chmod o-w` on it$/);
      assertEquals(jails.get("web")!.enabled, false);
      await Deno.chmod(`${dir}/${path}`, mode!);
    }
    await Deno.chmod(`${dir}/banjo.toml`, 0o666);
    assertEquals((await loadConfig(dir, { shipped: SHIPPED })).usable, false);
    await Deno.chmod(dir, 0o777);
    await assertRejects(() => loadConfig(dir), ConfigError, "everyone can write it");
  });
});

Deno.test("loadConfig warns of a journalmatch that any local user can satisfy", async () => {
  const warnings = async (match: string) =>
    (await load({ "jails/a.toml": `[login]\nenabled = true\njournalmatch = '${match}'\n` }))
      .problems;
  for (
    const match of [
      "SYSLOG_IDENTIFIER=sshd",
      "_COMM=sshd",
      "_UID=0 + _COMM=sshd",
      "_TRANSPORT=syslog",
    ]
  ) {
    const [warning, ...others] = await warnings(match);
    assertEquals([warning?.severity, warning?.jail, others], ["warning", "login", []], match);
  }
  for (const match of ["_SYSTEMD_UNIT=ssh.service", "_UID=0 _COMM=sshd", "_TRANSPORT=kernel"]) {
    assertEquals(await warnings(match), [], match);
  }
});

Deno.test("loadConfig names a folder that is missing, or none", async () => {
  await assertRejects(() => loadConfig("/nonexistent/banjo"), ConfigError, "/nonexistent/banjo");
  await assertRejects(() => loadConfig("/etc/passwd"), ConfigError, "/etc/passwd");
});

Deno.test("loadConfig never crashes on a table of any shape", async () => {
  const key = fc.constantFrom(
    ...["enabled", "filter", "failregex", "files", "journalmatch", "banned_by", "ports", "bantime"],
    ...["bantime_increment", "ignoreip", "logtimezone", "datepattern", "constructor", "__proto__"],
    ...["factor", "multipliers", "increment", "samples", "line", "", "é"],
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.constantFrom("<HOST>", "(", "10m", "ssh", "::1", "_A=b", "*", "/x"),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const table = fc.dictionary(key, value, { maxKeys: 6 });
  await fc.assert(
    fc.asyncProperty(table, table, table, async (jail, defaults, filter) => {
      const { problems } = await load({
        "banjo.toml": `[defaults]\n${pairs(defaults)}`,
        "jails/a.toml": `[web]\n${pairs(jail)}`,
        "filters/f.toml": pairs(filter),
      });
      return problems.every(({ line, column, message }) =>
        line >= 1 && column >= 1 && message !== "" && !message.startsWith("Cannot read TOML")
      );
    }),
    { numRuns: 150 },
  );
});

/** A table's pairs in TOML. */
function pairs(table: Readonly<Record<string, unknown>>): string {
  return Object.entries(table).map(([key, value]) => `${quoted(key)} = ${toToml(value)}\n`).join(
    "",
  );
}

function toToml(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(toToml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return numberOrFlag(value);
  return `{ ${
    Object.entries(value).map(([key, each]) => `${quoted(key)} = ${toToml(each)}`).join(", ")
  } }`;
}

function numberOrFlag(value: unknown): string {
  if (typeof value !== "number" || Number.isInteger(value)) {
    return Object.is(value, -0) ? "0" : String(value).replace(/^(\d)e/, "$1.0e");
  }
  return Number.isFinite(value)
    ? value.toExponential()
    : String(value).replace("Infinity", "inf").toLowerCase();
}

/** A basic string: TOML has JSON's escapes, but for U+007F, which must be escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\x7f", "\\u007f");
}

const FRONT = `failregex = ["<list-<mode>>"]
[options]
mode = "normal"
limit = 3
list-normal = ['^refused <ADDR>$']
list-strict = ["<list-normal>", '^probe <ADDR>$']
`;

Deno.test("loadConfig lets a jail set its filter's options, in either form", async () => {
  const { jails, filters, problems } = await load({
    "filters/front.toml": FRONT,
    "jails/a.toml": "[one]\nfilter = 'front[mode=strict, limit=\"4\"]'\n" +
      "[two]\nfilter = { name = 'front', mode = 'strict', limit = 4 }\n" +
      "[front]\n",
  });
  assertEquals(problems, []);
  const optionsOf = (name: string) => {
    const { mode, limit } = jails.get(name)!.filter.options;
    return `${mode} ${limit}`;
  };
  assertEquals(["one", "two", "front"].map(optionsOf), ["strict 4", "strict 4", "normal 3"]);
  assertEquals(jails.get("front")!.filter, filters.get("front"));
});

Deno.test("loadConfig says where an option is unknown, impossible or badly named", async () => {
  assertEquals(
    await problemsOf({
      "filters/front.toml": FRONT,
      "filters/odd.toml": "failregex = ['<ADDR>']\n[options]\nMode = 1\n",
      "jails/a.toml": "[one]\nfilter = 'front[mod=strict]'\n" +
        "[two]\nfilter = { name = 'front', lim = 4 }\n" +
        "[three]\nfilter = 'front[mode=harsh]'\n" +
        "[four]\nfilter = 'front[mode'\n",
    }),
    [
      "filters/odd.toml:3:8: options.Mode: expected a name in lower case, as mode or list-normal, for an option: received 1",
      `jails/a.toml:8:10: [four] filter: cannot read "front[mode": expected a filter's name, or NAME[OPTION=VALUE, ...]`,
      "jails/a.toml:2:10: [one] filter: the filter `front` has no option `mod`: did you mean `mode`?",
      "jails/a.toml:4:34: [two] filter: the filter `front` has no option `lim`: did you mean `limit`?",
      "jails/a.toml:6:10: [three] failregex 1: option mode: there is no option list-harsh: mode can be normal, strict: received <list-<mode>>",
    ],
  );
});
