/** `banjo import`, run as a program: configurations as people have them come over, pass the check, and ban. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { TestAgent } from "../agent.ts";
import { banjo } from "../banjo.ts";

/** What the package's own jail.conf has of what these configurations refer to, in few words. */
const JAIL_CONF = `
[DEFAULT]
bantime = 10m
findtime = 10m
maxretry = 5
maxmatches = %(maxretry)s
backend = auto
usedns = warn
enabled = false
mode = normal
filter = %(__name__)s[mode=%(mode)s]
protocol = tcp
chain = <known/chain>
port = 0:65535
banaction = iptables-multiport
action_ = %(banaction)s[port="%(port)s", protocol="%(protocol)s", chain="%(chain)s"]
action = %(action_)s
[unused]
logpath = /var/log/unused.log
`;

Deno.test("six jails in custom.conf with ufw come over together, and ban", async () => {
  const names = ["404", "4xx", "noscript", "badbots", "forbidden", "botsearch"];
  const filter = (path: string, status: string) =>
    "[Definition]\n" +
    `failregex = ^<HOST> - \\S+ \\[\\] "(?:GET|POST|HEAD) ${path}[^"]*" ${status} \\d+\n` +
    "ignoreregex = favicon\\.ico\n";
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.d/custom.conf": "[DEFAULT]\nbanaction = ufw\n" + names.map((name) => `
[nginx-${name}]
enabled = true
port = http,https
filter = nginx-${name}
logpath = LOGS/access.log
maxretry = 2
`).join(""),
    ...Object.fromEntries(
      names.map((name) => [`filter.d/nginx-${name}.conf`, filter(`/${name}`, "404")]),
    ),
  });
  const line = (host: string, path: string, second: number) =>
    `${host} - - [20/Nov/2026:10:00:0${second} +0000] "GET ${path} HTTP/1.1" 404 153\n`;
  await test.log(
    "access.log",
    line("192.0.2.7", "/404", 0) + line("192.0.2.7", "/404?x", 1) +
      line("192.0.2.8", "/404", 2) + line("192.0.2.8", "/404/favicon.ico", 3) +
      line("192.0.2.9", "/badbots", 4) + line("192.0.2.9", "/badbots", 5),
  );
  const { json } = await test.import();
  assertEquals(
    json.jails.map(({ name }: { name: string }) => name),
    names.map((n) => `nginx-${n}`),
  );
  assertEquals(json.files.toSorted(), [
    "banjo.toml",
    ...names.map((name) => `filters/nginx-${name}.toml`).sort(),
    "jails/custom.toml",
  ]);
  assertStringIncludes(await test.read("banjo.toml"), 'firewall = "ufw"');
  assertEquals(await test.bans(), ["nginx-404 192.0.2.7", "nginx-badbots 192.0.2.9"]);
});

Deno.test("a drastic DEFAULT holds for every jail, and for those that are added later", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local":
      "[DEFAULT]\nbantime = 1d\nmaxretry = 1\nignoreip = 127.0.0.1/8 10.0.0.0/8, 192.0.2.0/24\n\thome.example.org file:/etc/friends\n" +
      "[login]\nenabled = true\nlogpath = LOGS/app.log\n",
    "filter.d/login.conf": "[Definition]\nfailregex = ^\\s*login failed from <HOST>$\n",
  });
  await test.log(
    "app.log",
    "2026-11-20 10:00:00 login failed from 192.0.2.7\n" +
      "2026-11-20 10:00:00 login failed from 198.51.100.7\n",
  );
  const { code, json } = await test.import();
  assertEquals([code, json.notes, json.problems], [0, [], []]);
  assertEquals(
    (await test.read("banjo.toml")).split("\n").filter((line) => /^\w/.test(line)),
    [
      "maxretry = 1",
      'findtime = "10m"',
      'bantime = "1d"',
      'ignoreip = ["127.0.0.1/8", "10.0.0.0/8", "192.0.2.0/24", "home.example.org", "file:/etc/friends"]',
      'firewall = "nftables"',
    ],
  );
  assertEquals(await test.bans(), ["login 198.51.100.7"]);
});

Deno.test("a filter for Caddy's JSON comes over with the jail's own figures", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.d/caddy.local":
      "[caddy404]\nenabled = true\nport = http,https\nbantime = 1440m\nmaxretry = 3\nfindtime = 30\n" +
      "logpath = LOGS/*.log\n",
    "filter.d/caddy404.conf":
      '[Definition]\nfailregex = ^.*"remote_ip":"<HOST>".*"status":\\s?404\ndatepattern = "ts":{EPOCH}\n',
  });
  const line = (host: string, time: number) =>
    `{"level":"info","ts":${time}.25,"request":{"remote_ip":"${host}"},"status":404}\n`;
  const start = 1_795_168_800;
  await test.log(
    "caddy.log",
    [0, 1, 2].map((n) => line("192.0.2.7", start + n)).join("") +
      [0, 20, 40].map((n) => line("192.0.2.8", start + 2 + n)).join(""),
  );
  await test.import();
  const text = await test.read("jails/caddy.toml");
  for (const key of ['bantime = "1440m"', 'findtime = "30s"', "maxretry = 3"]) {
    assertStringIncludes(text, key);
  }
  assertEquals(await test.bans(), ["caddy404 192.0.2.7"]);
});

Deno.test("a datepattern without any code of a date means none, and is noted", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[caddy-status]\nenabled = true\nlogpath = LOGS/*.log\n",
    "filter.d/caddy-status.conf":
      '[Definition]\nfailregex = ^.*"remote_ip":"<HOST>",.*?"status":(?:401|403|500),.*$\n' +
      "datepattern = LongEpoch\n",
  });
  const { code, json } = await test.import();
  const notes = json.filters.flatMap(({ notes }: { notes: { message: string }[] }) => notes);
  assertEquals([code, json.refused, notes.length], [3, [], 1]);
  assertStringIncludes(notes[0]!.message, "LongEpoch has no code of a date");
  assertStringIncludes(await test.read("filters/caddy-status.toml"), 'datepattern = ["{NONE}"]');
});

Deno.test("a filter with two choices of options comes over twice, the second called like its jail", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": ["one", "two"].map((zone) =>
      `[limit-${zone}]\nenabled = true\nfilter = limit[zone=${zone}]\nlogpath = LOGS/*.log\n`
    ).join(""),
    "filter.d/limit.conf":
      "[Definition]\nzone = any\nfailregex = ^limiting, zone <zone>, client <HOST>$\n",
  });
  const { code, json } = await test.import();
  const names = json.filters.map(({ name }: { name: string }) => name);
  assertEquals([code, names], [0, ["limit", "limit-two"]]);
  assertStringIncludes(await test.read("filters/limit-two.toml"), "zone two");
});

Deno.test("what the configuration does not say is as fail2ban has it", async () => {
  await using test = await Folders.create({
    "jail.conf": "[nginx-404]\nenabled = true\nlogpath = LOGS/*.log\naction = iptables[port=80]\n",
    "filter.d/nginx-404.conf": "[Definition]\nfailregex = ^ <HOST> 404$\n",
  });
  await test.import();
  const text = await test.read("banjo.toml");
  for (const key of ["maxretry = 3", 'findtime = "10m"', 'bantime = "10m"']) {
    assertStringIncludes(text, key);
  }
});

Deno.test("a jail with patterns of its own and datepattern = ^{DATE} comes over", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local":
      "[my-php-app]\nenabled = true\nport = http,https\nlogpath = LOGS/php.log\nmaxretry = 2\n" +
      "findtime = 30m\nbantime = 1h\nfilter = my-php-app\n",
    "filter.d/my-php-app.conf":
      "[Definition]\nfailregex = ^\\s*<ADDR>\\s+\\S+\\s+Incorrect token used\\.\ndatepattern = ^{DATE}\n",
  });
  const line = (second: number, text: string) => `2026-11-20 10:00:0${second} ${text}\n`;
  await test.log(
    "php.log",
    line(0, "192.0.2.7 alice Incorrect token used.") + line(1, "192.0.2.8 bob Token accepted.") +
      line(2, "192.0.2.7 alice Incorrect token used."),
  );
  const { code } = await test.import();
  assertEquals(code, 0);
  assertStringIncludes(await test.read("filters/my-php-app.toml"), 'datepattern = ["^{DATE}"]');
  assertEquals(await test.bans(), ["my-php-app 192.0.2.7"]);
});

Deno.test("what cannot come over is said with its place, and the rest comes", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[good]\nenabled = true\nlogpath = LOGS/x.log\nignorecommand = /bin/true <ip>\n" +
      'action = %(action_)s\n  sendmail-whois[name=x, dest="root@localhost"]\n' +
      "[bad]\nenabled = true\nlogpath = LOGS/x.log\nbantime = %(nothing)s\n" +
      "[worse]\nenabled = true\nlogpath = LOGS/x.log\n",
    "filter.d/good.conf": "[Definition]\nfailregex = ^bad (?P<x>a++) from <HOST>$\n   ^x <HOST>$\n",
    "filter.d/bad.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
    "filter.d/worse.conf": "[Definition]\nfailregex = <a>\na = <b>\nb = <a>\n",
  });
  const { code, json } = await test.import();
  assertEquals(code, 3);
  assertEquals(json.jails.map(({ name }: { name: string }) => name), ["good"]);
  const [{ notes }] = json.jails;
  assertEquals(notes.map(({ place }: { place: { line: number } }) => place.line).toSorted(), [
    4,
    5,
  ]);
  assert(notes.every(({ message, advice }: Record<string, string>) => message && advice));
  assertEquals(
    json.refused.map((
      { name, place, message }: Record<string, { file: string; line: number }>,
    ) => [name, place!.file.replace(/.*\//, ""), place!.line, message]),
    [
      [
        "bad",
        "jail.local",
        10,
        "`bantime` needs %(nothing)s, which is defined nowhere: define it in the section or in [DEFAULT]",
      ],
      [
        "worse",
        "worse.conf",
        2,
        "`failregex` leads back to itself by the tag <a>: give that another value",
      ],
    ],
  );
});

Deno.test("what [DEFAULT] has all jails do is told once, also where it speaks of the jail's log", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[DEFAULT]\nbanaction = ufw\naction = %(action_mwl)s\n" +
      'action_mwl = %(action_)s\n  sendmail-whois-lines[logpath="%(logpath)s"]\n' +
      "[one]\nenabled = true\nlogpath = LOGS/1.log\n" +
      "[two]\nenabled = true\nlogpath = LOGS/2.log\n",
    "filter.d/one.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
    "filter.d/two.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
  });
  const { json } = await test.import();
  const messagesOf = ({ notes }: { notes: { message: string }[] }) =>
    notes.map(({ message }) => message.replace(/ did not.*/, ""));
  assertEquals(messagesOf(json), ["the action `sendmail-whois-lines`"]);
  assertEquals(json.jails.map(messagesOf), [[], []]);
  assertStringIncludes(await test.read("banjo.toml"), '\nfirewall = "ufw"\n');
});

Deno.test("each pattern that cannot come over is told with its own line, or all of them where none is left", async () => {
  const faulty = [
    "  ^(?P<x>a)(?P=y) from <HOST>$", // line 3
    "  %(__twice)s",
    "  # a comment",
    "  ^no address$",
  ].join("\n");
  const filter = (first: string) =>
    `[Definition]\nfailregex = ${first}\n${faulty}\n__twice = ^<F-USER>a</F-USER> <F-USER>b</F-USER> <HOST>$\n` +
    "  ^(?<!a|bc)x <HOST>$\n";
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[DEFAULT]\nenabled = true\nlogpath = LOGS/x.log\n[some]\n[none]\n[prefix]\n",
    "filter.d/some.conf": filter("^x <HOST>$"),
    "filter.d/none.conf": filter(""),
    "filter.d/prefix.conf": filter("^x <HOST>$") +
      "prefregex = ^\\S+ <F-CONTENT>.*</F-CONTENT><F-CONTENT>x</F-CONTENT>$\n",
  });
  const { json } = await test.import("--jails", "some,none,prefix");
  assertEquals(json.jails.map(({ name }: { name: string }) => name), ["some"]);
  const { notes } = json.filters[0];
  const lines = (pattern: RegExp) =>
    notes.filter(({ message }: { message: string }) => pattern.test(message))
      .map(({ place }: { place: { line: number } }) => place.line);
  assertEquals(lines(/./).toSorted(), [3, 4, 4, 6]);
  assertEquals([lines(/"\(\?P=y\)"/), lines(/address/), lines(/"\(\?<!"/)], [[3], [6], [4]]);
  const [none, prefix] = json.refused;
  assertEquals([none.place.file, none.place.line], [`${test.base}/filter.d/none.conf`, 3]);
  for (const line of [4, 6]) {
    assertStringIncludes(none.message, `; ${test.base}/filter.d/none.conf:${line}: `);
  }
  assertEquals([prefix.place.file, prefix.place.line], [`${test.base}/filter.d/prefix.conf`, 9]);
  for (const line of [3, 4]) {
    assertStringIncludes(prefix.message, `; ${test.base}/filter.d/prefix.conf:${line}: `);
  }
});

Deno.test("names that banjo does not take are cleaned, and the bans come over to them", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[DEFAULT]\nlogpath = LOGS/x.log\n" +
      ["wp-login", "wp.login", "wp login", "...", "agent", "__proto__"].map((name) =>
        `[${name}]\nenabled = true\nfilter = my login\n`
      ).join("") + "[sub]\nenabled = true\nfilter = sub/dir.v2\n" +
      "[out]\nenabled = true\nfilter = ../action.d/x\n",
    "fail2ban.conf": "[Definition]\ndbfile = LOGS/fail2ban.sqlite3\n",
    "filter.d/my login.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
    "filter.d/sub/dir.v2.conf": "[Definition]\nfailregex = ^y <HOST>$\n",
  });
  const now = Math.floor(Date.now() / 1000);
  makeDatabase(`${test.logs}/fail2ban.sqlite3`, [["192.0.2.7", "wp.login", now - 60, 3600, 1]]);
  const { json } = await test.import("--with-bans", "--state", `${test.folder}/state`);
  assertEquals(
    json.jails.map(({ name, original, filter, notes }: Record<string, unknown>) => [
      name,
      original,
      filter,
      (notes as unknown[]).length,
    ]),
    [
      ["wp-login", "wp-login", "my-login", 0],
      ["wp-login-2", "wp.login", "my-login", 1],
      ["wp-login-3", "wp login", "my-login", 1],
      ["jail", "...", "my-login", 1],
      ["jail-agent", "agent", "my-login", 1],
      ["jail-__proto__", "__proto__", "my-login", 1],
      ["sub", "sub", "sub-dir.v2", 0],
    ],
  );
  assertEquals(json.refused.map(({ name }: { name: string }) => name), ["out"]);
  assertStringIncludes(json.jails[1].notes[0].message, "the jail wp.login is called wp-login-2");
  assertStringIncludes(json.filters[0].notes[0].message, "the filter my login has another name");
  assertEquals([json.bans.live, json.bans.left], [1, []]);
  const { jails } = JSON.parse(await Deno.readTextFile(`${test.folder}/state/state.json`));
  assertEquals(Object.keys(jails), ["wp-login-2"]);
});

Deno.test("a mode that the filter does not have is noted with those that it has, or refused where nothing is left", async () => {
  const filter = (more: string) =>
    `[Definition]\nmode = normal\nfailregex = <mdre-<mode>>\n${more}\n` +
    "mdre-normal = ^a <HOST>$\nmdre-ddos = ^b <HOST>$\nmdre-ddos-other = ^c <HOST>$\n";
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local":
      "[DEFAULT]\nenabled = true\nmode = bogus\nlogpath = LOGS/x.log\n[some]\n[none]\n" +
      "[html]\n",
    "filter.d/some.conf": filter("  ^z <HOST>$"),
    "filter.d/none.conf": filter(""),
    // What only looks like one is a part of the line.
    "filter.d/html.conf": "[Definition]\nfailregex = ^<h-1> <HOST>$\nh-2 = x\n",
  });
  const { code, json } = await test.import("--jails", "some,none,html");
  assertEquals([code, json.jails.map(({ name }: { name: string }) => name)], [3, ["some", "html"]]);
  const fault = "`mode = bogus` asks for <mdre-bogus>, which the filter does not have: " +
    "set `mode` to normal or ddos";
  assertEquals(
    json.filters.flatMap(({ notes }: { notes: unknown[] }) => notes),
    [{
      place: { file: `${test.base}/filter.d/some.conf`, line: 3 },
      message: `a failregex was left out: ${fault}`,
      advice: "correct `mode`, or leave it out",
    }],
  );
  assertEquals(json.refused.map(({ name, message }: Record<string, string>) => [name, message]), [
    ["none", fault],
  ]);
  const text = await test.read("filters/some-bogus.toml");
  assertStringIncludes(text, '\nfailregex = ["^z <HOST>$"]');
});

Deno.test("a jail whose findtime or bantime is nothing is refused, for banjo would refuse it", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local": "[DEFAULT]\nenabled = true\nfilter = any\nlogpath = LOGS/x.log\n" +
      "[good]\n[soon]\nfindtime = 0\n[short]\nbantime = 0m\n",
    "filter.d/any.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
  });
  const { code, json } = await test.import("--jails", "good,soon,short");
  assertEquals([code, json.jails.map(({ name }: { name: string }) => name)], [3, ["good"]]);
  assertEquals(
    json.refused.map(({ place, message }: Record<string, { line: number }>) => [
      place!.line,
      message,
    ]),
    [
      [7, "`findtime` must be longer than nothing: received 0"],
      [9, "`bantime` must be longer than nothing: received 0m"],
    ],
  );
});

Deno.test("only the jails that are named come over, and nothing is replaced", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF +
      "[one]\nlogpath = LOGS/x.log\n[two]\nenabled = true\nlogpath = LOGS/x.log\n",
    "filter.d/one.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
    "filter.d/two.conf": "[Definition]\nfailregex = ^x <HOST>$\n",
  });
  const { json } = await test.import("--jails", "one");
  assertEquals(json.jails.map((jail: Record<string, unknown>) => [jail.name, jail.enabled]), [
    ["one", false],
  ]);
  const before = await test.read("banjo.toml");
  const again = await banjo(["import", test.base, "--out", test.out]);
  assertEquals(again.code, 2);
  assertStringIncludes(again.stderr, `${test.out}/banjo.toml is there already`);
  assertEquals(await test.read("banjo.toml"), before);
});

Deno.test("a folder that makes no sense is wrong usage, said with file and line", async () => {
  await using test = await Folders.create({ "jail.conf": "[DEFAULT]\nbantime = 1\n[x\n" });
  const { code, stderr } = await banjo(["import", test.base, "--out", test.out]);
  assertEquals([code, stderr.trim()], [
    2,
    `banjo: Cannot import ${test.base}/jail.conf:3: expected [section] or \`name = value\`: ` +
    "indent the line if it continues a value",
  ]);
  const missing = await banjo(["import", `${test.base}/none`, "--out", test.out]);
  assertEquals(missing.code, 2);
  assertEquals((await banjo(["import", test.base])).code, 2);
});

Deno.test("an agent starts with fail2ban's bans in force, and remembers past ones", async () => {
  await using test = await Folders.create({
    "jail.conf": JAIL_CONF,
    "jail.local":
      "[DEFAULT]\nbantime.increment = true\n[login]\nenabled = true\nlogpath = LOGS/app.log\n",
    "fail2ban.conf": "[Definition]\ndbfile = LOGS/fail2ban.sqlite3\ndbpurgeage = 2d\n",
    "filter.d/login.conf": "[Definition]\nfailregex = ^\\s*login failed from <HOST>$\n",
  });
  const now = Math.floor(Date.now() / 1000);
  const bans: [string, string, number, number, number][] = [
    ["192.0.2.7", "login", now - 60, 3600, 3],
    ["192.0.2.8", "login", now - 7200, 600, 2],
    ["192.0.2.9", "login", now - 60, -1, 1],
    ["2001:db8::7", "login", now - 60, 3600, 1],
    ["a name", "login", now - 60, 3600, 1],
    ["192.0.2.777", "gone", now - 60, 3600, 1],
    ["192.0.2.10", "gone", now - 60, 3600, 1],
    ["192.0.2.11", "login", now - 900_000, 600, 9],
  ];
  makeDatabase(`${test.logs}/fail2ban.sqlite3`, bans);
  await test.log("app.log", "");
  const before = await Deno.readFile(`${test.logs}/fail2ban.sqlite3`);
  await using agent = await TestAgent.create({ config: {} });
  await Deno.remove(agent.config, { recursive: true });
  const { code, json } = await test.import("--with-bans", "--state", agent.state);
  assertEquals([code, json.bans.live, json.bans.remembered], [3, 3, 1]);
  assertEquals(
    json.bans.left.map(({ id, message, advice }: Record<string, string>) => [id, message, advice])
      .toSorted(),
    [
      [
        "192.0.2.10",
        "no jail gone came over that is switched on",
        "bring the jail along, or ban by hand: banjo ban 192.0.2.10 --for 1d",
      ],
      ["192.0.2.777", "192.0.2.777 is no address", "if it stands for one, ban that by hand"],
      ["a name", "a name is no address", "if it stands for one, ban that by hand"],
    ],
  );
  assertEquals(await Deno.readFile(`${test.logs}/fail2ban.sqlite3`), before);

  const config = (await test.read("banjo.toml")).replace('"nftables"', '"dry-run"');
  await Deno.mkdir(agent.config);
  await new Deno.Command("cp", { args: ["-r", `${test.out}/.`, agent.config] }).output();
  await Deno.writeTextFile(`${agent.config}/banjo.toml`, config);
  await agent.run();
  const found = await agent.query("bans");
  assertEquals(found.map(({ host, until }) => [host, until]).toSorted(), [
    ["192.0.2.7", new Date((now + 3540) * 1000).toISOString()],
    ["192.0.2.9", null],
    ["2001:db8::/64", new Date((now + 3540) * 1000).toISOString()],
  ]);
  await agent.stop();
  const { memory } = JSON.parse(await Deno.readTextFile(`${agent.state}/state.json`));
  assertEquals(
    memory.login.map(([host, { bans }]: [string, { bans: number }]) => [host, bans]).toSorted(),
    [
      ["192.0.2.7", 3],
      ["192.0.2.8", 2],
      ["192.0.2.9", 1],
      ["2001:db8::/64", 1],
    ],
  );

  const words = ["import", test.base, "--out", `${test.out}2`, "--with-bans"];
  const again = await banjo([...words, "--state", agent.state]);
  assertEquals(again.code, 2);
  assertStringIncludes(again.stderr, "banjo has a state there already");
});

/** A database as fail2ban 1.0 and later have it, as far as bans go. */
function makeDatabase(path: string, bans: readonly [string, string, number, number, number][]) {
  const database = new DatabaseSync(path);
  const columns = "timeofban INTEGER, bantime INTEGER, bancount INTEGER, data JSON";
  database.exec(`CREATE TABLE bips(ip TEXT, jail TEXT, ${columns}, PRIMARY KEY(ip, jail))`);
  database.exec(`CREATE TABLE bans(jail TEXT, ip TEXT, ${columns})`);
  const data = JSON.stringify({ matches: ["a line", ["", "10:00:00", " another"]], failures: 5 });
  for (const [ip, jail, ...rest] of bans) {
    database.prepare("INSERT INTO bips VALUES (?,?,?,?,?,?)").run(ip, jail, ...rest, data);
    database.prepare("INSERT INTO bans VALUES (?,?,?,?,?,?)").run(jail, ip, ...rest, data);
  }
  database.close();
}

/** A configuration of fail2ban's, a folder for logs, and where the import goes. */
class Folders implements AsyncDisposable {
  readonly base: string;
  readonly out: string;
  readonly logs: string;

  private constructor(readonly folder: string) {
    this.base = `${folder}/fail2ban`;
    this.out = `${folder}/banjo`;
    this.logs = `${folder}/logs`;
  }

  /** `LOGS` in a text is the folder for logs. */
  static async create(files: Readonly<Record<string, string>>): Promise<Folders> {
    const test = new Folders(await Deno.makeTempDir());
    await Deno.mkdir(test.logs);
    for (const [name, text] of Object.entries(files)) {
      const path = `${test.base}/${name}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, text.replaceAll("LOGS", test.logs));
    }
    return test;
  }

  async log(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.logs}/${name}`, text);
  }

  async import(...words: readonly string[]) {
    const { code, json, stderr } = await banjo([
      "import",
      this.base,
      "--out",
      this.out,
      "--json",
      ...words,
    ]);
    assertEquals(stderr, "");
    const check = await banjo(["check", "--config", this.out]);
    assertEquals(check.code, 0, check.stdout);
    return { code, json: json[0]! };
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(`${this.out}/${name}`);
  }

  /** Whom the jails would have banned: `JAIL HOST`. */
  async bans(): Promise<string[]> {
    const { json } = await banjo(["simulate", "--config", this.out, "--since", "100y", "--json"]);
    return json.filter(({ event }) => event === "ban").map(({ jail, host }) => `${jail} ${host}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
